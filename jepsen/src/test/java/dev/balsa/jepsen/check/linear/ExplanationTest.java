package dev.balsa.jepsen.check.linear;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.history.History;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What explanations claim, against brute force. */
class ExplanationTest {
  private static final Model REGISTER = new Register(0L);
  private static final Budget BUDGET = Budget.of(Limits.DEFAULT, Duration.ofMinutes(1));

  @Test
  void theCoreHasNoOrderAndNoReadOfItCanBeSpared() {
    SplittableRandom random = new SplittableRandom(21);
    int seen = 0;
    while (seen < 1_000) {
      List<Operation> operations = operations(history(random));
      if (BruteForce.isLinearizable(REGISTER, operations)) {
        continue;
      }
      seen++;
      List<Operation> core =
          new Core(REGISTER, ops -> Search.decide(REGISTER, List.copyOf(ops), BUDGET), BUDGET)
              .of(operations);
      assertThat(operations).containsAll(core);
      assertThat(BruteForce.isLinearizable(REGISTER, core)).as("%s", core).isFalse();
      for (Operation operation : core) {
        if (operation.f().equals("read")) {
          List<Operation> rest = new ArrayList<>(core);
          rest.remove(operation);
          assertThat(BruteForce.isLinearizable(REGISTER, rest)).as("%s", core).isTrue();
        }
      }
    }
  }

  @Test
  void thePrefixHasAnOrderAndWithTheNextReturnItHasNone() {
    SplittableRandom random = new SplittableRandom(22);
    int seen = 0;
    while (seen < 500) {
      History history = history(random);
      List<Operation> operations = operations(history);
      if (BruteForce.isLinearizable(REGISTER, operations)) {
        continue;
      }
      seen++;
      Anomaly anomaly = new Explanation(REGISTER, history, 0L, Limits.DEFAULT).of(operations);
      int stuck = anomaly.ops().get(0);
      assertThat(BruteForce.isLinearizable(REGISTER, knownBefore(operations, stuck))).isTrue();
      assertThat(BruteForce.isLinearizable(REGISTER, knownBefore(operations, stuck + 1))).isFalse();
      assertStates(anomaly.explanation(), knownBefore(operations, stuck), stuck);
    }
  }

  /** Exactly the states are told after which a read would have an order. */
  private static void assertStates(String explanation, List<Operation> before, int stuck) {
    String line =
        explanation.lines().filter(l -> l.startsWith("states in which")).findFirst().orElseThrow();
    List<String> told = List.of(line.substring(line.indexOf(": ") + 2).split(", ", -1));
    for (long state = 0; state < 3; state++) {
      List<Operation> with = new ArrayList<>(before);
      with.add(new Operation("read", state, stuck, stuck + 1));
      assertThat(told.contains(String.valueOf(state)))
          .as("%d in %s", state, explanation)
          .isEqualTo(BruteForce.isLinearizable(REGISTER, with));
    }
  }

  private static List<Operation> knownBefore(List<Operation> operations, int event) {
    return operations.stream()
        .filter(op -> op.invoked() < event)
        .map(op -> op.asKnownBefore(event))
        .filter(op -> op.isRequired() || !op.f().equals("read"))
        .toList();
  }

  private static History history(SplittableRandom random) {
    return RandomHistory.of(
        new RandomHistory.Shape(random.nextInt(3, 10), 4, 1, 3, random.nextInt(50), 30), random);
  }

  private static List<Operation> operations(History history) {
    return Keys.of(REGISTER, history).operations().getOrDefault(0L, List.of());
  }
}
