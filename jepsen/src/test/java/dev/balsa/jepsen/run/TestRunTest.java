package dev.balsa.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.check.ResultsJson;
import dev.balsa.jepsen.db.SystemUnderTest;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.HistoryReader;
import dev.balsa.jepsen.history.Op;
import dev.balsa.jepsen.report.HtmlReport;
import dev.balsa.jepsen.run.FakeSystem.Defect;
import dev.balsa.jepsen.workload.ReadLevel;
import dev.balsa.jepsen.workload.Workloads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs, of a fraction of a second. */
class TestRunTest {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(15);

  @TempDir private Path folder;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @ParameterizedTest
  @ValueSource(strings = {"append", "register", "bank", "set", "ddl"})
  void aSoundDatabaseIsValid(String workload) throws Exception {
    Result result = judged(workload, ReadLevel.LINEARIZABLE, Defect.NONE);
    assertThat(result.validity()).as("%s", result.lines()).isEqualTo(Validity.VALID);
    assertThat(ResultsJson.read(folder.resolve(ResultsJson.FILE)).validity())
        .isEqualTo(Validity.VALID);
    assertThat(folder.resolve(HtmlReport.FILE)).content().contains("data-verdict=\"valid\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "register", "bank", "set", "ddl"})
  void silenceIsNoDefect(String workload) throws Exception {
    Result result = judged(workload, ReadLevel.LINEARIZABLE, Defect.KEEPS_SILENT);
    assertThat(result.validity()).as("%s", result.lines()).isEqualTo(Validity.VALID);
    assertThat((Long) result.facts().get("info")).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "append, FORGETS",
    "append, READS_OLD",
    "append, DENIES",
    "append, TEARS",
    "register, FORGETS",
    "register, READS_OLD",
    "register, DENIES",
    "bank, FORGETS",
    "bank, DENIES",
    "bank, TEARS",
    "set, FORGETS",
    "set, READS_OLD",
    "set, DENIES",
    "ddl, FORGETS",
    "ddl, DENIES",
  })
  void aBrokenDatabaseIsInvalid(String workload, Defect defect) throws Exception {
    Result result = judged(workload, ReadLevel.LINEARIZABLE, defect);
    assertThat(result.validity()).as("%s", result.lines()).isEqualTo(Validity.INVALID);
  }

  @ParameterizedTest
  @CsvSource({"append, FORGETS", "register, READS_OLD", "set, READS_OLD", "append, READS_OLD"})
  void aBrokenDatabaseIsInvalidWhereReadsMayBeStaleToo(String workload, Defect defect)
      throws Exception {
    Result result = judged(workload, ReadLevel.STALE, defect);
    assertThat(result.validity()).as("%s", result.lines()).isEqualTo(Validity.INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "register", "bank", "set", "ddl"})
  void aSoundDatabaseIsValidWhereReadsMayBeStale(String workload) throws Exception {
    Result result = judged(workload, ReadLevel.STALE, Defect.NONE);
    assertThat(result.validity()).as("%s", result.lines()).isEqualTo(Validity.VALID);
  }

  @Test
  void aStoredHistoryIsJudgedTheSame() throws Exception {
    run(settings("set", ReadLevel.LINEARIZABLE), Defect.FORGETS);
    assertThat(Recheck.judge(folder, null, null).validity()).isEqualTo(Validity.INVALID);
    Path history = folder.resolve(TestRun.HISTORY);
    assertThat(Recheck.judge(history, "set", ReadLevel.LINEARIZABLE).validity())
        .isEqualTo(Validity.INVALID);
    assertThatThrownBy(() -> Recheck.judge(history, null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("which workload");
  }

  @Test
  void tooLittleSeenIsUnknown() throws Exception {
    Settings settings = settings("register", List.of("quake"), new Coverage.Wanted(1, 1_000_000));
    Result result = run(settings, Defect.NONE);
    assertThat(result.validity()).isEqualTo(Validity.UNKNOWN);
    assertThat(String.join("\n", result.lines())).contains("acknowledged during quake");
  }

  @Test
  void faultsComeAndGoAndTheSystemIsMadeWhole() throws Exception {
    Settings settings = settings("register", List.of("quake", "flood"), new Coverage.Wanted(1, 1));
    FakeSystem system = new FakeSystem(folder, Defect.NONE);
    run(settings, system);
    List<String> events = system.events();
    assertThat(events.subList(events.size() - 4, events.size()))
        .containsExactly("whole", "quiet", "stop", "close");
    for (String fault : List.of("quake", "flood")) {
      int begin = events.indexOf("begin " + fault);
      assertThat(events.subList(begin, begin + 3))
          .containsExactly("begin " + fault, "end " + fault, "whole");
    }
    List<String> told =
        history().ops().stream()
            .filter(Op::isNemesis)
            .map(op -> op.f() + " " + op.value())
            .toList();
    assertThat(told)
        .contains("start-quake null", "start-quake begun", "stop-quake null", "stop-quake ended");
  }

  @Test
  void whatDoesNotStayIsFollowedByTheWaitUntilTheSystemIsWhole() throws Exception {
    Settings settings = settings("register", List.of("spark"), new Coverage.Wanted(1, 1));
    FakeSystem system = new FakeSystem(folder, Defect.NONE);
    Result result = run(settings, system);
    List<String> events = system.events();
    int begin = events.indexOf("begin spark");
    assertThat(events.subList(begin, begin + 4))
        .containsExactly("begin spark", "whole", "end spark", "whole");
    long faults = events.stream().filter("begin spark"::equals).count();
    assertThat(result.facts()).containsEntry("faults", (int) faults);
  }

  @Test
  void whatTheMachineCannotDoIsToldAndLeftOut() throws Exception {
    Settings settings =
        settings("register", List.of("impossible", "quake"), new Coverage.Wanted(1, 0));
    assertThat(run(settings, Defect.NONE).validity()).isEqualTo(Validity.VALID);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("without impossible: a miracle is needed");
  }

  @Test
  void faultsOfWhichNoneIsPossibleAreNoRun() {
    Settings settings = settings("register", List.of("impossible"), new Coverage.Wanted(1, 0));
    FakeSystem system = new FakeSystem(folder, Defect.NONE);
    assertThatThrownBy(() -> run(settings, system)).isInstanceOf(IllegalArgumentException.class);
    assertThat(system.events()).last().isEqualTo("close");
  }

  @Test
  void aProcessEndsWithWhatNobodyKnows() throws Exception {
    run(settings("register", ReadLevel.LINEARIZABLE), Defect.KEEPS_SILENT);
    Map<Long, List<Op>> byProcess =
        history().ops().stream()
            .filter(op -> !op.isNemesis())
            .collect(Collectors.groupingBy(Op::process));
    List<Op> unknown =
        history().ops().stream().filter(o -> o.type() == Op.Type.INFO && !o.isNemesis()).toList();
    assertThat(unknown).isNotEmpty();
    for (Op op : unknown) {
      assertThat(byProcess.get(op.process())).last().isEqualTo(op);
    }
    assertThat(unknown).noneMatch(op -> op.f().equals("read"));
  }

  @Test
  void clientsStayWithFollowersToo() throws Exception {
    run(settings("register", ReadLevel.LINEARIZABLE), Defect.NONE);
    Map<Long, Long> refused =
        history().ops().stream()
            .filter(
                op ->
                    op.type() == Op.Type.FAIL && String.valueOf(op.error()).contains("NOT_LEADER"))
            .collect(Collectors.groupingBy(Op::node, Collectors.counting()));
    assertThat(refused.keySet()).containsExactlyInAnyOrder(2L, 3L);
  }

  @Test
  void nobodyAsksASystemThatIsClosed() throws Exception {
    AtomicBoolean asked = new AtomicBoolean();
    AtomicBoolean askedWhenClosed = new AtomicBoolean();
    FakeSystem system =
        new FakeSystem(folder, Defect.NONE) {
          @Override
          public SystemUnderTest.Status status() {
            asked.set(true);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500)); // as one that stands still
            askedWhenClosed.compareAndSet(false, events().contains("close"));
            return super.status();
          }
        };
    run(settings("register", ReadLevel.LINEARIZABLE), system);
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(600));
    assertThat(asked).isTrue();
    assertThat(askedWhenClosed).isFalse();
  }

  @Test
  void aRunThatDoesNotSeeWhoLeadsIsNoRun() {
    FakeSystem system =
        new FakeSystem(folder, Defect.NONE) {
          @Override
          public SystemUnderTest.Status status() {
            throw new IllegalStateException("blind");
          }
        };
    assertThatThrownBy(() -> run(settings("register", ReadLevel.LINEARIZABLE), system))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the harness is broken")
        .hasMessageContaining("blind");
  }

  @Test
  void aRunThatIsBrokenOffHealsAndEndsAll() throws Exception {
    Settings settings = settings("register", List.of("quake"), new Coverage.Wanted(1, 1));
    CountDownLatch begun = new CountDownLatch(1);
    FakeSystem system =
        new FakeSystem(folder, Defect.NONE) {
          @Override
          public SystemUnderTest.Status status() {
            if (events().contains("begin quake")) {
              begun.countDown();
            }
            return super.status();
          }
        };
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Settings slow =
        new Settings(
            settings.nodes(),
            settings.workload(),
            settings.faults(),
            Duration.ofMillis(300),
            settings.rate(),
            settings.concurrency(),
            Duration.ofMinutes(10),
            settings.seed(),
            settings.readLevel(),
            settings.net(),
            settings.disk(),
            settings.snapshotEvery(),
            settings.coverage(),
            settings.wholeMax());
    Thread thread =
        new Thread(
            () -> {
              try {
                run(slow, system);
              } catch (Throwable t) { // told below
                thrown.set(t);
              }
            });
    thread.start();
    assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
    thread.interrupt();
    thread.join(60_000);
    assertThat(thread.isAlive()).isFalse();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    List<String> events = system.events();
    assertThat(events).last().isEqualTo("close");
    assertThat(events.stream().filter(e -> e.startsWith("begin")).count())
        .isEqualTo(events.stream().filter(e -> e.startsWith("end")).count());
    // What was recorded can still be judged.
    assertThat(Recheck.judge(folder, null, null).validity()).isNotEqualTo(Validity.INVALID);
  }

  private static Settings settings(String workload, ReadLevel level) {
    return settings(workload, level, SHORT);
  }

  private static Settings settings(String workload, ReadLevel level, Duration limit) {
    return settings(workload, level, List.of(), new Coverage.Wanted(50, 0), limit);
  }

  private Settings settings(String workload, List<String> faults, Coverage.Wanted wanted) {
    return settings(workload, ReadLevel.LINEARIZABLE, faults, wanted, SHORT);
  }

  private static Settings settings(
      String workload,
      ReadLevel level,
      List<String> faults,
      Coverage.Wanted wanted,
      Duration limit) {
    return new Settings(
        3,
        workload,
        faults,
        Duration.ofMillis(60),
        2_000,
        8,
        limit,
        42,
        level,
        "none",
        "none",
        0,
        wanted,
        Duration.ofSeconds(30));
  }

  /**
   * A short run; on a machine where too little is done in that time, or nothing in which the defect
   * shows, longer ones. A sound database is not tried again: invalid is invalid.
   */
  private Result judged(String workload, ReadLevel level, Defect defect) throws Exception {
    Set<Validity> open =
        defect == Defect.NONE || defect == Defect.KEEPS_SILENT
            ? Set.of(Validity.UNKNOWN)
            : Set.of(Validity.UNKNOWN, Validity.VALID);
    Duration limit = SHORT;
    Result result = run(settings(workload, level, limit), defect);
    while (open.contains(result.validity()) && limit.compareTo(LONG) < 0) {
      limit = limit.multipliedBy(4);
      result = run(settings(workload, level, limit), defect);
    }
    return result;
  }

  private Result run(Settings settings, Defect defect) throws Exception {
    return run(settings, new FakeSystem(folder, defect));
  }

  private Result run(Settings settings, FakeSystem system) throws Exception {
    return new TestRun(
            settings,
            Workloads.of(settings.workload(), settings.readLevel()),
            folder,
            new PrintStream(said, true, StandardCharsets.UTF_8))
        .run(system);
  }

  private History history() throws Exception {
    return HistoryReader.read(folder.resolve(TestRun.HISTORY));
  }
}
