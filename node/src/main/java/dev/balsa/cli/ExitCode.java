package dev.balsa.cli;

/**
 * Exit codes of all commands, but those of a node that does not start: see {@link
 * dev.balsa.node.StartFailure}. They are documented in {@code balsa --help} and never change their
 * meaning. The script {@code balsa} itself adds 3 (no JDK or no Maven) and 4 (the build failed).
 */
final class ExitCode {
  /** Done, and well. */
  static final int OK = 0;

  /** Done, and the answer is no: a demo that failed. */
  static final int NO = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  /** The node has failed while it ran. */
  static final int NODE_FAILED = 20;

  /** No node answers at the address. */
  static final int NO_ANSWER = 21;

  /** A defect of the program. */
  static final int DEFECT = 70;

  private ExitCode() {}
}
