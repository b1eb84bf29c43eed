package dev.balsa.jepsen.check;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.BankChecker.Bank;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Small random banks, of which all sets of transfers are tried. */
class BankAgainstBruteForceTest {
  private static final int HISTORIES = 5_000;
  private static final Map<Object, Long> INITIAL = Map.of(0L, 10L, 1L, 10L, 2L, 10L);

  @Test
  void balancesAreExplainedAsByTryingAllSetsOfTransfers() {
    long seed = 51;
    SplittableRandom random = new SplittableRandom(seed);
    int good = 0;
    for (int i = 0; i < HISTORIES; i++) {
      History history = history(random);
      boolean explained = reads(history).stream().allMatch(read -> isExplained(read, history));
      Finding finding = new BankChecker(new Bank(INITIAL, true, true)).check(history);
      assertThat(finding.validity() != Validity.INVALID)
          .as("seed %d, history %d: %s", seed, i, finding)
          .isEqualTo(explained);
      good += explained ? 1 : 0;
    }
    System.out.printf("seed %d: %d of %d banks in order%n", seed, good, HISTORIES);
    assertThat(good).isBetween(HISTORIES / 10, HISTORIES * 9 / 10);
  }

  private static List<Call> reads(History history) {
    return history.calls().stream()
        .filter(call -> call.invoke().f().equals("read") && call.outcome() == Op.Type.OK)
        .toList();
  }

  private static boolean isExplained(Call read, History history) {
    List<Call> must = new ArrayList<>();
    List<Call> may = new ArrayList<>();
    for (Call call : history.calls()) {
      if (call.invoke().f().equals("transfer")
          && call.outcome() != Op.Type.FAIL
          && call.invoke().index() < read.returnIndex()) {
        (call.returnIndex() < read.invoke().index() ? must : may).add(call);
      }
    }
    for (int set = 0; set < 1 << may.size(); set++) {
      Map<Object, Long> balances = new HashMap<>(INITIAL);
      must.forEach(call -> apply(call, balances));
      for (int i = 0; i < may.size(); i++) {
        if ((set >> i & 1) != 0) {
          apply(may.get(i), balances);
        }
      }
      if (balances.equals(read.completion().orElseThrow().value())) {
        return true;
      }
    }
    return false;
  }

  private static void apply(Call call, Map<Object, Long> balances) {
    Map<?, ?> value = (Map<?, ?>) requireNonNull(call.invoke().value());
    apply(
        balances,
        requireNonNull(value.get(new Keyword("from"))),
        requireNonNull(value.get(new Keyword("to"))),
        (Long) requireNonNull(value.get(new Keyword("amount"))));
  }

  private static void apply(Map<Object, Long> balances, Object from, Object to, long amount) {
    balances.merge(from, -amount, Long::sum);
    balances.merge(to, amount, Long::sum);
  }

  /** Transfers take effect at their calls, at their ends, or never; some reads are changed. */
  private static History history(SplittableRandom random) {
    Scenario scenario = new Scenario();
    Map<Object, Long> balances = new HashMap<>(INITIAL);
    Map<Long, long[]> open = new HashMap<>();
    int steps = random.nextInt(2, 16);
    for (long step = 0; step < steps; step++) {
      if (!open.isEmpty() && random.nextInt(3) == 0) {
        long process = open.keySet().iterator().next();
        end(scenario, process, requireNonNull(open.remove(process)), balances, random);
      } else if (random.nextBoolean()) {
        long[] move = {random.nextInt(3), random.nextInt(3), random.nextInt(4), random.nextInt(2)};
        scenario.invoke(step, "transfer", Scenario.transfer(move[0], move[1], move[2]));
        if (move[3] == 0) {
          apply(balances, move[0], move[1], move[2]);
        }
        open.put(step, move);
      } else {
        Map<Object, Long> seen = new HashMap<>(balances);
        if (random.nextInt(6) == 0) {
          apply(seen, 0L, (long) random.nextInt(1, 3), random.nextInt(1, 4));
        }
        scenario.done(100 + step, "read", seen);
      }
    }
    return scenario.history();
  }

  private static void end(
      Scenario scenario,
      long process,
      long[] move,
      Map<Object, Long> balances,
      SplittableRandom random) {
    Map<Keyword, Object> value = Scenario.transfer(move[0], move[1], move[2]);
    if (random.nextInt(3) == 0) {
      scenario.info(process, "transfer", value);
    } else if (move[3] != 0 && random.nextBoolean()) {
      scenario.fail(process, "transfer", value);
    } else {
      if (move[3] != 0) {
        apply(balances, move[0], move[1], move[2]);
      }
      scenario.ok(process, "transfer", value);
    }
  }
}
