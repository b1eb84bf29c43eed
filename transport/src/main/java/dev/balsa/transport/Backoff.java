package dev.balsa.transport;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before a peer is dialled again. */
final class Backoff {
  private Backoff() {}

  /**
   * Doubles from {@code backoffMin} to {@code backoffMax}; a random part of up to a half is taken
   * off, so that nodes that lost each other at the same moment do not dial in step.
   *
   * @param failures how many attempts have failed before, from 0
   */
  static Duration wait(TransportTimeouts timeouts, int failures, RandomGenerator random) {
    long max = timeouts.backoffMax().toNanos();
    long wait = timeouts.backoffMin().toNanos();
    for (int i = 0; i < failures && wait < max; i++) {
      wait = Math.min(max, wait * 2);
    }
    return Duration.ofNanos(wait - (long) (random.nextDouble() * wait / 2));
  }
}
