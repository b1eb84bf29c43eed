package dev.balsa.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Histories by hand, in milliseconds. */
class MeasuresTest {
  private final List<Op> ops = new ArrayList<>();
  private long nextProcess;

  @Test
  void aFaultLastsFromBeforeItsBeginningUntilAfterItsEnd() {
    nemesis(10, "start-kill");
    nemesis(12, "start-kill");
    nemesis(20, "stop-kill");
    nemesis(25, "stop-kill");
    nemesis(30, "start-pause");
    nemesis(31, "start-pause");
    nemesis(40, "stop-pause");
    nemesis(41, "stop-pause");
    nemesis(50, "start-kill");
    nemesis(60, "start-kill");
    write(70, 80, 1);
    assertThat(Span.of(new History(ops)))
        .containsExactly(
            new Span("kill", nanos(10), nanos(25)),
            new Span("pause", nanos(30), nanos(41)),
            new Span("kill", nanos(50), nanos(80)));
  }

  @Test
  void aFailoverEndsWithTheFirstWriteOfAnotherNodeThatWasCalledAfterTheCut() {
    write(5, 90, 1);
    nemesis(100, "start-partition");
    nemesis(110, "start-partition");
    read(120, 130, 2);
    write(140, 150, 1);
    write(500, 700, 3);
    nemesis(1_000, "stop-partition");
    nemesis(1_001, "stop-partition");
    assertThat(failovers(sample(0, 1, 1), sample(400, 3, 2))).containsExactly(600L);
  }

  @Test
  void readsOfAnyNameAreNoWrites() {
    for (String read : List.of("read", "stale-read")) {
      assertThat(Failovers.isWrite(operation(read))).as(read).isFalse();
    }
    for (String write : List.of("write", "cas", "add", "transfer", "vacuum")) {
      assertThat(Failovers.isWrite(operation(write))).as(write).isTrue();
    }
  }

  private static Op operation(String f) {
    return new Op(0, 0, Op.Type.INVOKE, 0, f, null, null, 1);
  }

  @Test
  void withoutANewLeaderThereIsNoFailover() {
    nemesis(100, "start-partition");
    nemesis(110, "start-partition");
    write(500, 700, 3);
    nemesis(1_000, "stop-partition");
    assertThat(failovers(sample(0, 1, 1))).isEmpty();
    assertThat(failovers(sample(0, 1, 1), sample(200, 1, 2))).isEmpty();
    assertThat(failovers(sample(0, 1, 1), sample(1_200, 3, 2))).isEmpty();
  }

  @Test
  void coverageCountsWhatIsAcknowledgedWhileAFaultLasts() {
    write(5, 9, 1);
    nemesis(10, "start-kill");
    nemesis(12, "start-kill");
    write(13, 15, 1);
    nemesis(20, "stop-kill");
    nemesis(25, "stop-kill");
    write(26, 27, 1);
    assertThat(coverage(3, 1, "kill")).isEqualTo(Validity.VALID);
    assertThat(coverage(4, 1, "kill")).isEqualTo(Validity.UNKNOWN);
    assertThat(coverage(3, 2, "kill")).isEqualTo(Validity.UNKNOWN);
    assertThat(coverage(3, 0, "pause")).isEqualTo(Validity.UNKNOWN);
  }

  private Validity coverage(int acknowledged, int during, String fault) {
    return new Coverage(new Coverage.Wanted(acknowledged, during), Set.of("txn"), List.of(fault))
        .check(new History(ops))
        .validity();
  }

  private List<Long> failovers(LeaderLog.Sample... leaders) {
    return Failovers.millis(new History(ops), List.of(leaders), Failovers::isWrite);
  }

  private static LeaderLog.Sample sample(long millis, long node, long term) {
    return new LeaderLog.Sample(nanos(millis), node, term);
  }

  private void nemesis(long millis, String f) {
    add(millis, Op.Type.INFO, Op.NEMESIS, f, null, 0);
  }

  private void write(long called, long done, long node) {
    operation(called, done, List.of(List.of(new Keyword("append"), 1L, 1L)), node);
  }

  private void read(long called, long done, long node) {
    operation(called, done, List.of(List.of(new Keyword("r"), 1L)), node);
  }

  /** Called and done with nothing in between: what overlaps does not matter here. */
  private void operation(long called, long done, Object value, long node) {
    long process = nextProcess++;
    add(called, Op.Type.INVOKE, process, "txn", value, node);
    add(done, Op.Type.OK, process, "txn", value, node);
  }

  private void add(
      long millis, Op.Type type, long process, String f, @Nullable Object value, long node) {
    ops.add(new Op(ops.size(), nanos(millis), type, process, f, value, null, node));
  }

  private static long nanos(long millis) {
    return millis * 1_000_000;
  }
}
