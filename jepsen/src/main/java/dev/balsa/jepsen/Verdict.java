package dev.balsa.jepsen;

import java.util.List;

/**
 * What a run has shown.
 *
 * @param status the verdict
 * @param problems what is wrong, or what was not seen; a sentence each
 */
record Verdict(Status status, List<String> problems) {
  /** The verdict in a word. */
  enum Status {
    /** All promises were kept, and enough was seen to say so. */
    VALID(0),
    /** A promise was broken. */
    INVALID(1),
    /** Nothing was broken, but too little was seen. */
    UNKNOWN(2);

    private final int exitCode;

    Status(int exitCode) {
      this.exitCode = exitCode;
    }

    int exitCode() {
      return exitCode;
    }
  }

  Verdict {
    problems = List.copyOf(problems);
  }

  /**
   * A verdict.
   *
   * @param broken promises that were broken
   * @param missing what was to be seen and was not
   */
  static Verdict of(List<String> broken, List<String> missing) {
    if (!broken.isEmpty()) {
      return new Verdict(Status.INVALID, broken);
    }
    return new Verdict(missing.isEmpty() ? Status.VALID : Status.UNKNOWN, missing);
  }
}
