package dev.balsa.jepsen.check.linear;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A model that says no more of its operations than what they do: a queue with a look at its end.
 */
class AnyModelTest {
  private static final class Queue implements Model {
    @Override
    public Object initial() {
      return List.of();
    }

    @Override
    public boolean readsOnly(String f) {
      return f.equals("peek");
    }

    @Override
    public Optional<Object> step(Object state, String f, @Nullable Object value) {
      List<Object> queue = new ArrayList<>((List<?>) state);
      if (f.equals("enqueue")) {
        queue.add(String.valueOf(value));
        return Optional.of(queue);
      }
      if (queue.isEmpty() || !queue.get(0).equals(String.valueOf(value))) {
        return Optional.empty();
      }
      if (f.equals("dequeue")) {
        queue.remove(0);
      }
      return Optional.of(queue);
    }
  }

  @Test
  void queuesAreJudgedAsByTryingAllOrders() {
    long seed = 31;
    SplittableRandom random = new SplittableRandom(seed);
    Queue queue = new Queue();
    int linearizable = 0;
    for (int i = 0; i < 20_000; i++) {
      List<Operation> operations = operations(random);
      boolean expected = BruteForce.isLinearizable(queue, operations);
      Budget budget = Budget.of(Limits.DEFAULT, Duration.ofMinutes(1));
      assertThat(Search.decide(queue, operations, budget).kind())
          .as("seed %d, %s", seed, operations)
          .isEqualTo(expected ? Decision.Kind.LINEARIZABLE : Decision.Kind.NOT);
      linearizable += expected ? 1 : 0;
    }
    System.out.printf("seed %d: %d of 20000 queues linearizable%n", seed, linearizable);
    assertThat(linearizable).isBetween(2_000, 18_000);
  }

  private static List<Operation> operations(SplittableRandom random) {
    int count = random.nextInt(1, 8);
    // Calls are at even events, so that returns fall between them.
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String f = List.of("enqueue", "enqueue", "dequeue", "peek").get(random.nextInt(4));
      boolean unknown = random.nextInt(4) == 0 && !f.equals("peek");
      int end = 100 * i + 200 * random.nextInt(1, 4) + 10 + i;
      operations.add(new Operation(f, random.nextInt(2), 100 * i, unknown ? Operation.NEVER : end));
    }
    return operations;
  }
}
