package dev.balsa.fsm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Whether what clients were told fits the history that the databases have in the end. That is the
 * serial order, so nothing has to be searched: each transaction must have seen the state before it,
 * each read some state, and who began after another had ended must not come before it.
 */
final class SimHistory {
  private final List<SimClients.Written> written;
  private final Map<Long, SimClients.Written> byTransaction = new HashMap<>();

  /** The states after so many transactions. */
  private final List<State> states = new ArrayList<>();

  private record State(long sum, String balances, long tables, List<String> lists, long bytes) {}

  SimHistory(List<SimClients.Written> written) {
    this.written = written;
    long[] balances = new long[SimClients.ACCOUNTS];
    Arrays.fill(balances, SimClients.BALANCE);
    List<List<Long>> lists = new ArrayList<>();
    for (int i = 0; i < SimClients.LISTS; i++) {
      lists.add(new ArrayList<>());
    }
    long sum = 0;
    long tables = 0;
    long bytes = 0;
    states.add(state(sum, balances, tables, lists, bytes));
    for (SimClients.Written each : written) {
      require(each.position() == states.size(), "the history has a gap before " + each);
      require(byTransaction.put(each.transaction(), each) == null, "twice: " + each);
      sum += each.transaction();
      switch (each.kind()) {
        case "append" -> lists.get((int) each.a()).add(each.transaction());
        case "transfer" -> {
          balances[(int) each.a()] -= each.amount();
          balances[(int) each.b()] += each.amount();
        }
        case "create" -> tables++;
        case "drop" -> tables--;
        case "large" -> bytes += each.a();
        case "clear" -> bytes = 0;
        default -> throw new AssertionError(each.toString());
      }
      states.add(state(sum, balances, tables, lists, bytes));
    }
  }

  private static State state(
      long sum, long[] balances, long tables, List<List<Long>> lists, long bytes) {
    return new State(
        sum,
        Arrays.stream(balances).mapToObj(String::valueOf).collect(Collectors.joining(",")),
        tables,
        lists.stream()
            .map(list -> list.stream().map(String::valueOf).collect(Collectors.joining(",")))
            .toList(),
        bytes);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  int size() {
    return written.size();
  }

  /** The newest state. */
  void checkNewest(SimOperation.Seen seen) {
    require(seen.rows() == written.size() && isAState(seen), "the newest state is wrong: " + seen);
  }

  private boolean isAState(SimOperation.Seen seen) {
    if (seen.rows() != seen.last() || seen.rows() > written.size()) {
      return false;
    }
    State state = states.get((int) seen.rows());
    return seen.sum() == state.sum()
        && seen.balances().equals(state.balances())
        && seen.tables() == state.tables()
        && seen.appended().equals(state.lists().get((int) seen.list()))
        && seen.bytes() == state.bytes();
  }

  /** Throws if anything does not fit. */
  void check(List<SimOperation> operations) {
    List<SimOperation> ordered = new ArrayList<>();
    for (SimOperation operation : operations) {
      SimClients.Written at = byTransaction.get(operation.transaction);
      boolean acknowledged = operation.outcome == SimOperation.Outcome.ACKNOWLEDGED;
      if (operation.transaction != 0) {
        require(!acknowledged || at != null, "acknowledged, and lost: " + operation);
        require(
            operation.outcome != SimOperation.Outcome.NOT_APPLIED || at == null,
            "told not to be applied, and there: " + operation);
      }
      SimOperation.Seen seen = operation.seen;
      if (at != null) {
        require(
            operation.position == 0 || operation.position == at.position(),
            "not where it was told: " + operation + ", but " + at);
        require(
            seen == null || seen.rows() + 1 == at.position(),
            "did not see the state before it: " + operation + ", which is " + at);
      }
      if (seen != null && (acknowledged || at != null)) {
        require(isAState(seen), "saw what never was: " + operation);
      }
      if (!operation.stale && (acknowledged || at != null)) {
        ordered.add(operation);
      }
    }
    checkRealTime(ordered);
    checkStale(operations);
    checkBounds(operations);
  }

  /** A transaction's place, in halves: reads come between two. */
  private long place(SimOperation operation) {
    SimClients.Written at = byTransaction.get(operation.transaction);
    if (at != null) {
      return 2 * at.position();
    }
    SimOperation.Seen seen = operation.seen;
    return seen == null ? -1 : 2 * seen.rows() + 1;
  }

  private void checkRealTime(List<SimOperation> operations) {
    List<SimOperation> placed = operations.stream().filter(op -> place(op) >= 0).toList();
    List<SimOperation> byBegin =
        placed.stream().sorted(Comparator.comparingLong(op -> op.begun)).toList();
    List<SimOperation> byEnd =
        placed.stream()
            .filter(op -> op.outcome == SimOperation.Outcome.ACKNOWLEDGED)
            .sorted(Comparator.comparingLong(op -> op.ended))
            .toList();
    int ended = 0;
    SimOperation highest = null;
    for (SimOperation operation : byBegin) {
      while (ended < byEnd.size() && byEnd.get(ended).ended < operation.begun) {
        SimOperation before = byEnd.get(ended++);
        if (highest == null || place(before) > place(highest)) {
          highest = before;
        }
      }
      require(
          highest == null || place(highest) <= place(operation),
          "out of the order of time: " + highest + ", then " + operation);
    }
  }

  /** Reads of a bounded past see what was acknowledged before; those with a bookmark see that. */
  private void checkBounds(List<SimOperation> operations) {
    List<SimOperation> writes =
        operations.stream()
            .filter(op -> op.outcome == SimOperation.Outcome.ACKNOWLEDGED)
            .filter(op -> byTransaction.containsKey(op.transaction))
            .toList();
    for (SimOperation operation : operations) {
      SimOperation.Seen seen = operation.seen;
      if (!operation.stale || seen == null) {
        continue;
      }
      SimClients.Written after = byTransaction.get(operation.after);
      require(
          operation.after == 0 || (after != null && after.position() <= seen.rows()),
          "did not see " + after + ", as its bookmark wants: " + operation);
      for (SimOperation write : writes) {
        require(
            operation.begunNanos - write.endedNanos < operation.boundNanos
                || place(write) <= 2 * seen.rows(),
            "is older than its bound: " + operation + ", does not see " + write);
      }
    }
  }

  /** Reads of the past see states, and on one node never an older one than before. */
  private static void checkStale(List<SimOperation> operations) {
    Map<String, Long> newest = new HashMap<>();
    // They read at the end of what they do, having waited before.
    List<SimOperation> inOrder =
        operations.stream().sorted(Comparator.comparingLong(op -> op.ended)).toList();
    for (SimOperation operation : inOrder) {
      SimOperation.Seen seen = operation.seen;
      if (operation.stale && seen != null) {
        String where = operation.node + "/" + operation.life;
        long before = newest.getOrDefault(where, 0L);
        require(seen.rows() >= before, "a node goes back from " + before + ": " + operation);
        newest.put(where, seen.rows());
      }
    }
  }
}
