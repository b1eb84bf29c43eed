package dev.balsa.sqlite.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.crash.CommitHistory.Setting;
import dev.balsa.sqlite.vfs.OnTestVfs;
import dev.balsa.sqlite.vfs.TempFolder;
import dev.balsa.sqlite.vfs.TestVfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * SQLite as the judge of the model: it is known to survive power failures, where it syncs, and not
 * to where it does not.
 */
@OnTestVfs
class SqliteCrashTest {
  private static final long SEED = 1;
  private static final Set<Damage> ALL_DAMAGES = EnumSet.allOf(Damage.class);
  private static final Set<Operation.Kind> ALL_KINDS = EnumSet.allOf(Operation.Kind.class);

  private final TestVfs vfs = TestVfs.install();

  @BeforeEach
  void drawOfASeed() {
    vfs.seed(SEED);
  }

  @AfterEach
  void drawOfTheSystem() {
    vfs.useSystem();
  }

  @ParameterizedTest
  @CsvSource({
    "DELETE, EXTRA, 4096",
    "TRUNCATE, FULL, 1024",
    "PERSIST, FULL, 4096",
    "WAL, FULL, 4096",
    "WAL, FULL, 512"
  })
  void sqliteSurvivesEveryDamageAtEveryOperation(String mode, String synchronous, int pageSize)
      throws IOException {
    survivesEveryDamage(new Setting(mode, synchronous, pageSize), SEED);
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({
    "DELETE, EXTRA, 512",
    "DELETE, EXTRA, 4096",
    "TRUNCATE, FULL, 1024",
    "PERSIST, FULL, 4096",
    "WAL, FULL, 1024",
    "WAL, FULL, 4096"
  })
  void sqliteSurvivesOtherSeedsToo(String mode, String synchronous, int pageSize)
      throws IOException {
    for (long seed = SEED + 1; seed <= SEED + 10; seed++) {
      vfs.seed(seed);
      survivesEveryDamage(new Setting(mode, synchronous, pageSize), seed);
    }
  }

  private static void survivesEveryDamage(Setting setting, long seed) throws IOException {
    try (Run run = Run.fromNothing(setting)) {
      run.history.run(run.folder, run.trace, 11);
      int shown =
          CrashPoints.forEach(
              run.trace,
              ALL_DAMAGES,
              seed,
              (operations, damage, image) -> {
                image.writeTo(run.image);
                run.history.check(run.image, operations);
              });
      assertThat(shown).isGreaterThan(3 * run.trace.size());
    }
  }

  @ParameterizedTest
  @CsvSource({"DELETE", "WAL"})
  void withoutSyncsDamagesDoDamage(String mode) throws IOException {
    try (Run run = Run.onExisting(new Setting(mode, "OFF", 1024))) {
      run.history.run(run.folder, run.trace, 10);
      assertThat(run.trace.operations()).noneMatch(op -> op.kind() == Operation.Kind.SYNC);
      Set<Damage> harmful = EnumSet.noneOf(Damage.class);
      for (Damage damage : ALL_DAMAGES) {
        CrashPoints.forEach(
            run.trace,
            EnumSet.of(damage),
            SEED,
            (operations, same, image) -> {
              if (!harmful.contains(damage) && !run.survives(operations, image)) {
                harmful.add(damage);
              }
            });
      }
      assertThat(EnumSet.complementOf(EnumSet.copyOf(harmful)))
          .containsExactlyInAnyOrder(Damage.KILLED, Damage.NOTHING_LOST);
    }
  }

  /** The name of a journal comes back, and with it what was before: what EXTRA is there for. */
  @Test
  void aDeletedJournalMayComeBackIfItsFolderWasNotSynced() throws IOException {
    try (Run run = Run.fromNothing(new Setting("DELETE", "FULL", 4096))) {
      run.history.run(run.folder, run.trace, 6);
      int[] lost = new int[1];
      CrashPoints.forEach(
          run.trace,
          ALL_DAMAGES,
          SEED,
          (operations, damage, image) -> {
            image.writeTo(run.image);
            int found = run.history.check(run.image, operations, 1);
            lost[0] += run.history.answered(operations) > found ? 1 : 0;
          });
      assertThat(lost[0]).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void sqliteSurvivesTheFailureOfEachOperation(Failure failure) throws IOException {
    for (String mode : List.of("TRUNCATE", "WAL")) {
      for (int nth = 1; fail(new Setting(mode, "FULL", 4096), nth, failure); nth++) {
        assertThat(nth).as("operations of a small history").isLessThan(1000);
      }
    }
  }

  /** Whether there was an nth operation. */
  private static boolean fail(Setting setting, int nth, Failure failure) throws IOException {
    try (Run run = Run.fromNothing(setting)) {
      run.trace.failOnce(ALL_KINDS, nth, failure);
      Throwable thrown = null;
      try {
        run.history.run(run.folder, run.trace, 4);
      } catch (SqliteException e) {
        thrown = e;
      }
      boolean failed = run.trace.faults() > 0;
      if (thrown != null) {
        assertThat(failed).as("nothing else fails: %s", thrown).isTrue();
      }
      for (Damage damage : ALL_DAMAGES) {
        CrashImage.after(run.trace, run.trace.size(), damage, nth).writeTo(run.image);
        try {
          run.history.check(run.image, run.trace.size());
        } catch (AssertionError e) {
          throw new AssertionError(setting + ", " + failure + " at " + nth + ", " + damage, e);
        }
      }
      return failed;
    }
  }

  @Test
  void aFullDiskStaysFullAndIsTold() throws IOException {
    try (Run run = Run.fromNothing(new Setting("WAL", "FULL", 4096))) {
      run.trace.failFrom(EnumSet.of(Operation.Kind.WRITE), 40, Failure.NO_SPACE);
      assertThatThrownBy(() -> run.history.run(run.folder, run.trace, 20))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("full");
      assertThat(run.trace.faults()).isPositive();
      CrashImage.after(run.trace, run.trace.size(), Damage.ALL_LOST, SEED).writeTo(run.image);
      assertThat(run.history.check(run.image, run.trace.size())).isPositive();
    }
  }

  @ParameterizedTest
  @CsvSource({"TRUNCATE", "WAL"})
  void theSameSeedAndTimeGiveTheSameTrace(String mode) throws IOException {
    Setting setting = new Setting(mode, "FULL", 1024);
    List<Operation> first = operations(setting, 7);
    assertThat(operations(setting, 7)).isEqualTo(first);
    assertThat(operations(setting, 8)).isNotEqualTo(first);
  }

  private List<Operation> operations(Setting setting, long seed) throws IOException {
    vfs.seed(seed);
    try (Run run = Run.fromNothing(setting)) {
      run.history.run(run.folder, run.trace, 10);
      return run.trace.operations();
    }
  }

  @ParameterizedTest
  @CsvSource({"DELETE", "TRUNCATE", "PERSIST", "WAL"})
  void aTraceHasAllThatSqliteWrites(String mode) throws IOException {
    try (Run run = Run.fromNothing(new Setting(mode, "FULL", 4096))) {
      run.history.run(run.folder, run.trace, 30);
      assertThat(run.trace.isComplete()).isTrue();
      Files.writeString(run.folder.resolve("another"), "made by nobody");
      assertThat(run.trace.isComplete()).isFalse();
    }
  }

  /** A watched folder in which a history is run, and another one for images. */
  private static final class Run implements AutoCloseable {
    final TempFolder temp;
    final Path folder;
    final Path image;
    final CommitHistory history;
    final DiskTrace trace;

    private Run(TempFolder temp, CommitHistory history) throws IOException {
      this.temp = temp;
      this.folder = temp.file("watched");
      this.image = temp.file("image");
      this.history = history;
      this.trace = TestVfs.install().record(folder);
    }

    static Run fromNothing(Setting setting) throws IOException {
      TempFolder temp = new TempFolder();
      Files.createDirectory(temp.file("watched"));
      return new Run(temp, new CommitHistory(setting));
    }

    static Run onExisting(Setting setting) throws IOException {
      TempFolder temp = new TempFolder();
      CommitHistory history = new CommitHistory(setting);
      history.create(Files.createDirectory(temp.file("watched")));
      return new Run(temp, history);
    }

    boolean survives(int operations, CrashImage found) throws IOException {
      found.writeTo(image);
      try {
        history.check(image, operations);
        return true;
      } catch (AssertionError e) {
        return false;
      }
    }

    @Override
    public void close() {
      TestVfs.install().stop(trace);
      temp.close();
    }
  }
}
