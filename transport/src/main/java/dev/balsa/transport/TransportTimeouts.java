package dev.balsa.transport;

import java.time.Duration;

/**
 * How long the transport waits for what.
 *
 * @param connect for a TCP connection to be made
 * @param handshake for the other side to say who it is
 * @param idle a link on which nothing is heard for this long, pings notwithstanding, is dead
 * @param backoffMin the wait before the first new attempt to reach a peer; it doubles from one
 *     attempt to the next, and every wait is shortened by a random part of up to a half
 * @param backoffMax the longest such wait
 */
public record TransportTimeouts(
    Duration connect, Duration handshake, Duration idle, Duration backoffMin, Duration backoffMax) {

  /** Connect 1 s, handshake 2 s, idle 3 s, backoff from 50 ms to 1 s. */
  public static final TransportTimeouts DEFAULT =
      new TransportTimeouts(
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(3),
          Duration.ofMillis(50),
          Duration.ofSeconds(1));

  /** Checks the bounds. */
  public TransportTimeouts {
    atLeastOneMilli("connect", connect);
    atLeastOneMilli("handshake", handshake);
    atLeastOneMilli("idle", idle);
    atLeastOneMilli("backoffMin", backoffMin);
    if (backoffMax.compareTo(backoffMin) < 0) {
      throw new IllegalArgumentException(
          "backoff from " + backoffMin + " to " + backoffMax + " is not a range");
    }
  }

  private static void atLeastOneMilli(String name, Duration value) {
    if (value.toMillis() < 1 || value.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("timeout " + name + " of " + value);
    }
  }
}
