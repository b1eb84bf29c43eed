package dev.balsa.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.db.Transaction.Statement;
import dev.balsa.jepsen.history.Op;
import dev.balsa.jepsen.workload.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompletionTest {
  private static final Outcome SILENCE = new Outcome.Unknown("no answer");

  @Test
  void whatIsCommittedIsOkWithItsResults() {
    Completion completion = Completion.of(operation(Operation.Kind.WRITE, false), ok());
    assertThat(completion).isEqualTo(new Completion(Op.Type.OK, "result", null));
  }

  @Test
  void whatHasFoundThatItCannotBeDoneHasFailed() {
    Completion completion = Completion.of(operation(Operation.Kind.WRITE, true), ok());
    assertThat(completion).isEqualTo(new Completion(Op.Type.FAIL, "argument", "it may not"));
  }

  @ParameterizedTest
  @EnumSource(Outcome.Reason.class)
  void whatWasRefusedHasFailed(Outcome.Reason reason) {
    Completion completion =
        Completion.of(operation(Operation.Kind.WRITE, false), new Outcome.Failed(reason, 2, "why"));
    assertThat(completion).isEqualTo(new Completion(Op.Type.FAIL, "argument", reason + ": why"));
  }

  @Test
  void aWriteThatNobodyKnowsOfIsIndeterminate() {
    assertThat(Completion.of(operation(Operation.Kind.WRITE, false), SILENCE))
        .isEqualTo(new Completion(Op.Type.INFO, "argument", "no answer"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Operation.Kind.class,
      names = {"READ", "FRESH_READ"})
  void aReadThatNobodyKnowsOfHasFailedSinceItChangesNothing(Operation.Kind kind) {
    assertThat(Completion.of(operation(kind, false), SILENCE))
        .isEqualTo(new Completion(Op.Type.FAIL, "argument", "no answer"));
  }

  private static Outcome ok() {
    return new Outcome.Ok(List.of());
  }

  private static Operation operation(Operation.Kind kind, boolean refused) {
    return new Operation(
        "f",
        "argument",
        kind,
        List.of(Statement.of("SELECT 1")),
        tables ->
            refused
                ? new Operation.Result.Refused("it may not")
                : new Operation.Result.Done("result"));
  }
}
