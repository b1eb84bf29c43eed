package dev.balsa.bench.load;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes forces of a disk take longer, by waiting after each, as on a slower disk: no processor is
 * used meanwhile. A process is told how long by a system property.
 *
 * @param nanos how much longer a force takes; 0 for not at all
 */
public record ForceDelay(long nanos) {
  private static final String MICROS = "balsa.bench.force.micros";

  /** What this process was told; nothing is none. */
  public static ForceDelay ofThisProcess() {
    return new ForceDelay(TimeUnit.MICROSECONDS.toNanos(Long.getLong(MICROS, 0)));
  }

  /** The JVM's argument that tells a process. */
  public static String toArgument(long micros) {
    return "-D" + MICROS + "=" + micros;
  }

  /** Waits, after a force. The scheduler may add some 50 microseconds. */
  public void await() {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** As a remark on a process's settings; empty if there is none. */
  public String toText() {
    return nanos == 0
        ? ""
        : "; each force takes " + TimeUnit.NANOSECONDS.toMicros(nanos) + " us longer";
  }
}
