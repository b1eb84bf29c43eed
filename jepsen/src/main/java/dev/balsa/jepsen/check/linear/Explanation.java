package dev.balsa.jepsen.check.linear;

import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Op;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says why the operations of an object have no order: how far one goes, what cannot go on from
 * there, and a few operations that alone have none. Used by one thread.
 *
 * <p>Whether a part of the operations can be ordered is asked of {@link Search} again and again. Up
 * to an event, what has not returned by then is of unknown outcome.
 */
final class Explanation {
  private static final Duration TIME = Duration.ofSeconds(3);
  private static final int ORDER_SHOWN = 6;
  private static final int STATES_TRIED_MAX = 64;
  private static final int SHOWN = 12;

  private final Model model;
  private final History history;
  private final Object key;
  private final Limits limits;
  private final Budget time;

  Explanation(Model model, History history, Object key, Limits limits) {
    this.model = model;
    this.history = history;
    this.key = key;
    this.limits = limits;
    this.time = Budget.of(limits, TIME);
  }

  /**
   * Explains.
   *
   * @param operations of the object; they have no order
   */
  Anomaly of(List<Operation> operations) {
    Operation stuck = stuck(operations);
    int end = stuck.completed();
    List<Operation> before = knownBefore(operations, end);
    Decision prefix = decideInFull(before);
    List<Operation> core = new Core(model, this::decide, time).of(knownBefore(operations, end + 1));
    List<Operation> open =
        before.stream().filter(op -> !op.isRequired() && !same(op, stuck)).toList();
    List<String> lines = new ArrayList<>();
    lines.add(
        "key "
            + key
            + (prefix.kind() == Decision.Kind.LINEARIZABLE ? " is" : " may be")
            + " linearizable until event "
            + (end - 1)
            + ", but not with "
            + text(stuck));
    lines.add("these operations alone cannot be put into an order:");
    core.forEach(op -> lines.add("  " + text(op)));
    lines.add("an order until event " + (end - 1) + " ends with:");
    last(prefix.order()).forEach(op -> lines.add("  " + text(op)));
    if (model.footprint(stuck.f(), stuck.value()).isPresent()) {
      lines.add("states in which such orders can end: " + states(before, end));
    }
    if (!open.isEmpty()) {
      lines.add("open then, or of unknown outcome: " + open.size());
      open.stream()
          .skip(Math.max(0, open.size() - SHOWN))
          .forEach(op -> lines.add("  " + text(op)));
    }
    Set<Integer> ops = new LinkedHashSet<>();
    ops.add(end);
    core.forEach(op -> ops.add(event(op)));
    last(prefix.order()).forEach(op -> ops.add(event(op)));
    return new Anomaly(
        LinearizabilityChecker.NONLINEARIZABLE,
        String.join("\n", lines),
        List.copyOf(ops),
        List.of());
  }

  /** The operation whose return no order reaches, by bisection. */
  private Operation stuck(List<Operation> operations) {
    List<Operation> returning =
        operations.stream()
            .filter(Operation::isRequired)
            .sorted((one, other) -> Integer.compare(one.completed(), other.completed()))
            .toList();
    int low = 0;
    int high = returning.size() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (decideInFull(knownBefore(operations, returning.get(middle).completed() + 1)).isNot()) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return returning.get(low);
  }

  private List<Operation> knownBefore(List<Operation> operations, int event) {
    return operations.stream()
        .filter(op -> op.invoked() < event)
        .map(op -> op.asKnownBefore(event))
        .filter(op -> op.isRequired() || !model.readsOnly(op.f()))
        .toList();
  }

  /** A model with one operation more: it is possible in the state that is its value. */
  private record Glimpse(Model model) implements Model {
    static final String F = "glimpse of a state";

    @Override
    public Object initial() {
      return model.initial();
    }

    @Override
    public Optional<Object> step(Object state, String f, @Nullable Object value) {
      if (!f.equals(F)) {
        return model.step(state, f, value);
      }
      return state.equals(value) ? Optional.of(state) : Optional.empty();
    }

    @Override
    public boolean readsOnly(String f) {
      return f.equals(F) || model.readsOnly(f);
    }

    @Override
    public Optional<Footprint> footprint(String f, @Nullable Object value) {
      return f.equals(F) && value != null
          ? Optional.of(new Footprint(Optional.of(value), value))
          : model.footprint(f, value);
    }
  }

  /** As long as the whole was given, since what follows says more than it should otherwise. */
  private Decision decideInFull(List<Operation> operations) {
    return Search.decide(model, operations, Budget.of(limits, limits.perKey()));
  }

  private Decision decide(Collection<Operation> operations) {
    return Search.decide(model, List.copyOf(operations), Budget.of(limits, time.atMost(TIME)));
  }

  /** A state is possible if a read of it can be added. */
  private String states(List<Operation> before, int event) {
    Set<Object> candidates = new LinkedHashSet<>();
    for (int i = before.size() - 1; i >= 0 && candidates.size() < STATES_TRIED_MAX; i--) {
      Operation op = before.get(i);
      model.footprint(op.f(), op.value()).ifPresent(found -> candidates.add(found.leaves()));
    }
    candidates.add(model.initial());
    List<String> possible = new ArrayList<>();
    for (Object candidate : candidates) {
      List<Operation> with = new ArrayList<>(before);
      with.add(new Operation(Glimpse.F, candidate, event, event + 1));
      if (Search.decide(new Glimpse(model), with, Budget.of(limits, time.atMost(TIME))).kind()
          == Decision.Kind.LINEARIZABLE) {
        possible.add(String.valueOf(candidate));
      }
    }
    return possible.stream().limit(SHOWN).collect(Collectors.joining(", "))
        + (possible.size() > SHOWN ? " and " + (possible.size() - SHOWN) + " more" : "");
  }

  private static List<Operation> last(List<Operation> order) {
    return order.subList(Math.max(0, order.size() - ORDER_SHOWN), order.size());
  }

  private static boolean same(Operation one, Operation other) {
    return one.invoked() == other.invoked();
  }

  /** The event that tells of an operation best. */
  private int event(Operation operation) {
    Op invoke = history.ops().get(operation.invoked());
    return history.completion(invoke).orElse(invoke).index();
  }

  private String text(Operation operation) {
    Op invoke = history.ops().get(operation.invoked());
    String end = operation.isRequired() ? String.valueOf(operation.completed()) : "?";
    return "["
        + operation.invoked()
        + ", "
        + end
        + "] process "
        + invoke.process()
        + " "
        + operation.f()
        + " "
        + operation.value();
  }
}
