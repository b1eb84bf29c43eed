package dev.balsa.jepsen.check;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Op;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of a list-append history, in the order of their calls, with keys and elements
 * (values appended to a key) numbered from 0. Micro-operations of all transactions are numbered
 * through, too. Made by {@link TransactionParser}.
 */
final class Transactions {
  /** Instead of a transaction or element that does not exist. */
  static final int NONE = -1;

  /** The calls, by transaction. */
  final List<History.Call> calls;

  /** The first micro-operation of each transaction, and their number at the end. */
  final int[] mopStart;

  final int[] mopKey;

  /** The element that is appended, or {@link #NONE} for a read. */
  final int[] mopElement;

  /** The elements that were read; null for appends, and for reads of which nobody knows. */
  final int[] @Nullable [] mopRead;

  final List<Object> keys;

  /** What was appended, by element. */
  final List<Object> values;

  final int[] elementKey;

  /** The transaction that appends an element, or {@link #NONE}. */
  final int[] writer;

  /** The micro-operation that appends an element, or {@link #NONE}. */
  final int[] writerMop;

  Transactions(
      List<History.Call> calls,
      int[] mopStart,
      int[] mopKey,
      int[] mopElement,
      int[] @Nullable [] mopRead,
      List<Object> keys,
      List<Object> values,
      int[] elementKey,
      int[] writer,
      int[] writerMop) {
    this.calls = calls;
    this.mopStart = mopStart;
    this.mopKey = mopKey;
    this.mopElement = mopElement;
    this.mopRead = mopRead;
    this.keys = keys;
    this.values = values;
    this.elementKey = elementKey;
    this.writer = writer;
    this.writerMop = writerMop;
  }

  int size() {
    return calls.size();
  }

  boolean isOk(int txn) {
    return outcome(txn) == Op.Type.OK;
  }

  Op.Type outcome(int txn) {
    return calls.get(txn).outcome();
  }

  /** The event by which a transaction is known to people: its completion, or else its call. */
  Op event(int txn) {
    History.Call call = calls.get(txn);
    return call.completion().orElse(call.invoke());
  }

  /** The transaction of a micro-operation. */
  int txnOf(int mop) {
    int low = 0;
    int high = size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (mopStart[middle] <= mop) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Whether the writer of an element appends another one to the same key later on. */
  boolean isIntermediate(int element) {
    int txn = writer[element];
    for (int mop = writerMop[element] + 1; mop < mopStart[txn + 1]; mop++) {
      if (mopElement[mop] != NONE && mopKey[mop] == elementKey[element]) {
        return true;
      }
    }
    return false;
  }
}
