package dev.balsa.jepsen.check;

import static dev.balsa.jepsen.check.Transactions.NONE;

import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.history.Op;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The order of each key's elements, as its longest read tells it, and which transactions have taken
 * effect: all that are {@code :ok}, and those of unknown outcome of which something was read.
 *
 * <p>An element of such a transaction that is not in the longest read comes after all that are.
 */
final class VersionOrders {
  private static final int[] EMPTY = {};

  private final Transactions txns;
  private final Explanation explanation;
  private final AnomalyLog anomalies;
  private final boolean[] effective;

  /** By key: the elements in their order. */
  private final int[][] order;

  /** By key: the read that tells it, or {@link Transactions#NONE}. */
  private final int[] longest;

  /** By element: its place, or {@link Transactions#NONE} if it was not read. */
  private final int[] position;

  /** By micro-operation: whether it is a read that agrees with the order. */
  private final boolean[] agrees;

  /** By element: the last read in which it was seen, to find it twice. */
  private final int[] seenIn;

  VersionOrders(Transactions txns, Explanation explanation, AnomalyLog anomalies) {
    this.txns = txns;
    this.explanation = explanation;
    this.anomalies = anomalies;
    this.effective = new boolean[txns.size()];
    this.order = new int[txns.keys.size()][];
    this.longest = new int[txns.keys.size()];
    this.position = new int[txns.values.size()];
    this.agrees = new boolean[txns.mopKey.length];
    Arrays.fill(order, EMPTY);
    Arrays.fill(longest, NONE);
    Arrays.fill(position, NONE);
    this.seenIn = position.clone();
  }

  void run() {
    int[] @Nullable [] distinct = new int[txns.mopRead.length][];
    for (int mop = 0; mop < distinct.length; mop++) {
      int[] read = txns.mopRead[mop];
      if (read != null) {
        distinct[mop] = distinct(mop, read);
        int key = txns.mopKey[mop];
        if (longest[key] == NONE || order[key].length < distinct[mop].length) {
          longest[key] = mop;
          order[key] = distinct[mop];
        }
      }
    }
    for (int[] elements : order) {
      for (int i = 0; i < elements.length; i++) {
        position[elements[i]] = i;
      }
    }
    findEffective();
    for (int mop = 0; mop < distinct.length; mop++) {
      if (distinct[mop] != null) {
        compare(mop, distinct[mop]);
      }
    }
    findDirtyUpdates();
    for (int txn = 0; txn < txns.size(); txn++) {
      if (effective[txn]) {
        checkOwnOrder(txn);
      }
    }
  }

  /** Whether a transaction has taken effect. */
  boolean isEffective(int txn) {
    return effective[txn];
  }

  /** The transaction that has appended an element; {@link Transactions#NONE} if that is wrong. */
  int effectiveWriter(int element) {
    int writer = txns.writer[element];
    return writer == NONE || !effective[writer] ? NONE : writer;
  }

  int[] order(int key) {
    return order[key];
  }

  boolean isRead(int element) {
    return position[element] != NONE;
  }

  /** The last element of a transaction that comes before another one, of the same key. */
  int before(int element, int txn) {
    int[] elements = order[txns.elementKey[element]];
    int i = isRead(element) ? position[element] : elements.length;
    do {
      i--;
    } while (txns.writer[elements[i]] != txn);
    return elements[i];
  }

  /** Whether a read agrees with the order, so that it tells what comes after it. */
  boolean agrees(int mop) {
    return agrees[mop];
  }

  /** Longest order of all. */
  int lengthMax() {
    return Arrays.stream(order).mapToInt(elements -> elements.length).max().orElse(0);
  }

  private void findEffective() {
    for (int txn = 0; txn < effective.length; txn++) {
      effective[txn] = txns.isOk(txn);
    }
    for (int[] read : txns.mopRead) {
      if (read != null) {
        for (int element : read) {
          int writer = txns.writer[element];
          if (writer != NONE && txns.outcome(writer) == Op.Type.INFO) {
            effective[writer] = true;
          }
        }
      }
    }
  }

  private void compare(int mop, int[] read) {
    int key = txns.mopKey[mop];
    agrees[mop] = Arrays.equals(read, 0, read.length, order[key], 0, read.length);
    if (!agrees[mop]) {
      report(
          "incompatible-order",
          txns.txnOf(mop),
          txns.txnOf(longest[key]),
          "%s, but %s".formatted(explanation.read(mop), explanation.read(longest[key])));
    }
  }

  /** What is appended to a list with elements of a transaction that has failed rests on them. */
  private void findDirtyUpdates() {
    for (int key = 0; key < order.length; key++) {
      int failed = NONE;
      for (int element : order[key]) {
        int writer = txns.writer[element];
        if (writer != NONE && txns.outcome(writer) == Op.Type.FAIL) {
          failed = element;
        } else if (writer != NONE && failed != NONE) {
          report(
              "dirty-update",
              writer,
              txns.writer[failed],
              explanation.appendsAfter(failed, element) + ", although the former has failed");
          failed = NONE;
        }
      }
    }
  }

  /** A transaction's appends to a key are read in their order, or not yet. */
  private void checkOwnOrder(int txn) {
    for (int mop = txns.mopStart[txn]; mop < txns.mopStart[txn + 1]; mop++) {
      int element = txns.mopElement[mop];
      int before = element == NONE ? NONE : ownAppendBefore(txn, mop);
      if (before == NONE || !isRead(element)) {
        continue;
      }
      String problem =
          "%s appended first %s and then %s to the same key"
              .formatted(
                  explanation.name(txn), explanation.value(before), explanation.value(element));
      int reader = txns.txnOf(longest[txns.mopKey[mop]]);
      String read = explanation.read(longest[txns.mopKey[mop]]);
      if (!isRead(before)) {
        report("lost-append", txn, reader, problem + ", but " + read + ", without the first");
      } else if (position[before] > position[element]) {
        report("incompatible-order", txn, reader, problem + ", but " + read);
      }
    }
  }

  private int ownAppendBefore(int txn, int mop) {
    for (int earlier = mop - 1; earlier >= txns.mopStart[txn]; earlier--) {
      if (txns.mopElement[earlier] != NONE && txns.mopKey[earlier] == txns.mopKey[mop]) {
        return txns.mopElement[earlier];
      }
    }
    return NONE;
  }

  private void report(String type, int txn, int other, String problem) {
    anomalies.add(
        type,
        () ->
            new Anomaly(
                type,
                problem + "\n" + explanation.transactions(txn, txn == other ? NONE : other),
                List.of(txns.event(txn).index(), txns.event(other).index()),
                List.of()));
  }

  /** Without what comes a second time. */
  private int[] distinct(int mop, int[] read) {
    int end = 0;
    int[] once = read;
    for (int i = 0; i < read.length; i++) {
      int element = read[i];
      if (seenIn[element] == mop) {
        once = once == read ? read.clone() : once;
      } else {
        seenIn[element] = mop;
        once[end++] = element;
      }
    }
    return once == read ? read : Arrays.copyOf(once, end);
  }
}
