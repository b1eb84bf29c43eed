package dev.balsa.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.check.SimulatedDatabase.Fault;
import dev.balsa.jepsen.check.SimulatedDatabase.Shape;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Op;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ListAppendRandomTest {
  /** Seeds that follow each other begin alike otherwise. */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private static final int SMALL_HISTORIES = 20_000;
  private static final Duration JUDGED_WITHIN = Duration.ofSeconds(30);
  private static final Set<Fault> ALL = EnumSet.allOf(Fault.class);

  /** What a single read does not give away. */
  private static final Set<Fault> SUBTLE =
      EnumSet.of(
          Fault.STALE_READ, Fault.OLD_SNAPSHOT, Fault.ACKNOWLEDGED_TOO_EARLY, Fault.IN_TWO_PIECES);

  /**
   * Also where appends were never read: the checker takes them to come after all that was read,
   * which is so in any order that explains the history. So the verdicts agree on all histories.
   */
  @Test
  void theCheckerAndBruteForceAgreeOnSmallHistories() {
    Map<String, Integer> types = new TreeMap<>();
    int valid = 0;
    for (long seed = 0; seed < SMALL_HISTORIES; seed++) {
      long failing = seed;
      Random random = new Random(seed * SPREAD);
      Shape shape =
          new Shape(
              3 + random.nextInt(6),
              2 + random.nextInt(4),
              1 + random.nextInt(3),
              3 + random.nextInt(8),
              1 + random.nextInt(5),
              random.nextBoolean() ? 0 : 4 + random.nextInt(8),
              List.of(Set.<Fault>of(), ALL, SUBTLE, SUBTLE).get(random.nextInt(4)),
              1 + random.nextInt(4));
      History history = SimulatedDatabase.history(shape, random);
      Finding finding = new ListAppendChecker().check(history);
      boolean serializable = BruteForce.isStrictlySerializable(history);
      assertThat(finding.anomalies().isEmpty())
          .as(() -> "seed " + failing + "\n" + text(history) + "\n" + finding)
          .isEqualTo(serializable);
      valid += serializable ? 1 : 0;
      for (Anomaly anomaly : finding.anomalies()) {
        types.merge(anomaly.type(), 1, Integer::sum);
      }
    }
    System.out.printf("%d small histories, %d valid, %s%n", SMALL_HISTORIES, valid, types);
    assertThat(valid).isBetween(SMALL_HISTORIES / 4, SMALL_HISTORIES * 3 / 4);
  }

  private static String text(History history) {
    return history.ops().stream().map(Op::toString).collect(Collectors.joining("\n"));
  }

  private static Shape large(Set<Fault> faults, int faulty) {
    return new Shape(100_000, 50, 10, 100, 6, 100, faults, faulty);
  }

  @Test
  void aHundredThousandSoundTransactionsAreValid() {
    for (long seed = 1; seed <= 2; seed++) {
      Finding finding = judge(large(Set.of(), 1), seed);
      assertThat(finding.anomalies()).isEmpty();
      assertThat(finding.validity()).isEqualTo(Validity.VALID);
      assertThat((Integer) finding.facts().get("unknown, seen to have taken effect")).isPositive();
    }
  }

  @Test
  void oneWrongTransactionAmongAHundredThousandIsFound() {
    Finding finding = judge(large(EnumSet.of(Fault.STALE_READ), 100_000), 6);
    assertThat(finding.anomalies()).isNotEmpty();
    assertThat(finding.anomalies().get(0).cycle()).hasSizeLessThan(5);
  }

  /** Every other transaction reads what is old: nearly all of them are in one component. */
  @Test
  void aHistoryThatIsOneTangleIsJudgedInTimeAndInFewWords() {
    for (Set<Fault> faults :
        List.of(
            EnumSet.of(Fault.OLD_SNAPSHOT),
            EnumSet.of(Fault.ACKNOWLEDGED_TOO_EARLY),
            EnumSet.of(Fault.IN_TWO_PIECES))) {
      Finding finding = judge(large(faults, 2), 7);
      assertThat(finding.validity()).isEqualTo(Validity.INVALID);
      assertThat(finding.anomalies())
          .hasSizeLessThan(150)
          .allSatisfy(anomaly -> assertThat(anomaly.explanation()).hasSizeLessThan(50_000));
    }
  }

  /**
   * Each of 50,000 that have read nothing comes before each of 50,000 that append, and are unread.
   */
  @Test
  void manyUnreadAppendsAreJudgedInTime() {
    List<Op> ops = new ArrayList<>();
    for (long txn = 0; txn < 100_000; txn++) {
      List<Object> mop =
          txn < 50_000
              ? Arrays.asList(SimulatedDatabase.READ, 0L, null)
              : List.of(SimulatedDatabase.APPEND, 0L, txn);
      add(ops, txn, mop);
    }
    assertThat(judge(new History(ops), "nothing is read").validity()).isEqualTo(Validity.VALID);
    add(ops, 100_000, Arrays.asList(SimulatedDatabase.READ, 0L, null));
    assertThat(judge(new History(ops), "nothing is read to the end").anomalies())
        .extracting(Anomaly::type)
        .containsExactly("G-single-realtime");
  }

  private static void add(List<Op> ops, long process, List<Object> mop) {
    for (Op.Type type : List.of(Op.Type.INVOKE, Op.Type.OK)) {
      ops.add(new Op(ops.size(), ops.size(), type, process, "txn", List.of(mop), null, 0));
    }
  }

  private static Finding judge(Shape shape, long seed) {
    return judge(
        SimulatedDatabase.history(shape, new Random(seed * SPREAD)), shape.faults() + " " + seed);
  }

  private static Finding judge(History history, String what) {
    long start = System.nanoTime();
    Finding finding = new ListAppendChecker().check(history);
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    System.out.printf("%s: %d ms, %s%n", what, took.toMillis(), finding.facts());
    assertThat(took).isLessThan(JUDGED_WITHIN);
    return finding;
  }
}
