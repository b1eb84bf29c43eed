package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.crash.Failure;
import dev.balsa.sqlite.crash.Operation.Kind;
import dev.balsa.sqlite.vfs.OnTestVfs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each operation of a clean stop, of a drop and of a creation fails once, on a leader and on a
 * follower; and the power fails there. The next start misses nothing that the log has.
 */
@OnTestVfs
@Timeout(300)
final class StopAndDropFaultTest {
  private static final Set<Kind> ALL = EnumSet.allOf(Kind.class);

  /** Of all operations' crashes, judged in each scene. */
  private int images = 30;

  @TempDir Path temp;

  /** Something to be done with a node, in the same order each time. */
  private interface Work {
    void run(CrashScene scene, SceneLog log) throws Exception;
  }

  @Test
  void aCleanStopOfAFollower() throws Exception {
    inTrouble(
        (scene, log) -> scene.follow(log.upTo("two databases")), (scene, log) -> scene.raft.stop());
  }

  @Test
  void aCleanStopOfALeader() throws Exception {
    inTrouble(StopAndDropFaultTest::lead, (scene, log) -> scene.raft.stop());
  }

  @Test
  void aDropOnAFollower() throws Exception {
    inTrouble(
        (scene, log) -> scene.follow(log.upTo("shrunk")),
        (scene, log) -> scene.follow(log.between("shrunk", "dropped")));
  }

  @Test
  void aDropOnALeader() throws Exception {
    inTrouble(
        StopAndDropFaultTest::lead,
        (scene, log) -> {
          scene.raft.machine().drop("b.db", Duration.ofSeconds(20));
          CrashScene.settle(scene.raft);
        });
  }

  @Test
  void aCreationOnAFollower() throws Exception {
    inTrouble(
        (scene, log) -> scene.follow(log.upTo("dropped")),
        (scene, log) -> scene.follow(log.between("dropped", "created again")));
  }

  @Test
  void aCreationOnALeader() throws Exception {
    inTrouble(
        StopAndDropFaultTest::lead,
        (scene, log) -> {
          try (Session session = scene.raft.session("c.db")) {
            session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
            session.execute("INSERT INTO t(v) VALUES (randomblob(900))");
          }
          CrashScene.settle(scene.raft);
        });
  }

  @Test
  @Tag("long")
  void manyCrashesOfEach() throws Exception {
    images = 240;
    aCleanStopOfAFollower();
    aCleanStopOfALeader();
    aDropOnAFollower();
    aDropOnALeader();
    aCreationOnAFollower();
    aCreationOnALeader();
  }

  private static void lead(CrashScene scene, SceneLog unused) throws Exception {
    scene.raft.lead();
    for (String name : List.of("a.db", "b.db")) {
      try (Session session = scene.raft.session(name)) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
        session.execute("INSERT INTO t(v) VALUES (randomblob(5000))");
      }
    }
    CrashScene.settle(scene.raft);
  }

  private void inTrouble(Work before, Work work) throws Exception {
    Path folder = Files.createTempDirectory(temp, "log");
    try (SceneLog log = new SceneLog(folder, CrashScene.NEVER)) {
      int operations = crash(before, work, log);
      assertThat(operations).isPositive();
      int faults = 0;
      for (int nth = 1; nth <= operations; nth++) {
        for (CrashJudge.Left left : CrashJudge.Left.values()) {
          try {
            faults += fault(before, work, log, nth, left);
          } catch (Exception | Error e) {
            throw new AssertionError("a fault of operation " + nth + ", log " + left, e);
          }
        }
      }
      assertThat(faults).isBetween(operations, 2 * operations);
    }
  }

  private CrashScene scene() throws Exception {
    Path folder = Files.createTempDirectory(temp.toRealPath(), "node");
    return new CrashScene(folder, CrashScene.policy(4, 1_000));
  }

  private static List<Entry> entries(CrashScene scene, SceneLog log) {
    List<Entry> own = scene.raft.committedEntries();
    List<Entry> all = log.entries();
    return all.size() > own.size() && all.subList(0, own.size()).equals(own) ? all : own;
  }

  /** Without a fault; judges crashes at all operations. Returns how many those are. */
  private int crash(Work before, Work work, SceneLog log) throws Exception {
    try (CrashScene scene = scene()) {
      before.run(scene, log);
      int from = scene.trace.size();
      work.run(scene, log);
      int operations = scene.trace.size() - from;
      assertThat(scene.raft.failure()).isNull();
      scene.raft.stop();
      int judged =
          new CrashJudge(scene.points(), entries(scene, log), temp)
              .judge(scene.trace, from, 1, images);
      assertThat(judged).isPositive();
      return operations;
    }
  }

  /** Returns how many faults there were: 1, or none if the work took another way. */
  private int fault(Work before, Work work, SceneLog log, int nth, CrashJudge.Left left)
      throws Exception {
    try (CrashScene scene = scene()) {
      before.run(scene, log);
      scene.trace.failOnce(ALL, nth, Failure.IO_ERROR);
      try {
        work.run(scene, log);
      } catch (BalsaException | SqliteException e) {
        // refused, or in doubt: what counts is what the log has
      } catch (AssertionError e) {
        assertThat(scene.raft.failure()).as("it does not go on, and does not say so").isNotNull();
      }
      scene.trace.failNothing();
      List<Entry> entries = entries(scene, log);
      scene.raft.stop();
      assertThat(OpenFiles.in(scene.trace.folder())).isEmpty();
      CrashScene.Point point =
          new CrashJudge(scene.points(), entries, temp).point(scene.trace.size(), left);
      CrashJudge judge =
          new CrashJudge(List.of(point), entries, temp)
              .with(CrashScene.parts(new RecordingFiles(scene.trace)))
              .at(scene.trace.folder());
      try (HandRaft raft = judge.recover(0, left)) {
        CrashScene.settle(raft);
        assertThat(raft.failure()).isNull();
        judge.goOn(raft);
      }
      return scene.trace.faults();
    }
  }
}
