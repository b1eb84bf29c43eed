package dev.balsa.jepsen.check.linear;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tries all orders of a few operations; nothing is remembered and nothing left out. */
public final class BruteForce {
  private BruteForce() {}

  /** Whether there is an order. */
  public static boolean isLinearizable(Model model, List<Operation> operations) {
    return goesOn(model, model.initial(), operations);
  }

  private static boolean goesOn(Model model, Object state, List<Operation> left) {
    int firstReturn = left.stream().mapToInt(Operation::completed).min().orElse(Operation.NEVER);
    if (left.stream().noneMatch(Operation::isRequired)) {
      return true;
    }
    for (Operation next : left) {
      if (next.invoked() < firstReturn) {
        Optional<Object> after = model.step(state, next.f(), next.value());
        List<Operation> rest = new ArrayList<>(left);
        rest.remove(next);
        if (after.isPresent() && goesOn(model, after.get(), rest)) {
          return true;
        }
      }
    }
    return false;
  }
}
