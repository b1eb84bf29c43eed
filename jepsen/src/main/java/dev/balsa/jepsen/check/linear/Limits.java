package dev.balsa.jepsen.check.linear;

import java.time.Duration;

/**
 * How much is spent before it is said that something could not be decided.
 *
 * @param perKey time for one object
 * @param total time for all of them
 * @param configurations how many are kept for one object
 * @param bytes about how much memory they may take
 */
public record Limits(Duration perKey, Duration total, long configurations, long bytes) {
  /** Enough for 400 operations a key by 20 processes, within half a minute and 2 GB. */
  public static final Limits DEFAULT =
      new Limits(Duration.ofSeconds(10), Duration.ofSeconds(60), 3_000_000, 600L << 20);
}
