package dev.balsa.jepsen.check;

import dev.balsa.jepsen.history.Edn;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes {@link Transactions} of the {@code :txn} operations of a history. */
final class TransactionParser {
  private static final Keyword APPEND = new Keyword("append");
  private static final Keyword READ = new Keyword("r");
  private static final String F = "txn";

  private final List<History.Call> calls = new ArrayList<>();
  private final IntList mopStart = new IntList();
  private final IntList mopKey = new IntList();
  private final IntList mopElement = new IntList();
  private final List<int @Nullable []> mopRead = new ArrayList<>();
  private final Map<Object, Integer> keyNumbers = new HashMap<>();
  private final List<Object> keys = new ArrayList<>();

  /** By key. */
  private final List<Map<Object, Integer>> elementNumbers = new ArrayList<>();

  private final List<Object> values = new ArrayList<>();
  private final IntList elementKey = new IntList();
  private final IntList writer = new IntList();
  private final IntList writerMop = new IntList();

  private TransactionParser() {}

  /**
   * Takes the transactions out of a history.
   *
   * @throws IllegalArgumentException if one is malformed, or a value is appended to a key twice
   */
  static Transactions parse(History history) {
    TransactionParser parser = new TransactionParser();
    for (History.Call call : history.calls()) {
      if (call.invoke().f().equals(F)) {
        parser.add(call);
      }
    }
    parser.mopStart.add(parser.mopKey.size());
    return new Transactions(
        parser.calls,
        parser.mopStart.toArray(),
        parser.mopKey.toArray(),
        parser.mopElement.toArray(),
        parser.mopRead.toArray(new int[0][]),
        parser.keys,
        parser.values,
        parser.elementKey.toArray(),
        parser.writer.toArray(),
        parser.writerMop.toArray());
  }

  private void add(History.Call call) {
    boolean ok = call.outcome() == Op.Type.OK;
    // What a completion that is not :ok says of reads is worth nothing.
    Op op = ok ? call.completion().orElseThrow() : call.invoke();
    if (!(op.value() instanceof List<?> mops)) {
      throw malformed(op, op.value());
    }
    int txn = calls.size();
    calls.add(call);
    mopStart.add(mopKey.size());
    for (Object mop : mops) {
      if (!(mop instanceof List<?> parts) || parts.size() != 3 || parts.get(1) == null) {
        throw malformed(op, mop);
      }
      Object kind = parts.get(0);
      Object argument = parts.get(2);
      int key = key(parts.get(1));
      if (APPEND.equals(kind) && argument != null) {
        append(txn, key, argument, op);
      } else if (READ.equals(kind) && (argument == null || argument instanceof List<?>)) {
        read(key, ok ? elements(key, argument, op) : null);
      } else {
        throw malformed(op, mop);
      }
    }
  }

  private int key(Object key) {
    return keyNumbers.computeIfAbsent(
        key,
        name -> {
          keys.add(name);
          elementNumbers.add(new HashMap<>());
          return keys.size() - 1;
        });
  }

  private int element(int key, Object value) {
    Integer known = elementNumbers.get(key).get(value);
    if (known != null) {
      return known;
    }
    int element = values.size();
    elementNumbers.get(key).put(value, element);
    values.add(value);
    elementKey.add(key);
    writer.add(Transactions.NONE);
    writerMop.add(Transactions.NONE);
    return element;
  }

  private void append(int txn, int key, Object value, Op op) {
    int element = element(key, value);
    if (writer.get(element) != Transactions.NONE) {
      throw new IllegalArgumentException(
          "event %d appends %s to the key %s, as another append does: nobody can tell them apart"
              .formatted(op.index(), Edn.print(value), Edn.print(keys.get(key))));
    }
    writer.set(element, txn);
    writerMop.set(element, mopKey.size());
    mopKey.add(key);
    mopElement.add(element);
    mopRead.add(null);
  }

  private void read(int key, int @Nullable [] elements) {
    mopKey.add(key);
    mopElement.add(Transactions.NONE);
    mopRead.add(elements);
  }

  /** A key that nobody has appended to is nil, or an empty list. */
  private int[] elements(int key, @Nullable Object read, Op op) {
    if (!(read instanceof List<?> list)) {
      return new int[0];
    }
    int[] elements = new int[list.size()];
    int i = 0;
    for (Object value : list) {
      if (value == null) {
        throw malformed(op, read);
      }
      elements[i++] = element(key, value);
    }
    return elements;
  }

  private static IllegalArgumentException malformed(Op op, @Nullable Object part) {
    return new IllegalArgumentException(
        "event %d is no list-append transaction: %s".formatted(op.index(), Edn.print(part)));
  }
}
