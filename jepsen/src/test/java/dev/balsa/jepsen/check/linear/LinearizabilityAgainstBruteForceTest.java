package dev.balsa.jepsen.check.linear;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.history.History;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Small random histories, of which all orders are tried. */
class LinearizabilityAgainstBruteForceTest {
  private static final Limits LIMITS =
      new Limits(Duration.ofMinutes(1), Duration.ofMinutes(1), 1_000_000, 100 << 20);
  private static final Model REGISTER = new Register(0L);

  @Test
  void manySmallHistoriesOfAFewValuesAreJudgedAsByTryingAllOrders() {
    agree(20_000, 1, 3);
  }

  @Test
  void manySmallHistoriesWithAValueForEachWriteAreJudgedAsByTryingAllOrders() {
    agree(10_000, 2, 0);
  }

  @Test
  void historiesThatAreLinearizableByConstructionAreFoundSo() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 2_000; i++) {
      History history = RandomHistory.of(shape(random, random.nextInt(4), 0, 40), random);
      Decision decision = decide(history);
      assertThat(decision.kind()).as("history %d", i).isEqualTo(Decision.Kind.LINEARIZABLE);
    }
  }

  @Test
  void anOrderThatIsFoundIsOneIndeed() {
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 2_000; i++) {
      History history = RandomHistory.of(shape(random, random.nextInt(4), 0, 40), random);
      List<Operation> operations = operations(history);
      assertOrder(i, operations, decide(history).order());
    }
  }

  private static void agree(int count, long seed, int values) {
    SplittableRandom random = new SplittableRandom(seed);
    int linearizable = 0;
    int not = 0;
    for (int i = 0; i < count; i++) {
      History history = RandomHistory.of(shape(random, values, random.nextInt(60), 10), random);
      boolean expected = BruteForce.isLinearizable(REGISTER, operations(history));
      Decision decision = decide(history);
      assertThat(decision.kind())
          .as("seed %d, history %d: %s", seed, i, history.ops())
          .isEqualTo(expected ? Decision.Kind.LINEARIZABLE : Decision.Kind.NOT);
      if (expected) {
        linearizable++;
      } else {
        not++;
      }
    }
    System.out.printf(
        "seed %d: %d linearizable histories, %d others, all as by brute force%n",
        seed, linearizable, not);
    assertThat(linearizable).isGreaterThan(count / 10);
    assertThat(not).isGreaterThan(count / 10);
  }

  private static RandomHistory.Shape shape(
      SplittableRandom random, int values, int corruptPercent, int operationsMax) {
    return new RandomHistory.Shape(
        random.nextInt(1, operationsMax),
        random.nextInt(1, 6),
        1,
        values,
        random.nextInt(70),
        corruptPercent);
  }

  private static Decision decide(History history) {
    return Search.decide(REGISTER, operations(history), Budget.of(LIMITS, Duration.ofMinutes(1)));
  }

  private static List<Operation> operations(History history) {
    return Keys.of(REGISTER, history).operations().getOrDefault(0L, List.of());
  }

  private static void assertOrder(int history, List<Operation> all, List<Operation> order) {
    Object state = REGISTER.initial();
    int latestCall = -1;
    for (Operation operation : order) {
      state = REGISTER.step(state, operation.f(), operation.value()).orElseThrow();
      latestCall = Math.max(latestCall, operation.invoked());
      assertThat(operation.completed())
          .as("history %d: %s", history, order)
          .isGreaterThan(latestCall);
    }
    assertThat(order).doesNotHaveDuplicates();
    assertThat(order)
        .as("history %d", history)
        .containsAll(all.stream().filter(Operation::isRequired).toList());
  }
}
