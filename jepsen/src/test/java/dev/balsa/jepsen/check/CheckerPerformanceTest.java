package dev.balsa.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.BankChecker.Bank;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.history.History;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A hundred thousand operations, with guards that a sound build does not come near to. */
class CheckerPerformanceTest {
  private static final int OPERATIONS = 100_000;
  private static final int INFO_EVERY = 50;
  private static final long SEED = 71;
  private static final Duration GUARD = Duration.ofSeconds(30);

  @Test
  void aLargeBankIsChecked() {
    SplittableRandom random = new SplittableRandom(SEED);
    Map<Object, Long> balances = new HashMap<>();
    for (long account = 0; account < 8; account++) {
      balances.put(account, 100L);
    }
    Bank bank = new Bank(balances, true, true);
    Scenario scenario = new Scenario();
    for (int i = 0; i < OPERATIONS; i++) {
      if (random.nextBoolean()) {
        scenario.done(i, "read", Map.copyOf(balances));
        continue;
      }
      long from = random.nextInt(8);
      long to = random.nextInt(8);
      long amount = random.nextInt(1, 6);
      scenario.invoke(i, "transfer", Scenario.transfer(from, to, amount));
      boolean unknown = random.nextInt(INFO_EVERY) == 0;
      if (!unknown || random.nextBoolean()) {
        balances.merge(from, -amount, Long::sum);
        balances.merge(to, amount, Long::sum);
      }
      if (!unknown) {
        scenario.ok(i, "transfer", Scenario.transfer(from, to, amount));
      }
    }
    assertValid(new BankChecker(bank), scenario.done(-2, "read", balances).history());
  }

  @Test
  void aLargeSetIsChecked() {
    SplittableRandom random = new SplittableRandom(SEED);
    Set<Object> set = new HashSet<>();
    Scenario scenario = new Scenario();
    for (long i = 0; i < OPERATIONS; i++) {
      if (i % 1_000 == 999) {
        scenario.done(i, "read", Set.copyOf(set));
        continue;
      }
      scenario.invoke(i, "add", i);
      boolean unknown = random.nextInt(INFO_EVERY) == 0;
      if (!unknown || random.nextBoolean()) {
        set.add(i);
      }
      if (!unknown) {
        scenario.ok(i, "add", i);
      }
    }
    History history = scenario.history();
    assertValid(SetChecker.ofLinearizableReads(), history);
    assertValid(SetChecker.ofStaleReads(), history);
  }

  private static void assertValid(Checker checker, History history) {
    long begun = System.nanoTime();
    Finding finding = checker.check(history);
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    System.out.printf(
        "seed %d: %s of %d operations is %s after %d ms, %s%n",
        SEED, finding.checker(), OPERATIONS, finding.validity(), took.toMillis(), finding.facts());
    assertThat(finding.validity()).as("%s", finding).isEqualTo(Validity.VALID);
    assertThat(took).isLessThan(GUARD);
  }
}
