package dev.balsa.jepsen.check;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a checker has found.
 *
 * @param checker its name, such as {@code list-append}
 * @param validity the verdict
 * @param anomalies what is wrong; empty unless {@link Validity#INVALID}
 * @param missing why it is {@link Validity#UNKNOWN}, a sentence each; else empty
 * @param facts what was counted, in the order in which it is to be shown
 */
public record Finding(
    String checker,
    Validity validity,
    List<Anomaly> anomalies,
    List<String> missing,
    Map<String, Object> facts) {
  /** The verdict. */
  public enum Validity {
    /** Nothing is wrong. */
    VALID,
    /** Something is wrong. */
    INVALID,
    /** Nothing wrong was seen, but too little was seen, or it could not be decided. */
    UNKNOWN;

    /** As in {@code results.json}, such as {@code valid}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Something that must not be.
   *
   * @param type its name, such as {@code G-single-realtime}
   * @param explanation for people, lines of text
   * @param ops indexes of the events that show it, in the order of the explanation
   * @param cycle the cycle of transactions; empty if it is none
   */
  public record Anomaly(String type, String explanation, List<Integer> ops, List<Edge> cycle) {
    /** Copies the lists. */
    public Anomaly {
      ops = List.copyOf(ops);
      cycle = List.copyOf(cycle);
    }
  }

  /**
   * An edge of a cycle: the one must come before the other.
   *
   * @param from index of the event that completes the first transaction
   * @param to of the second one
   * @param kind {@code ww}, {@code wr}, {@code rw}, {@code realtime} or {@code process}
   * @param reason for people, one sentence
   */
  public record Edge(int from, int to, String kind, String reason) {}

  /** Copies the lists. */
  public Finding {
    anomalies = List.copyOf(anomalies);
    missing = List.copyOf(missing);
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    if (anomalies.isEmpty() == (validity == Validity.INVALID)
        || missing.isEmpty() == (validity == Validity.UNKNOWN)) {
      throw new IllegalArgumentException(validity + " of " + anomalies + " and " + missing);
    }
  }

  /** The finding that follows from what is wrong and what is missing. */
  public static Finding of(
      String checker, List<Anomaly> anomalies, List<String> missing, Map<String, Object> facts) {
    if (!anomalies.isEmpty()) {
      return new Finding(checker, Validity.INVALID, anomalies, List.of(), facts);
    }
    return new Finding(
        checker, missing.isEmpty() ? Validity.VALID : Validity.UNKNOWN, anomalies, missing, facts);
  }
}
