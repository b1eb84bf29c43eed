package dev.balsa.jepsen.check.linear;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sorts the operations of a history by the object that they are on. */
final class Keys {
  private final Model model;
  private final Map<Object, List<Operation>> operations = new LinkedHashMap<>();
  private int acknowledgedReads;
  private int acknowledgedChanges;
  private int failed;
  private int indeterminateReads;
  private int indeterminateChanges;

  private Keys(Model model) {
    this.model = model;
  }

  /**
   * Sorts.
   *
   * @throws IllegalArgumentException if an operation's value is not {@code [key value]}; names the
   *     event
   */
  static Keys of(Model model, History history) {
    Keys keys = new Keys(model);
    history.calls().forEach(keys::add);
    return keys;
  }

  private void add(History.Call call) {
    Op invoke = call.invoke();
    boolean read = model.readsOnly(invoke.f());
    switch (call.outcome()) {
      case FAIL -> failed++;
      case OK -> {
        Op completion = call.completion().orElseThrow();
        if (read) {
          acknowledgedReads++;
        } else {
          acknowledgedChanges++;
        }
        add(completion, new Pair(completion), invoke.index(), completion.index());
      }
      default -> {
        // A read of which nobody knows the result changes nothing and shows nothing.
        if (read) {
          indeterminateReads++;
        } else {
          indeterminateChanges++;
          add(invoke, new Pair(invoke), invoke.index(), Operation.NEVER);
        }
      }
    }
  }

  private void add(Op op, Pair pair, int invoked, int completed) {
    operations
        .computeIfAbsent(pair.key, key -> new ArrayList<>())
        .add(new Operation(op.f(), pair.value, invoked, completed));
  }

  /** {@code [key value]}. */
  private static final class Pair {
    final Object key;
    final @Nullable Object value;

    Pair(Op op) {
      if (!(op.value() instanceof List<?> pair) || pair.size() != 2 || pair.get(0) == null) {
        throw new IllegalArgumentException(
            "event " + op.index() + " has the value " + op.value() + " instead of [key value]");
      }
      this.key = pair.get(0);
      this.value = pair.get(1);
    }
  }

  /** By key, in the order of first use; each key's operations in the order of their calls. */
  Map<Object, List<Operation>> operations() {
    return operations;
  }

  int acknowledgedReads() {
    return acknowledgedReads;
  }

  /** What was counted, to be shown. */
  Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("keys", operations.size());
    facts.put("acknowledged-reads", acknowledgedReads);
    facts.put("acknowledged-changes", acknowledgedChanges);
    facts.put("failed", failed);
    facts.put("indeterminate-reads", indeterminateReads);
    facts.put("indeterminate-changes", indeterminateChanges);
    facts.put(
        "operations-per-key-max",
        operations.values().stream().mapToInt(List::size).max().orElse(0));
    return facts;
  }
}
