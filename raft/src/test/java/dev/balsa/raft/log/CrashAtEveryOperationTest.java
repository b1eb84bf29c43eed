package dev.balsa.raft.log;

import static dev.balsa.raft.log.LogFixture.TINY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.HardState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The power is cut at each file operation of each thing that a log does, in turn, and what was not
 * forced by then is damaged in each of the ways of {@link CrashDisk.Damage}. The log that is opened
 * then holds everything forced, and is something that the log has been.
 */
class CrashAtEveryOperationTest {
  /** What is going on when the power is cut. The log holds several segments before. */
  enum Scene {
    APPEND {
      @Override
      void play(ChronicleLogStore log, LogHistory history) {
        history.append(log);
        history.append(log);
        history.force(log);
        history.append(log);
      }
    },
    TRUNCATE {
      @Override
      void play(ChronicleLogStore log, LogHistory history) {
        for (int i = 0; i < 3; i++) {
          history.supersede(log);
          history.force(log);
        }
        history.supersede(log);
      }
    },
    ROLL {
      @Override
      void play(ChronicleLogStore log, LogHistory history) {
        history.appendLarge(log);
        history.appendLarge(log);
        history.force(log);
        history.appendLarge(log);
        history.appendLarge(log);
      }
    },
    COMPACT {
      @Override
      void play(ChronicleLogStore log, LogHistory history) {
        history.append(log);
        history.compactToEnd(log);
        history.appendLarge(log);
        history.appendLarge(log);
        history.append(log);
        history.compactToEnd(log);
      }
    },
    RESET {
      @Override
      void play(ChronicleLogStore log, LogHistory history) {
        history.append(log);
        history.reset(log);
        history.append(log);
        history.force(log);
        history.reset(log);
      }
    },
    OPEN {
      @Override
      void play(ChronicleLogStore log, LogHistory history) {
        history.checkRecovered(log);
      }
    };

    abstract void play(ChronicleLogStore log, LogHistory history);
  }

  /** A log of several segments, with a hollow one, forced, and more that is not. */
  private static LogHistory prepare(Path folder, Path left, CrashDisk.Damage damage, Random random)
      throws IOException {
    CrashDisk disk = CrashDisk.of(folder);
    LogHistory history = new LogHistory(random, LogModel.EMPTY);
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(disk))) {
      log.append(new HardState(0, 0, 0), List.of());
      for (int i = 0; i < 4; i++) {
        history.appendLarge(log);
        history.append(log);
      }
      history.force(log);
    }
    ChronicleLogStore.open(folder, TINY.withFiles(disk)).close();
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(disk))) {
      history.append(log);
      history.force(log);
      history.append(log);
      history.appendLarge(log);
      history.appendLarge(log);
      disk.crash(folder, left, damage, random);
    }
    return history;
  }

  /** Every fourth operation with each kind of damage: so each operation with two or three kinds. */
  @ParameterizedTest
  @EnumSource
  void whateverIsLeftTheLogHoldsAllThatWasForced(Scene scene) throws IOException {
    int first = 0;
    for (CrashDisk.Damage damage : CrashDisk.Damage.values()) {
      first = (first + 1) % 4;
      play(scene, damage, damage.name().hashCode(), first, 4);
    }
  }

  @ParameterizedTest
  @EnumSource
  @Tag("long")
  void whateverIsLeftOfManyLogsTheyHoldAllThatWasForced(Scene scene) throws IOException {
    for (CrashDisk.Damage damage : CrashDisk.Damage.values()) {
      for (int seed = 0; seed < 3; seed++) {
        play(scene, damage, seed, 0, 1);
      }
    }
  }

  private static void play(Scene scene, CrashDisk.Damage damage, int seed, int first, int step)
      throws IOException {
    try (TemporaryFolder base = new TemporaryFolder()) {
      Random random = new Random(seed);
      Path torn = base.path().resolve("torn");
      Path log = Files.createDirectory(base.path().resolve("log"));
      LogHistory before = prepare(log, torn, damage, random);
      int operations = first;
      while (cut(base.path(), torn, before, scene, operations, damage, random)) {
        operations += step;
      }
      assertThat(operations).as("%s, %s, seed %d", scene, damage, seed).isGreaterThan(10);
    }
  }

  /**
   * Opens a copy of the log, which may need repair, plays the scene until the power is cut, and
   * looks at what is left.
   *
   * @return whether the power was cut
   */
  private static boolean cut(
      Path base,
      Path torn,
      LogHistory before,
      Scene scene,
      int operations,
      CrashDisk.Damage damage,
      Random random)
      throws IOException {
    Path victim = base.resolve("victim" + operations);
    LogFixture.copy(torn, victim);
    CrashDisk disk = CrashDisk.of(victim);
    disk.cutPowerAfter(operations);
    LogHistory history = before;
    try (ChronicleLogStore log = ChronicleLogStore.open(victim, TINY.withFiles(disk))) {
      history = new LogHistory(random, before.checkRecovered(log));
      scene.play(log, history);
    } catch (LogStoreException e) {
      assertThat(disk.isPowerCut()).as("%s", e).isTrue();
    }
    Path left = base.resolve("left" + operations);
    disk.crash(victim, left, damage, random);
    List<String> found = new ArrayList<>(new TreeSet<>(List.of(victim.toFile().list())));
    try (ChronicleLogStore log = ChronicleLogStore.open(left, TINY.withFiles(new FastFiles()))) {
      new LogHistory(random, history.checkRecovered(log)).append(log);
    } catch (LogStoreException e) {
      throw new AssertionError(
          scene + " cut at " + operations + " with " + damage + ": " + found + disk.operations(),
          e);
    }
    LogFixture.delete(victim);
    LogFixture.delete(left);
    return disk.isPowerCut();
  }
}
