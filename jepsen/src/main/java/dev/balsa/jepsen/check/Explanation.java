package dev.balsa.jepsen.check;

import static dev.balsa.jepsen.check.Transactions.NONE;

import dev.balsa.jepsen.history.Edn;
import dev.balsa.jepsen.history.Keyword;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Puts into words what transactions have to do with each other. */
final class Explanation {
  /** Longer lists are shown by their ends. */
  private static final int SHOWN_MAX = 12;

  private final Transactions txns;

  Explanation(Transactions txns) {
    this.txns = txns;
  }

  /** A transaction, by the index of the event that ends it. */
  String name(int txn) {
    return "T" + txns.event(txn).index();
  }

  String value(int element) {
    return Edn.print(txns.values.get(element));
  }

  private String key(int key) {
    return "key " + Edn.print(txns.keys.get(key));
  }

  private String list(int[] elements) {
    StringBuilder out = new StringBuilder("[");
    for (int i = 0; i < elements.length; i++) {
      if (elements.length > SHOWN_MAX && i == SHOWN_MAX / 2) {
        out.append(" ...");
        i = elements.length - SHOWN_MAX / 2;
      }
      out.append(i == 0 ? "" : " ").append(value(elements[i]));
    }
    return out.append(']').toString();
  }

  /** What a micro-operation has read. */
  String read(int mop) {
    int[] read = txns.mopRead[mop];
    return "%s read %s as %s"
        .formatted(
            name(txns.txnOf(mop)), key(txns.mopKey[mop]), list(read == null ? new int[0] : read));
  }

  /** The steps of one or two transactions, a line each. */
  String transactions(int txn, int other) {
    return other == NONE ? steps(txn) : steps(txn) + "\n" + steps(other);
  }

  private String steps(int txn) {
    return "%s (process %d, %s): %s"
        .formatted(
            name(txn),
            txns.event(txn).process(),
            Edn.print(new Keyword(txns.outcome(txn).name().toLowerCase(Locale.ROOT))),
            Edn.print(txns.event(txn).value()));
  }

  /** Why the one element's writer comes before the other's. */
  String appendsAfter(int before, int after) {
    return "%s appended %s to %s, and %s appended %s behind that"
        .formatted(
            name(txns.writer[before]),
            value(before),
            key(txns.elementKey[before]),
            name(txns.writer[after]),
            value(after));
  }

  /** Why a reader comes after the writer of what it has read last. */
  String reads(int mop, int element) {
    return "%s, of which %s appended %s"
        .formatted(read(mop), name(txns.writer[element]), value(element));
  }

  /** Why a reader comes before the writer of what it has not read. */
  String doesNotRead(int mop, int element) {
    return "%s, without %s, which %s appended"
        .formatted(read(mop), value(element), name(txns.writer[element]));
  }

  /** Why a transaction comes before another, by time. */
  String endsBefore(int from, int to) {
    return "%s ended (event %d) before %s was called (event %d)"
        .formatted(
            name(from), txns.event(from).index(), name(to), txns.calls.get(to).invoke().index());
  }

  /** Why a transaction comes before another of the same process. */
  String sameProcess(int from, int to) {
    return "process %d ended %s before it called %s"
        .formatted(txns.event(from).process(), name(from), name(to));
  }

  /** A cycle, with the reason of each edge, and the steps of its transactions. */
  String cycle(List<Integer> cycle, List<Finding.Edge> edges) {
    return edges.stream()
            .map(
                edge ->
                    "T%d -%s-> T%d: %s"
                        .formatted(edge.from(), edge.kind(), edge.to(), edge.reason()))
            .collect(Collectors.joining("\n"))
        + "\n"
        + cycle.stream().map(this::steps).collect(Collectors.joining("\n"));
  }
}
