package dev.balsa.jepsen.check;

import static dev.balsa.jepsen.check.Scenario.transfer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.jepsen.check.BankChecker.Bank;
import dev.balsa.jepsen.check.Finding.Validity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BankCheckerTest {
  private static final Map<Object, Long> INITIAL = Map.of(1L, 50L, 2L, 50L);
  private static final Bank BANK = new Bank(INITIAL, false, true);

  @Test
  void balancesThatTransfersExplainAreValid() {
    Scenario scenario =
        new Scenario()
            .done(0, "read", balances(50, 50))
            .done(0, "transfer", transfer(1L, 2L, 20))
            .done(1, "read", balances(30, 70));
    Finding finding = new BankChecker(BANK).check(scenario.history());
    assertThat(finding.validity()).isEqualTo(Validity.VALID);
    assertThat(finding.facts())
        .containsEntry("reads", 2)
        .containsEntry("transfers-acknowledged", 1);
  }

  @Test
  void aReadBesideATransferShowsItOrNot() {
    for (Map<Object, Long> seen : List.of(balances(50, 50), balances(30, 70))) {
      assertValid(
          new Scenario()
              .invoke(0, "transfer", transfer(1L, 2L, 20))
              .done(1, "read", seen)
              .ok(0, "transfer", transfer(1L, 2L, 20))
              .done(1, "read", balances(30, 70)));
    }
  }

  @Test
  void moneyThatComesOrGoesIsAWrongTotal() {
    assertAnomaly("wrong-total", new Scenario().done(0, "read", balances(50, 49)), 1);
  }

  @Test
  void anOverdrawnAccountIsWrongWhereThatIsNotAllowed() {
    Scenario scenario =
        new Scenario()
            .done(0, "transfer", transfer(1L, 2L, 60))
            .done(0, "read", balances(-10, 110));
    assertAnomaly("negative-value", scenario, 3);
    Finding allowed = new BankChecker(new Bank(INITIAL, true, true)).check(scenario.history());
    assertThat(allowed.validity()).isEqualTo(Validity.VALID);
  }

  @Test
  void anAccountThatThereIsNotIsUnexpected() {
    Map<Object, Long> balances = new HashMap<>(balances(50, 50));
    balances.put(3L, 0L);
    assertAnomaly("unexpected-key", new Scenario().done(0, "read", balances), 1);
  }

  @Test
  void anAccountThatIsNotThereIsMissing() {
    assertAnomaly("missing-key", new Scenario().done(0, "read", Map.of(1L, 100L)), 1);
  }

  @Test
  void anAccountWithoutABalanceIsNil() {
    Map<Object, Object> balances = new HashMap<>(balances(50, 50));
    balances.put(2L, null);
    assertAnomaly("nil-balance", new Scenario().done(0, "read", balances), 1);
  }

  @Test
  void anAcknowledgedTransferThatIsNotThereIsAWrongBalance() {
    assertAnomaly(
        "wrong-balance",
        new Scenario().done(0, "transfer", transfer(1L, 2L, 20)).done(0, "read", balances(50, 50)),
        3);
  }

  @Test
  void aTransferThatFailedOrThatNobodyCalledIsAWrongBalance() {
    assertAnomaly("wrong-balance", new Scenario().done(0, "read", balances(40, 60)), 1);
    assertAnomaly(
        "wrong-balance",
        new Scenario()
            .invoke(0, "transfer", transfer(1L, 2L, 20))
            .fail(0, "transfer", transfer(1L, 2L, 20))
            .done(0, "read", balances(30, 70)),
        3);
    assertAnomaly(
        "wrong-balance",
        new Scenario()
            .done(0, "read", balances(30, 70))
            .done(0, "transfer", transfer(1L, 2L, 20))
            .done(0, "read", balances(30, 70)),
        1);
  }

  @Test
  void aTransferOfUnknownOutcomeHappensAtAnyTimeOrNeverButOnce() {
    Scenario unknown =
        new Scenario()
            .invoke(0, "transfer", transfer(1L, 2L, 20))
            .info(0, "transfer", transfer(1L, 2L, 20))
            .done(1, "read", balances(50, 50))
            .done(1, "read", balances(30, 70));
    assertValid(unknown);
    assertAnomaly("wrong-balance", unknown.done(1, "read", balances(10, 90)), 7, 0);
  }

  @Test
  void staleReadsNeedNotShowWhatWasAcknowledged() {
    Scenario scenario =
        new Scenario().done(0, "transfer", transfer(1L, 2L, 20)).done(0, "read", balances(50, 50));
    Finding finding = new BankChecker(new Bank(INITIAL, false, false)).check(scenario.history());
    assertThat(finding.validity()).isEqualTo(Validity.VALID);
  }

  @Test
  void withoutAReadAtTheEndItIsUnknown() {
    Scenario scenario = new Scenario().done(0, "transfer", transfer(1L, 2L, 20));
    assertUnknown(scenario, "no read was acknowledged");
    assertUnknown(
        new Scenario().done(0, "read", balances(50, 50)).done(0, "transfer", transfer(1L, 2L, 20)),
        "no read was called after the last acknowledged transfer");
  }

  @Test
  void aLastReadWithTooManyExplanationsIsUnknown() {
    // Even amounts alone, of sizes that tell nothing early, and an odd change.
    Scenario scenario = new Scenario();
    for (int i = 0; i < 40; i++) {
      long amount = 1000 + 2L * i * i;
      scenario.invoke(i, "transfer", transfer(1L, 2L, amount));
    }
    scenario.done(100, "read", balances(-19_951, 20_051));
    Finding finding = new BankChecker(new Bank(INITIAL, true, true)).check(scenario.history());
    assertThat(finding.validity()).isEqualTo(Validity.UNKNOWN);
    assertThat(finding.missing())
        .containsExactly("the last read has too many explanations to try, of 40");
  }

  @Test
  void whatIsNotOfThisBankIsRefused() {
    assertThatThrownBy(
            () ->
                new BankChecker(BANK)
                    .check(new Scenario().done(0, "transfer", transfer(1L, 9L, 1)).history()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("event 0")
        .hasMessageContaining("not between accounts of this bank");
    assertThatThrownBy(
            () -> new BankChecker(BANK).check(new Scenario().done(0, "read", 5L).history()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("event 1");
  }

  static Map<Object, Long> balances(long one, long two) {
    return Map.of(1L, one, 2L, two);
  }

  private static void assertValid(Scenario scenario) {
    Finding finding = new BankChecker(BANK).check(scenario.history());
    assertThat(finding.validity()).as("%s", finding).isEqualTo(Validity.VALID);
  }

  private static void assertUnknown(Scenario scenario, String why) {
    Finding finding = new BankChecker(BANK).check(scenario.history());
    assertThat(finding.validity()).isEqualTo(Validity.UNKNOWN);
    assertThat(finding.missing()).containsExactly(why);
  }

  private static void assertAnomaly(String type, Scenario scenario, Integer... events) {
    Finding finding = new BankChecker(BANK).check(scenario.history());
    assertThat(finding.validity()).isEqualTo(Validity.INVALID);
    assertThat(finding.anomalies()).extracting(Finding.Anomaly::type).containsExactly(type);
    assertThat(finding.anomalies().get(0).ops()).containsExactly(events);
    assertThat(finding.facts()).containsEntry(type, 1L);
  }
}
