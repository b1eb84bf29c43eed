package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import java.util.ArrayDeque;

/**
 * The writes to the log that are not yet known durable, and the last index that each makes durable.
 *
 * <p>Why an acknowledgement names a write and not an index: a follower writes index 8 for one
 * leader (write 1), has it superseded by another leader's (write 2), and hears that write 1 is
 * durable. Index 8 as it stands now is not. So a truncation lowers what the writes before it are
 * worth, and write 1 then makes index 7 durable at most.
 */
final class PendingWrites {
  private final ArrayDeque<Write> pending = new ArrayDeque<>();
  private final Decisions decisions;
  private long lastNumber;

  PendingWrites(Decisions decisions) {
    this.decisions = decisions;
  }

  private static final class Write {
    final long number;
    long lastIndex;

    Write(long number, long lastIndex) {
      this.number = number;
      this.lastIndex = lastIndex;
    }
  }

  PendingWrites(PendingWrites from) {
    decisions = from.decisions;
    for (Write write : from.pending) {
      pending.add(new Write(write.number, write.lastIndex));
    }
    lastNumber = from.lastNumber;
  }

  /** Of the numbers, only the order. */
  void describe(StateSink sink) {
    sink.number("pending", pending.size());
    for (Write write : pending) {
      sink.number("lastIndex", write.lastIndex);
    }
  }

  /** How many writes are to become durable until that one and all before it are. */
  int pendingUpTo(long number) {
    int count = 0;
    for (Write write : pending) {
      count += write.number <= number ? 1 : 0;
    }
    return count;
  }

  /** Whether everything that was handed to the log is durable. */
  boolean isEmpty() {
    return pending.isEmpty();
  }

  /** The number that the next write will have. */
  long nextNumber() {
    return lastNumber + 1;
  }

  /** Starts a write after which the log is durable up to {@code lastIndex}; returns its number. */
  long start(long lastIndex) {
    lastNumber++;
    pending.add(new Write(lastNumber, lastIndex));
    return lastNumber;
  }

  /** The log's entries at and above that index are superseded. */
  void truncateFrom(long index) {
    for (Write write : pending) {
      write.lastIndex = decisions.worthAfterTruncation(write.lastIndex, index);
    }
  }

  /**
   * All writes up to that number are durable.
   *
   * @return the last index which that makes durable, 0 if nothing was pending
   */
  long durable(long number) {
    Invariant.check(number <= lastNumber, "write %s of %s is durable", number, lastNumber);
    long index = 0;
    while (!pending.isEmpty() && pending.getFirst().number <= number) {
      index = Math.max(index, pending.removeFirst().lastIndex);
    }
    return index;
  }
}
