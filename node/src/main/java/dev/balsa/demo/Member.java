package dev.balsa.demo;

import org.jspecify.annotations.Nullable;

/** A node through all its lives, as the supervisor knows it. Owned by the supervisor's thread. */
final class Member {
  final long node;
  final int port;

  /** Its present life; null while it is dead. */
  @Nullable NodeProcess process;

  /** What it said last in its present life, or in its last one. */
  NodeReport report = NodeReport.NONE;

  /** Since when it is ready; null while it is not. */
  @Nullable Long readyNanos;

  /** When it shall die; null if not yet known. */
  @Nullable Long dieNanos;

  /** When it shall start again, while it is dead. */
  long restartNanos;

  /** Lives begun. */
  long boots;

  /** Times that it was killed. */
  int deaths;

  /** Whether its death was asked for: by us, so that it is expected. */
  boolean dying;

  /** Whether it was closed in good order, at the end of the run. */
  boolean closed;

  /** Rows acknowledged in earlier lives. */
  long rowsBefore;

  Member(long node, int port) {
    this.node = node;
    this.port = port;
  }

  /** Up and caught up. */
  boolean fit() {
    return process != null && readyNanos != null && !dying;
  }

  /** No process of it runs. */
  boolean gone() {
    return process == null;
  }

  long rows() {
    return rowsBefore + report.rows();
  }

  /** Begins a life. */
  void begin(NodeProcess life) {
    process = life;
    report = NodeReport.NONE;
    readyNanos = null;
    dieNanos = null;
    dying = false;
  }

  /** Ends a life. */
  void end(long restart) {
    rowsBefore += report.rows();
    report =
        new NodeReport(
            false,
            false,
            report.role(),
            report.term(),
            report.commit(),
            report.applied(),
            report.last(),
            0,
            0,
            0,
            report.databaseBytes(),
            report.logBytes());
    process = null;
    readyNanos = null;
    dieNanos = null;
    dying = false;
    restartNanos = restart;
  }

  DemoScreen.NodeLine line() {
    String state = null;
    if (process == null) {
      state = closed ? "closed" : "dead";
    } else if (readyNanos == null) {
      state = "starting";
    }
    return new DemoScreen.NodeLine(
        node, process == null ? 0 : process.pid(), state, report, rows(), deaths);
  }
}
