package dev.balsa.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FinalReadCheckerTest {
  private final List<Op> ops = new ArrayList<>();

  @Test
  void whatWasAcknowledgedAndIsNotThereInTheEndIsLost() {
    append(Op.Type.OK, 1);
    append(Op.Type.OK, 2);
    quiet();
    read(List.of(1L));
    Finding finding = new FinalReadChecker().check(new History(ops));
    assertThat(finding.validity()).isEqualTo(Validity.INVALID);
    assertThat(finding.anomalies()).hasSize(1);
    assertThat(finding.anomalies().get(0).type()).isEqualTo("lost-append");
    assertThat(finding.anomalies().get(0).ops()).containsExactly(3, 6);
  }

  @Test
  void aListThatIsNotThereIsLostAsAWhole() {
    append(Op.Type.OK, 1);
    quiet();
    read(null);
    assertThat(validity()).isEqualTo(Validity.INVALID);
  }

  @Test
  void whatFailedOrIsUnknownMayBeThereOrNot() {
    append(Op.Type.OK, 1);
    append(Op.Type.FAIL, 2);
    append(Op.Type.INFO, 3);
    append(Op.Type.INFO, 4);
    quiet();
    read(List.of(1L, 4L));
    assertThat(validity()).isEqualTo(Validity.VALID);
  }

  @Test
  void anEarlierReadMayBeStale() {
    append(Op.Type.OK, 1);
    read(null);
    quiet();
    read(List.of(1L));
    assertThat(validity()).isEqualTo(Validity.VALID);
  }

  @Test
  void withoutAReadInTheEndItIsUnknown() {
    append(Op.Type.OK, 1);
    read(List.of(1L));
    assertThat(validity()).isEqualTo(Validity.UNKNOWN);
    quiet();
    assertThat(validity()).isEqualTo(Validity.UNKNOWN);
  }

  private Validity validity() {
    return new FinalReadChecker().check(new History(ops)).validity();
  }

  private void append(Op.Type outcome, long element) {
    List<Object> value = List.of(List.of(new Keyword("append"), 7L, element));
    transaction(value, outcome, value);
  }

  private void read(@Nullable List<Long> elements) {
    transaction(
        List.of(Arrays.asList(new Keyword("r"), 7L, null)),
        Op.Type.OK,
        List.of(Arrays.asList(new Keyword("r"), 7L, elements)));
  }

  private void transaction(Object invoked, Op.Type outcome, Object completed) {
    long process = ops.size();
    add(Op.Type.INVOKE, process, "txn", invoked);
    add(outcome, process, "txn", completed);
  }

  private void quiet() {
    add(Op.Type.INFO, Op.NEMESIS, Op.QUIET, null);
  }

  private void add(Op.Type type, long process, String f, @Nullable Object value) {
    ops.add(new Op(ops.size(), ops.size(), type, process, f, value, null, 1));
  }
}
