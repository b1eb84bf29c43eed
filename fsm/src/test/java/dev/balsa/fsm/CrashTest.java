package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.sqlite.vfs.OnTestVfs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The power fails at each operation of what a node does with its databases, with all damages
 * ({@link CrashJudge} says what must hold).
 */
@OnTestVfs
@Timeout(300)
class CrashTest {
  @TempDir Path temp;

  /** Of each scene, and with each seed. */
  int imagesWanted() {
    return 30;
  }

  List<Long> seeds() {
    return List.of(1L);
  }

  private void judge(CrashScene scene, SceneLog log) {
    judge(scene, log.entries());
  }

  private void judge(CrashScene scene, List<Entry> log) {
    judge(scene, log, raft -> {});
  }

  private void judge(CrashScene scene, List<Entry> log, CrashJudge.Trial trial) {
    scene.raft.stop();
    for (long seed : seeds()) {
      int judged =
          new CrashJudge(scene.points(), log, temp)
              .trying(trial)
              .judge(scene.trace, seed, imagesWanted());
      assertThat(judged).isGreaterThan(Math.min(imagesWanted(), scene.trace.size()) / 2);
    }
  }

  @Test
  void followersPublishCreateAndDrop() throws Exception {
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER);
        CrashScene scene = new CrashScene(temp, CrashScene.NEVER)) {
      scene.follow(log.upTo("end"));
      judge(scene, log);
    }
  }

  @Test
  void checkpointsAreMadeAndRepeated() throws Exception {
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER);
        CrashScene scene = new CrashScene(temp, CrashScene.policy(5, 1_000))) {
      scene.follow(log.upTo("end"));
      judge(scene, log);
    }
  }

  @Test
  void followersWalsBeginAnew() throws Exception {
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER);
        CrashScene scene = new CrashScene(temp, CrashScene.policy(5, 10))) {
      scene.follow(log.upTo("end"));
      judge(scene, log);
    }
  }

  @Test
  void aReaderCutsCheckpointsShort() throws Exception {
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER);
        CrashScene scene = new CrashScene(temp, CrashScene.policy(3, 1_000))) {
      scene.follow(log.upTo("two databases"));
      try (Session reader = scene.raft.session("a.db", SessionOptions.STALE)) {
        reader.beginDeferred();
        reader.query("SELECT count(*) FROM t");
        scene.follow(log.between("two databases", "shrunk"));
        reader.rollback();
      }
      scene.follow(log.between("shrunk", "end"));
      judge(scene, log);
    }
  }

  @Test
  void aLeaderPublishesMakesCheckpointsAndTurns() throws Exception {
    try (CrashScene scene = new CrashScene(temp, CrashScene.policy(4, 12))) {
      scene.raft.lead();
      List<Entry> log;
      try (Session a = scene.raft.session("a.db");
          Session b = scene.raft.session("b.db")) {
        for (Session session : List.of(a, b)) {
          session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
        }
        for (int i = 0; i < 20; i++) {
          a.execute("INSERT INTO t(v) VALUES (randomblob(1200))");
          if (i % 5 == 0) {
            b.execute("INSERT INTO t(v) VALUES (randomblob(5000))");
            CrashScene.settle(scene.raft);
          }
        }
        Writers.awaitThat(() -> scene.database("a.db").status().walFrames() < 12);
        a.execute("DELETE FROM t WHERE id > 4");
        a.execute("VACUUM");
        scene.raft.machine().drop("b.db", Duration.ofSeconds(30));
        b.execute("CREATE TABLE again(v)");
        a.execute("INSERT INTO t(v) VALUES (randomblob(1200))");
        log = scene.raft.committedEntries();
      }
      judge(scene, log);
    }
  }

  @Test
  void aNodeStopsInOrderAndStartsAgain() throws Exception {
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER);
        CrashScene scene = new CrashScene(temp, CrashScene.policy(5, 1_000))) {
      scene.follow(log.upTo("two databases"));
      scene.raft.restart();
      scene.follow(log.between("two databases", "dropped"));
      scene.raft.restart().restart();
      scene.follow(log.between("dropped", "end"));
      judge(scene, log);
    }
  }

  @Test
  void snapshotsAreReceivedAndInstalled() throws Exception {
    try (SceneLog log = new SceneLog(temp, CrashScene.policy(4, 1_000));
        CrashScene scene = new CrashScene(temp, CrashScene.policy(5, 1_000))) {
      scene.follow(log.upTo("in parts"));
      SentSnapshot first = SentSnapshot.of(log, 1);
      first.sendPartly(scene.raft, 20_000);
      log.insert("a.db", 30);
      log.insert("b.db", 30);
      SentSnapshot second = SentSnapshot.of(log, 2);
      second.sendPartly(scene.raft, 15_000);
      scene.raft.restart();
      second.send(scene.raft);
      scene.follow(log.between(second.mark().index(), log.leader.lastIndex()));
      log.insert("b.db", 30);
      log.create("c.db");
      log.insert("c.db", 5);
      log.insert("a.db", 30);
      SentSnapshot third = SentSnapshot.of(log, 3);
      third.send(scene.raft); // on top of it
      log.insert("a.db", 2);
      List<SentSnapshot> all = List.of(first, second, third);
      judge(scene, log.entries(), raft -> SentSnapshot.sendAfterCrash(all, raft));
    }
  }
}
