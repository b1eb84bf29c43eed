package dev.balsa.jepsen.check.linear;

import java.time.Duration;

/** What may still be spent on a search. Used by one thread. */
final class Budget {
  private static final int STEPS_BETWEEN_LOOKS = 1024;

  private final Limits limits;
  private final Duration time;
  private final long deadlineNanos;
  private int steps;

  private Budget(Limits limits, Duration time) {
    this.limits = limits;
    this.time = time;
    this.deadlineNanos = System.nanoTime() + time.toNanos();
  }

  static Budget of(Limits limits, Duration time) {
    return new Budget(limits, time);
  }

  /** A time, or what is left of this budget's if that is less. */
  Duration atMost(Duration wanted) {
    Duration left = Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
    return wanted.compareTo(left) < 0 ? wanted : left;
  }

  boolean isOver() {
    return System.nanoTime() - deadlineNanos >= 0;
  }

  /** Why the search has to stop; empty if it may go on. */
  String exceeded(Configurations configurations) {
    if (configurations.size() >= limits.configurations()) {
      return "gave up after " + configurations.size() + " configurations";
    }
    if (configurations.bytes() >= limits.bytes()) {
      return "gave up with " + (configurations.bytes() >> 20) + " MiB of configurations";
    }
    steps++;
    if (steps % STEPS_BETWEEN_LOOKS == 0 && isOver()) {
      return "gave up after " + time.toMillis() + " ms";
    }
    return "";
  }
}
