package dev.balsa.jepsen.check;

import static dev.balsa.jepsen.check.Transactions.NONE;

import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.history.Op;
import java.util.Arrays;
import java.util.List;

/**
 * What is wrong with a read by itself, whatever the order of the transactions: Adya's G1a (of a
 * transaction that has failed) and G1b (of one that was not finished), what contradicts the
 * transaction's own steps, elements that are there twice, and those that nobody has appended.
 */
final class ReadChecks {
  private final Transactions txns;
  private final Explanation explanation;
  private final AnomalyLog anomalies;

  /** The last read in which an element was seen, to find it twice. */
  private final int[] seenIn;

  ReadChecks(Transactions txns, Explanation explanation, AnomalyLog anomalies) {
    this.txns = txns;
    this.explanation = explanation;
    this.anomalies = anomalies;
    this.seenIn = new int[txns.values.size()];
    Arrays.fill(seenIn, NONE);
  }

  void run() {
    for (int txn = 0; txn < txns.size(); txn++) {
      for (int mop = txns.mopStart[txn]; mop < txns.mopStart[txn + 1]; mop++) {
        int[] read = txns.mopRead[mop];
        if (read != null) {
          internal(txn, mop, read);
          elements(txn, mop, read);
        }
      }
    }
  }

  private void elements(int txn, int mop, int[] read) {
    for (int element : read) {
      int writer = txns.writer[element];
      if (seenIn[element] == mop) {
        report("duplicate-elements", txn, NONE, mop, "which has " + value(element) + " twice");
      }
      seenIn[element] = mop;
      if (writer == NONE) {
        report("phantom", txn, NONE, mop, "but nobody has appended " + value(element));
      } else if (txns.outcome(writer) == Op.Type.FAIL) {
        report("G1a", txn, writer, mop, "but the append of " + value(element) + " has failed");
      }
    }
    if (read.length > 0) {
      int last = read[read.length - 1];
      int writer = txns.writer[last];
      if (writer != NONE && writer != txn && txns.isIntermediate(last)) {
        report(
            "G1b",
            txn,
            writer,
            mop,
            "but %s goes on appending after %s".formatted(explanation.name(writer), value(last)));
      }
    }
  }

  /**
   * A read must find what the transaction's previous read of the key found, and what it has
   * appended since; without a previous read, at least the latter at the end.
   */
  private void internal(int txn, int mop, int[] read) {
    int end = read.length;
    int earlier = mop - 1;
    for (; earlier >= txns.mopStart[txn]; earlier--) {
      if (txns.mopKey[earlier] != txns.mopKey[mop]) {
        continue;
      }
      int[] before = txns.mopRead[earlier];
      if (before != null) {
        if (end != before.length || !Arrays.equals(read, 0, end, before, 0, end)) {
          report("internal", txn, NONE, mop, "unlike its earlier steps");
        }
        return;
      }
      if (end == 0 || read[--end] != txns.mopElement[earlier]) {
        report("internal", txn, NONE, mop, "without its own append");
        return;
      }
    }
    for (int i = 0; i < end; i++) {
      if (txns.writer[read[i]] == txn) {
        report("internal", txn, NONE, mop, "with its own " + value(read[i]) + " out of place");
        return;
      }
    }
  }

  private void report(String type, int txn, int other, int mop, String problem) {
    anomalies.add(
        type,
        () ->
            new Anomaly(
                type,
                explanation.read(mop)
                    + ", "
                    + problem
                    + "\n"
                    + explanation.transactions(txn, other),
                other == NONE
                    ? List.of(txns.event(txn).index())
                    : List.of(txns.event(txn).index(), txns.event(other).index()),
                List.of()));
  }

  private String value(int element) {
    return explanation.value(element);
  }
}
