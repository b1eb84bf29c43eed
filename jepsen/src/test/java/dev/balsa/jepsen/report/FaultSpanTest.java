package dev.balsa.jepsen.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FaultSpanTest {
  private final List<Op> ops = new ArrayList<>();

  private void at(long time, String f, @Nullable Object value) {
    ops.add(new Op(ops.size(), time, Op.Type.INFO, Op.NEMESIS, f, value, null, 0));
  }

  @Test
  void aFaultLastsFromBeforeItIsMadeToAfterItIsTakenAway() {
    at(10, "start-kill", null);
    at(12, "start-kill", "node 1 killed");
    at(20, "stop-kill", null);
    at(25, "stop-kill", "node 1 started");
    at(40, "start-kill", null);
    at(41, "start-kill", "node 2 killed");
    assertThat(FaultSpan.of(ops, 99))
        .containsExactly(
            new FaultSpan("kill", 10, 25, "node 1 killed; node 1 started"),
            new FaultSpan("kill", 40, 99, "node 2 killed"));
  }

  @Test
  void faultsOfSeveralKindsOverlap() {
    at(10, "start-kill", "a");
    at(15, "begin-pause", "b");
    at(20, "stop-kill", "c");
    at(30, "end-pause", "b");
    assertThat(FaultSpan.of(ops, 99))
        .containsExactly(
            new FaultSpan("kill", 10, 20, "a; c"), new FaultSpan("pause", 15, 30, "b"));
  }

  @Test
  void aNameAloneBeginsAndEnds() {
    at(10, "partition", "isolated 1");
    at(20, "partition", "healed");
    at(30, "partition", List.of(new Keyword("begin"), "isolated 2"));
    at(40, "partition", List.of(new Keyword("end")));
    assertThat(FaultSpan.of(ops, 99))
        .containsExactly(
            new FaultSpan("partition", 10, 20, "isolated 1; healed"),
            new FaultSpan("partition", 30, 40, "isolated 2; [:end]"));
  }

  @Test
  void anEndWithoutABeginningIsNone() {
    at(10, "stop-kill", "a");
    assertThat(FaultSpan.of(ops, 99)).isEmpty();
  }
}
