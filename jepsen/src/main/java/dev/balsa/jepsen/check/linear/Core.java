package dev.balsa.jepsen.check.linear;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds few operations that have no order, among some that have none. Used by one thread.
 *
 * <p>It leaves out only what could be left out of any order, so that what has no order without it
 * has none with it: operations that never change the state, and those that leave a state that no
 * other one needs (what follows is possible in any state and always leaves the same, if anything
 * follows; so the order is good without them).
 */
final class Core {
  private final Model model;
  private final Function<Collection<Operation>, Decision> decide;
  private final Budget time;

  Core(Model model, Function<Collection<Operation>, Decision> decide, Budget time) {
    this.model = model;
    this.decide = decide;
    this.time = time;
  }

  /** A part of the operations that has no order; all of them if there is no time. */
  List<Operation> of(List<Operation> operations) {
    List<Operation> core = operations;
    boolean smaller = true;
    while (smaller && !time.isOver()) {
      int before = core.size();
      core = withoutUnneeded(core);
      smaller = core.size() < before;
    }
    return core;
  }

  private List<Operation> withoutUnneeded(List<Operation> operations) {
    List<Operation> core = operations;
    for (int chunk = Math.max(1, core.size() / 2); chunk >= 1; chunk /= 2) {
      int from = 0;
      while (from < core.size() && !time.isOver()) {
        List<Operation> rest = without(core, from, Math.min(core.size(), from + chunk));
        if (rest.size() < core.size() && decide.apply(rest).isNot()) {
          core = rest;
        } else {
          from += chunk;
        }
      }
    }
    return core;
  }

  /** All but those of a range that may be left out. */
  private List<Operation> without(List<Operation> operations, int from, int to) {
    List<Operation> rest = new ArrayList<>(operations);
    // Reads go first: what they needed may go then, too.
    rest.removeIf(op -> isIn(operations.subList(from, to), op) && model.readsOnly(op.f()));
    for (Operation op : operations.subList(from, to)) {
      if (isUnobserved(op, rest)) {
        rest.remove(op);
      }
    }
    return rest;
  }

  private static boolean isIn(List<Operation> range, Operation operation) {
    return operation.invoked() >= range.get(0).invoked()
        && operation.invoked() <= range.get(range.size() - 1).invoked();
  }

  private boolean isUnobserved(Operation operation, List<Operation> among) {
    Optional<Model.Footprint> footprint = model.footprint(operation.f(), operation.value());
    Optional<Object> left = footprint.map(Model.Footprint::leaves);
    return left.isPresent()
        && among.stream()
            .filter(other -> other.invoked() != operation.invoked())
            .map(other -> model.footprint(other.f(), other.value()))
            .noneMatch(other -> other.isEmpty() || other.get().needs().equals(left));
  }
}
