package dev.balsa.raft.log;

import static dev.balsa.raft.log.LogFixture.TINY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.LogStoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** Random use, and random crashes, against a plain list. */
class LogCrashModelTest {
  @Tag("long")
  @Property(tries = 2000)
  void whatWasForcedSurvivesAnyCrashManyTimes(@ForAll long seed) throws IOException {
    whatWasForcedSurvivesAnyCrash(seed);
  }

  @Property(tries = 150)
  void whatWasForcedSurvivesAnyCrash(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    try (TemporaryFolder base = new TemporaryFolder()) {
      LogModel model = LogModel.EMPTY;
      Path folder = Files.createDirectory(base.path().resolve("0"));
      int lives = 1 + random.nextInt(2);
      for (int life = 1; life <= lives; life++) {
        CrashDisk disk = CrashDisk.of(folder);
        LogHistory history = new LogHistory(random, model);
        try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(disk))) {
          history.checkRecovered(log);
          for (int step = random.nextInt(12); step > 0; step--) {
            history.step(log);
          }
          Path next = base.path().resolve(Integer.toString(life));
          disk.crash(folder, next, random);
          folder = next;
        }
        try (ChronicleLogStore log =
            ChronicleLogStore.open(folder, TINY.withFiles(new FastFiles()))) {
          model = history.checkRecovered(log);
        }
      }
    }
  }

  @Property(tries = 200) // each does several lives
  void aPowerCutAtAnyFileOperationLosesNothingForced(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    try (TemporaryFolder base = new TemporaryFolder()) {
      Crash crash = Crash.prepare(base.path(), random);
      for (int i = 0; i < 2; i++) {
        crash.cutPowerAfter(random.nextInt(24));
      }
    }
  }

  @Property(tries = 5) // each does some thirty lives
  void aPowerCutAtEveryFileOperationInTurnLosesNothingForced(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    try (TemporaryFolder base = new TemporaryFolder()) {
      Crash crash = Crash.prepare(base.path(), random);
      int operations = 0;
      while (crash.cutPowerAfter(operations)) {
        operations++;
      }
      assertThat(operations).isGreaterThan(10);
    }
  }

  /** A torn log, and what it may come back as. */
  private record Crash(Path base, Path torn, LogHistory history, Random random) {
    static Crash prepare(Path base, Random random) throws IOException {
      Path folder = Files.createDirectory(base.resolve("log"));
      CrashDisk disk = CrashDisk.of(folder);
      LogHistory history = new LogHistory(random, LogModel.EMPTY);
      Path torn = base.resolve("torn");
      try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(disk))) {
        for (int i = random.nextInt(6); i >= 0; i--) {
          history.step(log);
        }
        history.force(log);
        for (int i = random.nextInt(4); i >= 0; i--) {
          history.step(log);
        }
        disk.crash(folder, torn, random);
      }
      return new Crash(base, torn, history, random);
    }

    /**
     * Recovers and uses a copy of the log until the power is cut, and looks at what is left.
     *
     * @return whether the power was cut
     */
    boolean cutPowerAfter(int operations) throws IOException {
      Path victim = Files.createTempDirectory(base, "victim");
      LogFixture.copy(torn, victim);
      CrashDisk disk = CrashDisk.of(victim);
      disk.cutPowerAfter(operations);
      LogHistory life = history;
      try (ChronicleLogStore log = ChronicleLogStore.open(victim, TINY.withFiles(disk))) {
        life = new LogHistory(random, history.checkRecovered(log));
        for (int i = 0; i < 4; i++) {
          life.step(log);
          life.force(log);
        }
      } catch (LogStoreException e) {
        assertThat(disk.isPowerCut()).as("%s", e).isTrue();
      }
      Path left = Files.createTempDirectory(base, "left");
      disk.crash(victim, left, random);
      try (ChronicleLogStore log = ChronicleLogStore.open(left, TINY.withFiles(new FastFiles()))) {
        life.checkRecovered(log);
      }
      return disk.isPowerCut();
    }
  }
}
