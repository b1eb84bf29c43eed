package dev.balsa.fsm;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far the scrub is, which reads every page once in a while.
 *
 * @param pages read in the present pass
 * @param pagesTotal that it will read, as far as it was known when it began; 0 if there is none
 * @param passes completed since the node's start
 * @param lastCompleted when the last of them ended; null if none has
 */
public record ScrubStatus(
    long pages, long pagesTotal, long passes, @Nullable Instant lastCompleted) {
  /** Nothing has been read yet. */
  static final ScrubStatus NONE = new ScrubStatus(0, 0, 0, null);

  ScrubStatus begun(long total) {
    return new ScrubStatus(0, total, passes, lastCompleted);
  }

  ScrubStatus read(int more) {
    return new ScrubStatus(pages + more, pagesTotal, passes, lastCompleted);
  }

  ScrubStatus completed(Instant now) {
    return new ScrubStatus(pages, pagesTotal, passes + 1, now);
  }
}
