package dev.balsa.bench.sql;

import dev.balsa.bench.sql.SqlReport.Gap;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * When there were acknowledgements, as slots of time with at least one. Each thread of a load has
 * one of its own, so that they do not get into each other's way; in the end they are put together.
 */
final class Gaps {
  /** So fine are gaps measured. */
  static final long SLOT_NANOS = 50_000;

  private final long fromNanos;
  private final int slots;
  private final BitSet acknowledged;

  /** From one {@link System#nanoTime} to another. */
  Gaps(long fromNanos, long toNanos) {
    this.fromNanos = fromNanos;
    slots = Math.toIntExact((toNanos - fromNanos) / SLOT_NANOS);
    acknowledged = new BitSet(slots);
  }

  /** There was an acknowledgement; one outside of the time is not counted. */
  void acknowledged(long nanoTime) {
    long slot = Math.floorDiv(nanoTime - fromNanos, SLOT_NANOS);
    if (slot >= 0 && slot < slots) {
      acknowledged.set((int) slot);
    }
  }

  void add(Gaps other) {
    acknowledged.or(other.acknowledged);
  }

  /** The longest times without an acknowledgement, the longest first. */
  List<Gap> longest(int most) {
    List<Gap> gaps = new ArrayList<>();
    int from = acknowledged.nextClearBit(0);
    while (from < slots) {
      int next = acknowledged.nextSetBit(from);
      int to = next < 0 ? slots : next;
      gaps.add(new Gap(fromNanos + from * SLOT_NANOS, (to - from) * SLOT_NANOS));
      if (gaps.size() > 1000) {
        keepLongest(gaps, most);
      }
      from = acknowledged.nextClearBit(to);
    }
    keepLongest(gaps, most);
    return List.copyOf(gaps);
  }

  private static void keepLongest(List<Gap> gaps, int most) {
    gaps.sort(Comparator.comparingLong(Gap::nanos).reversed());
    gaps.subList(Math.min(most, gaps.size()), gaps.size()).clear();
  }
}
