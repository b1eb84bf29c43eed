package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.sqlite.crash.CrashImage;
import dev.balsa.sqlite.crash.CrashPoints;
import dev.balsa.sqlite.crash.Damage;
import dev.balsa.sqlite.crash.DiskTrace;
import dev.balsa.sqlite.vfs.OnTestVfs;
import dev.balsa.sqlite.vfs.TestVfs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The power fails while a node makes good what an earlier failure has left, twice over. */
@OnTestVfs
@Timeout(300)
class CrashInRecoveryTest {
  private static final Damage[] DAMAGES = Damage.values();

  @TempDir Path temp;
  private SplittableRandom random = new SplittableRandom();

  /** How many first failures are looked at. */
  int firstCrashes() {
    return 8;
  }

  /** How many second ones, and so on, for each. */
  int imagesWanted() {
    return 5;
  }

  long seed() {
    return 1;
  }

  @Test
  void recoveryIsCutShortTwice() throws Exception {
    random = new SplittableRandom(seed());
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER);
        CrashScene scene = new CrashScene(temp, CrashScene.policy(3, 1_000))) {
      followWithReader(scene, log);
      scene.raft.restart();
      scene.follow(log.between("shrunk", "end"));
      scene.raft.stop();
      CrashJudge first = new CrashJudge(scene.points(), log.entries(), temp);
      for (int i = 0; i < firstCrashes(); i++) {
        int operations = random.nextInt(scene.trace.size() + 1);
        CrashJudge.Left left = random.nextBoolean() ? CrashJudge.Left.ALL : CrashJudge.Left.LITTLE;
        Damage damage = DAMAGES[random.nextInt(DAMAGES.length)];
        CrashImage image =
            CrashImage.after(
                scene.trace, operations, damage, CrashPoints.imageSeed(seed(), operations));
        try {
          recoverAndCrash(image, first.point(operations, left), left, log.entries(), 2);
        } catch (AssertionError e) {
          throw new AssertionError(
              "first failure after operation " + operations + ", " + damage + ", seed " + seed(),
              e);
        }
      }
    }
  }

  /** A reader keeps checkpoints from being complete: recovery then has something to make good. */
  private static void followWithReader(CrashScene scene, SceneLog log) throws Exception {
    scene.follow(log.upTo("small"));
    try (Session reader = scene.raft.session("a.db", SessionOptions.STALE)) {
      reader.beginDeferred();
      reader.query("SELECT count(*) FROM t");
      scene.follow(log.between("small", "shrunk"));
      reader.rollback();
    }
  }

  /** Recovers, judges failures meanwhile, and goes on with one of them. */
  private void recoverAndCrash(
      CrashImage image, CrashScene.Point point, CrashJudge.Left left, List<Entry> log, int times)
      throws Exception {
    Path folder = Files.createTempDirectory(temp.toRealPath(), "recovered");
    image.writeTo(folder);
    DiskTrace trace = TestVfs.install().record(folder);
    try {
      CrashJudge judge =
          new CrashJudge(List.of(point), log, temp)
              .with(CrashScene.parts(new RecordingFiles(trace)))
              .at(folder);
      try (HandRaft raft = judge.recover(0, left)) {
        CrashScene.settle(raft);
        assertThat(raft.failure()).isNull();
      }
      assertThat(trace.isComplete()).isTrue();
    } finally {
      TestVfs.install().stop(trace);
    }
    new CrashJudge(List.of(point), log, temp).only(left).judge(trace, seed(), imagesWanted());
    if (times > 1) {
      int operations = random.nextInt(trace.size() + 1);
      Damage damage = DAMAGES[random.nextInt(DAMAGES.length)];
      recoverAndCrash(
          CrashImage.after(trace, operations, damage, seed()), point, left, log, times - 1);
    }
  }

  /**
   * A process is killed and started again, and only then the power fails: what the first one had
   * written and not synced is still in doubt, although the second one has read it.
   */
  @Test
  void thePowerFailsAfterAProcessWasKilled() throws Exception {
    random = new SplittableRandom(seed());
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER)) {
      int operations = operationsOf(log);
      for (int i = 0; i < firstCrashes(); i++) {
        int killed = 1 + random.nextInt(operations);
        try {
          killAndCrash(log, killed);
        } catch (AssertionError e) {
          throw new AssertionError("killed after operation " + killed + ", seed " + seed(), e);
        }
      }
    }
  }

  private int operationsOf(SceneLog log) throws Exception {
    Path folder = Files.createTempDirectory(temp.toRealPath(), "whole");
    try (CrashScene scene = new CrashScene(folder, CrashScene.policy(4, 10))) {
      scene.follow(log.upTo("end"));
      return scene.trace.size();
    }
  }

  private void killAndCrash(SceneLog log, int killed) throws Exception {
    Path folder = Files.createTempDirectory(temp.toRealPath(), "killed");
    CrashJudge.Left left = random.nextBoolean() ? CrashJudge.Left.ALL : CrashJudge.Left.LITTLE;
    try (CrashScene scene = new CrashScene(folder, CrashScene.policy(4, 10))) {
      scene.trace.killAfter(killed);
      try {
        scene.follow(log.upTo("end"));
      } catch (AssertionError e) {
        assertThat(scene.raft.failure()).isNotNull();
      }
      scene.raft.stop();
      scene.trace.revive();
      CrashJudge judge = new CrashJudge(scene.points(), log.entries(), temp);
      CrashScene.Point point = judge.point(killed, left);
      int from = scene.trace.size();
      CrashJudge same =
          new CrashJudge(List.of(point), log.entries(), temp)
              .with(CrashScene.parts(new RecordingFiles(scene.trace)))
              .at(scene.trace.folder());
      try (HandRaft raft = same.recover(0, left)) {
        CrashScene.settle(raft);
        assertThat(raft.failure()).isNull();
      }
      new CrashJudge(List.of(point), log.entries(), temp)
          .only(left)
          .judge(scene.trace, from, seed(), imagesWanted());
    }
  }
}
