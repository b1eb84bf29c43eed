package dev.balsa.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.check.linear.BruteForce;
import dev.balsa.jepsen.check.linear.Model;
import dev.balsa.jepsen.check.linear.Operation;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** With linearizable reads, what is found wrong is what has no order. */
class SetAgainstBruteForceTest {
  private static final int HISTORIES = 20_000;

  private static final class GrowingSet implements Model {
    @Override
    public Object initial() {
      return Set.of();
    }

    @Override
    public boolean readsOnly(String f) {
      return f.equals("read");
    }

    @Override
    public Optional<Object> step(Object state, String f, @Nullable Object value) {
      if (f.equals("read")) {
        return state.equals(value) ? Optional.of(state) : Optional.empty();
      }
      Set<Object> added = new HashSet<>((Set<?>) state);
      added.add(String.valueOf(value));
      return Optional.of(added);
    }
  }

  @Test
  void aSetIsJudgedAsByTryingAllOrders() {
    long seed = 61;
    SplittableRandom random = new SplittableRandom(seed);
    int linearizable = 0;
    for (int i = 0; i < HISTORIES; i++) {
      History history = history(random);
      boolean expected = BruteForce.isLinearizable(new GrowingSet(), operations(history));
      Finding finding = SetChecker.ofLinearizableReads().check(history);
      assertThat(finding.validity() != Validity.INVALID)
          .as("seed %d, history %d: %s %s", seed, i, history.ops(), finding)
          .isEqualTo(expected);
      linearizable += expected ? 1 : 0;
    }
    System.out.printf("seed %d: %d of %d sets linearizable%n", seed, linearizable, HISTORIES);
    assertThat(linearizable).isBetween(HISTORIES / 10, HISTORIES * 9 / 10);
  }

  private static List<Operation> operations(History history) {
    List<Operation> operations = new ArrayList<>();
    for (Call call : history.calls()) {
      Op invoke = call.invoke();
      boolean ok = call.outcome() == Op.Type.OK;
      if (ok || (call.outcome() == Op.Type.INFO && invoke.f().equals("add"))) {
        Object value = ok ? call.completion().orElseThrow().value() : invoke.value();
        operations.add(new Operation(invoke.f(), value, invoke.index(), call.returnIndex()));
      }
    }
    return operations;
  }

  /** Adds take effect at their calls, at their ends, or never; some reads are changed. */
  private static History history(SplittableRandom random) {
    Scenario scenario = new Scenario();
    Set<String> set = new HashSet<>();
    List<Long> open = new ArrayList<>();
    Set<Long> reading = new HashSet<>();
    int steps = random.nextInt(2, 14);
    int corruption = random.nextInt(2, 12);
    for (long step = 0; step < steps; step++) {
      if (!open.isEmpty() && random.nextInt(5) < 2) {
        long process = open.remove(random.nextInt(open.size()));
        if (reading.contains(process)) {
          scenario.ok(process, "read", seen(set, open, random, corruption));
        } else {
          end(scenario, process, set, random);
        }
      } else {
        boolean read = random.nextBoolean();
        if (read) {
          reading.add(step);
          scenario.invoke(step, "read", null);
        } else {
          scenario.invoke(step, "add", String.valueOf(step));
          if (random.nextBoolean()) {
            set.add(String.valueOf(step));
          }
        }
        open.add(step);
      }
    }
    return scenario.history();
  }

  private static Set<String> seen(
      Set<String> set, List<Long> open, SplittableRandom random, int corruption) {
    Set<String> seen = new HashSet<>(set);
    if (random.nextInt(corruption) == 0) {
      flip(seen, random.nextInt(10));
    } else if (random.nextInt(corruption) == 0) {
      // Each such read alone is possible; two of them may not be.
      open.stream().filter(any -> random.nextBoolean()).forEach(process -> flip(seen, process));
    }
    return seen;
  }

  private static void flip(Set<String> seen, long element) {
    String value = String.valueOf(element);
    if (!seen.remove(value)) {
      seen.add(value);
    }
  }

  private static void end(
      Scenario scenario, long process, Set<String> set, SplittableRandom random) {
    String value = String.valueOf(process);
    if (random.nextInt(4) == 0) {
      scenario.info(process, "add", value);
    } else if (!set.contains(value) && random.nextInt(4) == 0) {
      scenario.fail(process, "add", value);
    } else {
      set.add(value);
      scenario.ok(process, "add", value);
    }
  }
}
