package dev.balsa.jepsen.check;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a history, event by event; one a microsecond. */
public final class Scenario {
  private final List<Op> ops = new ArrayList<>();

  /** A process calls. */
  public Scenario invoke(long process, String f, @Nullable Object value) {
    return add(process, Op.Type.INVOKE, f, value);
  }

  /** A process's call has succeeded. */
  public Scenario ok(long process, String f, @Nullable Object value) {
    return add(process, Op.Type.OK, f, value);
  }

  /** A process's call has failed. */
  public Scenario fail(long process, String f, @Nullable Object value) {
    return add(process, Op.Type.FAIL, f, value);
  }

  /** A process's call ends, and nobody knows how. */
  public Scenario info(long process, String f, @Nullable Object value) {
    return add(process, Op.Type.INFO, f, value);
  }

  /** A call that succeeds with the same value, with nothing in between. */
  public Scenario done(long process, String f, @Nullable Object value) {
    return invoke(process, f, value).ok(process, f, value);
  }

  /** Something is done to the cluster. */
  public Scenario nemesis(String f) {
    return add(Op.NEMESIS, Op.Type.INFO, f, null);
  }

  /** An event of any kind. */
  public Scenario add(long process, Op.Type type, String f, @Nullable Object value) {
    int index = ops.size();
    ops.add(new Op(index, index * 1000L, type, process, f, value, null, 0));
    return this;
  }

  /** How many events there are. */
  public int size() {
    return ops.size();
  }

  /** The history. */
  public History history() {
    return new History(ops);
  }

  /** A transfer's value. */
  public static Map<Keyword, Object> transfer(Object from, Object to, long amount) {
    Map<Keyword, Object> transfer = new LinkedHashMap<>();
    transfer.put(new Keyword("from"), from);
    transfer.put(new Keyword("to"), to);
    transfer.put(new Keyword("amount"), amount);
    return transfer;
  }
}
