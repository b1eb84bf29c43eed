package dev.balsa.raft.log;

import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.rollcycles.RollCycleArithmetic;

/**
 * Makes Chronicle roll when we say so, and not by the clock: its current cycle is a counter of
 * ours. Used by the appending thread alone.
 */
final class SizeRollCycle implements RollCycle {
  /** Names of files. Chronicle takes a cycle for a second. */
  static final String FORMAT = "yyyyMMdd-HHmmss'R'";

  private static final RollCycleArithmetic ARITHMETIC = RollCycleArithmetic.of(2048, 16);

  private int cycle;

  SizeRollCycle(int cycle) {
    this.cycle = cycle;
  }

  void rollTo(int next) {
    cycle = next;
  }

  @Override
  public int current(TimeProvider time, long epoch) {
    return cycle;
  }

  @Override
  public String format() {
    return FORMAT;
  }

  @Override
  public int lengthInMillis() {
    return 1000;
  }

  @Override
  public int defaultIndexCount() {
    return ARITHMETIC.indexCount();
  }

  @Override
  public int defaultIndexSpacing() {
    return ARITHMETIC.indexSpacing();
  }

  @Override
  public long toIndex(int ofCycle, long sequenceNumber) {
    return ARITHMETIC.toIndex(ofCycle, sequenceNumber);
  }

  @Override
  public long toSequenceNumber(long index) {
    return ARITHMETIC.toSequenceNumber(index);
  }

  @Override
  public int toCycle(long index) {
    return ARITHMETIC.toCycle(index);
  }

  @Override
  public long maxMessagesPerCycle() {
    return ARITHMETIC.maxMessagesPerCycle();
  }
}
