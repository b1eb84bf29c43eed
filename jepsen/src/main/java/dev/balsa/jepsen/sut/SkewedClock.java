package dev.balsa.jepsen.sut;

import dev.balsa.raft.Clock;
import java.time.Duration;

/**
 * A node's clock that the harness can set wrong: it may jump, and run faster or slower than the
 * machine's. Thread-safe.
 */
final class SkewedClock implements Clock {
  /**
   * The machine's time stands for another one, which goes on at a rate of its own.
   *
   * @param origin the machine's time, in nanoseconds
   * @param shown what the clock showed at that moment
   * @param rate nanoseconds shown for each one of the machine's
   */
  private record Reading(long origin, long shown, double rate) {
    long at(long machine) {
      long passed = machine - origin;
      return shown + (rate == 1 ? passed : (long) (passed * rate));
    }
  }

  private final Clock machine;
  private volatile Reading reading;

  SkewedClock(Clock machine) {
    this.machine = machine;
    this.reading = right();
  }

  private Reading right() {
    long now = machine.nanoTime();
    return new Reading(now, now, 1);
  }

  @Override
  public long nanoTime() {
    // The reading first: a time that is older than its origin would be shown too far back.
    Reading present = reading;
    return present.at(machine.nanoTime());
  }

  /** Jumps, and goes on at the same rate. */
  synchronized void jump(Duration by) {
    long now = machine.nanoTime();
    reading = new Reading(now, reading.at(now) + by.toNanos(), reading.rate());
  }

  /**
   * Goes on at another rate, without a jump.
   *
   * @param rate nanoseconds for each one of the machine's; positive
   */
  synchronized void run(double rate) {
    long now = machine.nanoTime();
    reading = new Reading(now, reading.at(now), rate);
  }

  /** Shows the machine's time again: a jump back by all that it was ahead. */
  synchronized void reset() {
    reading = right();
  }
}
