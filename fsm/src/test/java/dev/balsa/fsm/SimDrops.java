package dev.balsa.fsm;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether what clients were told of a database that is dropped now and then can be true: nothing
 * comes back from before a drop, and nothing is gone without one.
 */
final class SimDrops {
  private final List<SimOperation> drops;
  private final Map<Long, SimOperation> inserts = new HashMap<>();

  private SimDrops(List<SimOperation> operations) {
    drops =
        operations.stream()
            .filter(op -> op.kind.equals("drop"))
            .filter(op -> op.outcome != SimOperation.Outcome.NOT_APPLIED)
            .toList();
    for (SimOperation operation : operations) {
      if (operation.transaction != 0) {
        inserts.put(operation.transaction, operation);
      }
    }
  }

  /**
   * Throws if not.
   *
   * @param left what is there in the end
   */
  static void check(List<SimOperation> operations, Set<Long> left) {
    SimDrops drops = new SimDrops(operations);
    for (SimOperation operation : operations) {
      Set<Long> seen = operation.rows;
      if (seen != null && operation.outcome == SimOperation.Outcome.ACKNOWLEDGED) {
        drops.checkSeen(seen, operation.begun, operation.ended, operation.toString());
      }
    }
    drops.checkSeen(left, Long.MAX_VALUE - 1, Long.MAX_VALUE, "the end");
  }

  private void checkSeen(Set<Long> seen, long begun, long ended, String by) {
    for (SimOperation insert : inserts.values()) {
      boolean acknowledged = insert.outcome == SimOperation.Outcome.ACKNOWLEDGED;
      if (seen.contains(insert.transaction)) {
        require(
            insert.outcome != SimOperation.Outcome.NOT_APPLIED,
            "told not to be applied, and there: " + insert + ", seen by " + by);
        require(
            drops.stream().noneMatch(drop -> isBetween(insert, drop, begun)),
            "dropped, and there: " + insert + ", seen by " + by);
      } else if (acknowledged && insert.ended < begun) {
        require(
            drops.stream().anyMatch(drop -> drop.begun < ended && drop.ended > insert.begun),
            "acknowledged, and not there: " + insert + ", not seen by " + by);
      }
    }
  }

  /** Whether a drop certainly came between an insertion and a read. */
  private static boolean isBetween(SimOperation insert, SimOperation drop, long begun) {
    return drop.outcome == SimOperation.Outcome.ACKNOWLEDGED
        && insert.ended < drop.begun
        && drop.ended < begun;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
