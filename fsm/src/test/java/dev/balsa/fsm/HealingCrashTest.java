package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.fsm.DatabaseStatus.Phase;
import dev.balsa.raft.core.Entry;
import dev.balsa.sqlite.crash.CrashImage;
import dev.balsa.sqlite.crash.CrashPoints;
import dev.balsa.sqlite.crash.Damage;
import dev.balsa.sqlite.vfs.OnTestVfs;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The power fails at each operation of healing. The node starts; it serves the database that the
 * log says, or knows that it is damaged still, and heals then.
 */
@OnTestVfs
@Timeout(300)
final class HealingCrashTest {
  private static final CheckpointPolicy SOME = CrashScene.policy(4, 1_000);
  private static final int IMAGES = 40;
  private static final long SEED = 1;

  @TempDir Path temp;
  private final Mesh mesh = new Mesh();
  private int damagedStill;
  private int healed;

  @Test
  void thePowerFailsWhileADamagedFileHeals() throws Exception {
    crash(
        (files, file) -> {
          files.delete(file.resolveSibling("_pages.a.db")); // else nobody would read it now
          try (FileLayer.File open = files.open(file)) {
            open.write(CrashScene.PAGE_SIZE * 9L + 100, ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
          }
        });
  }

  @Test
  void thePowerFailsWhileADeletedFileHeals() throws Exception {
    crash(FileLayer::delete);
  }

  /** What harms a main file. */
  private interface Harm {
    void to(FileLayer files, Path file) throws Exception;
  }

  private HandRaft node(int id) {
    return HandRaft.open(
        CrashScene.config(temp.resolve("n" + id), SOME), CrashScene.parts(FileLayer.SYSTEM));
  }

  private static void insert(HandRaft leader, int rows) {
    try (Session session = leader.session("a.db")) {
      session.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v)");
      for (int i = 0; i < rows; i++) {
        session.execute("INSERT INTO t(v) VALUES (randomblob(900))");
      }
    }
  }

  private static void follow(HandRaft follower, HandRaft leader) throws Exception {
    long next = follower.lastIndex();
    for (Entry entry : leader.committedEntries()) {
      if (entry.index() > next) {
        follower.receive(entry);
      }
    }
    follower.commitAll();
    CrashScene.settle(follower);
    assertThat(follower.failure()).isNull();
  }

  private void crash(Harm harm) throws Exception {
    try (HandRaft one = node(1).lead();
        HandRaft two = node(2);
        CrashScene scene = new CrashScene(temp, SOME)) {
      insert(one, 30);
      follow(two, one);
      follow(scene.raft, one);
      scene.raft.stop();
      harm.to(new RecordingFiles(scene.trace), scene.raft.folder().resolve("a.db"));
      scene.raft.restart();
      assertThat(HealingScene.status(scene.raft).phase()).isEqualTo(Phase.DAMAGED);
      int from = scene.trace.size();
      mesh.connect(1, one, 1L, 2L, 3L);
      mesh.connect(2, two, 1L, 2L, 3L);
      mesh.connect(3, scene.raft, 1L, 2L, 3L);
      Writers.awaitThat(() -> HealingScene.status(scene.raft).phase() == Phase.SERVING);
      insert(one, 10);
      follow(two, one);
      follow(scene.raft, one);
      scene.raft.stop();
      judge(scene, from, one);
      assertThat(damagedStill).isPositive();
      assertThat(healed).isPositive();
    } finally {
      mesh.close();
    }
  }

  private void judge(CrashScene scene, int from, HandRaft one) throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    int expected = (scene.trace.size() - from) * Damage.values().length;
    CrashPoints.forEach(
        scene.trace,
        EnumSet.allOf(Damage.class),
        SEED,
        (operations, damage, image) -> {
          boolean sampled = random.nextInt(expected) < IMAGES;
          // If nothing is lost, the first is damaged still, and the last healed.
          boolean edge = operations == from || operations == scene.trace.size();
          if (operations >= from && (sampled || edge)) {
            CrashJudge.Left[] all = CrashJudge.Left.values();
            CrashJudge.Left left = all[random.nextInt(all.length)];
            try {
              recover(scene, operations, image, left, one);
            } catch (Exception | Error e) {
              throw new AssertionError(
                  "after operation " + operations + ", " + damage + ", log " + left, e);
            }
          }
        });
  }

  private void recover(
      CrashScene scene, int operations, CrashImage image, CrashJudge.Left left, HandRaft one)
      throws Exception {
    Path folder = Files.createTempDirectory(temp.toRealPath(), "image");
    image.writeTo(folder);
    List<Entry> log = one.committedEntries();
    CrashJudge judge = new CrashJudge(scene.points(), log, temp).at(folder);
    try (HandRaft raft = judge.recover(operations, left)) {
      CrashScene.settle(raft);
      assertThat(raft.failure()).isNull();
      if (HealingScene.status(raft).phase() == Phase.DAMAGED) {
        damagedStill++;
        mesh.connect(3, raft, 1L, 2L, 3L);
        follow(raft, one);
        Writers.awaitThat(() -> HealingScene.status(raft).phase() == Phase.SERVING);
      } else {
        healed++;
        judge.requireState(raft, raft.machine().appliedIndex(), false);
      }
      judge.goOn(raft);
    }
    try (HandRaft raft = judge.recover(scene.trace.size(), CrashJudge.Left.ALL)) {
      CrashScene.settle(raft);
      judge.goOn(raft); // what it has healed stays so
    }
  }
}
