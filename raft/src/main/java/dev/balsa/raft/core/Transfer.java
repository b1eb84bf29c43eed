package dev.balsa.raft.core;

/** A transfer of leadership that is under way (thesis 3.10). */
final class Transfer {
  /** The number of one that nobody has asked for. */
  static final long OWN = 0;

  final long number;
  final long target;
  private int elapsedTicks;
  private boolean told;

  Transfer(long number, long target) {
    this.number = number;
    this.target = target;
  }

  Transfer(Transfer from) {
    number = from.number;
    target = from.target;
    elapsedTicks = from.elapsedTicks;
    told = from.told;
  }

  void describe(StateSink sink, int timeoutTicks) {
    sink.number("number", number);
    sink.node("target", target);
    sink.clock("elapsedTicks", elapsedTicks);
    sink.flag("timeoutDue", elapsedTicks + 1 >= timeoutTicks);
    sink.flag("told", told);
  }

  /** Counts a tick; the number so far. */
  int tick() {
    elapsedTicks++;
    return elapsedTicks;
  }

  /** Whether the target was told to stand, since the last {@link #tellAgain}. */
  boolean isTold() {
    return told;
  }

  void told() {
    told = true;
  }

  void tellAgain() {
    told = false;
  }
}
