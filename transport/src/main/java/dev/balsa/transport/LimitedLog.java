package dev.balsa.transport;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Warnings that strangers can provoke: each kind is told at once and then at most once a minute
 * with the number of times, and all kinds together at most {@value #LINES_MAX} times in ten
 * seconds. On the loop.
 */
final class LimitedLog {
  static final int LINES_MAX = 20;
  private static final long REPEAT_NANOS = 60_000_000_000L;
  private static final long WINDOW_NANOS = 10_000_000_000L;
  private static final int KINDS_MAX = 64;

  private static final class Kind {
    long toldAtNanos;
    long untold;
  }

  private final Logger logger;
  private final LongSupplier nanoClock;
  private final Map<String, Kind> kinds =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kind> eldest) {
          return size() > KINDS_MAX;
        }
      };
  private long windowStartNanos;
  private int windowLines;
  private long untold;

  LimitedLog(Logger logger, LongSupplier nanoClock) {
    this.logger = logger;
    this.nanoClock = nanoClock;
    windowStartNanos = nanoClock.getAsLong();
  }

  /**
   * Tells a line, or counts it.
   *
   * @param kind what makes two lines the same
   */
  void warn(String kind, String line) {
    long now = nanoClock.getAsLong();
    if (now - windowStartNanos >= WINDOW_NANOS) {
      if (untold > 0) {
        logger.warn("{} more connections were closed or refused", untold);
      }
      windowStartNanos = now;
      windowLines = 0;
      untold = 0;
    }
    Kind known = kinds.get(kind);
    if (known != null && now - known.toldAtNanos < REPEAT_NANOS) {
      known.untold++;
      return;
    }
    if (windowLines == LINES_MAX) {
      untold++;
      return;
    }
    windowLines++;
    if (known == null) {
      known = new Kind();
      kinds.put(kind, known);
    }
    if (known.untold > 0) {
      logger.warn("{} (and {} times more before)", line, known.untold);
    } else {
      logger.warn("{}", line);
    }
    known.toldAtNanos = now;
    known.untold = 0;
  }
}
