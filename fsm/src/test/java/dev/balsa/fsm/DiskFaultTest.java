package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.sqlite.crash.Failure;
import dev.balsa.sqlite.crash.Operation.Kind;
import dev.balsa.sqlite.vfs.OnTestVfs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Operations fail under a node that goes on running. It says so and stops, or it goes on, and then
 * what it shows is right; in neither case does the next start miss anything.
 */
@OnTestVfs
@Timeout(300)
class DiskFaultTest {
  private static final Set<Kind> ALL = EnumSet.allOf(Kind.class);

  /** What needs room. */
  private static final Set<Kind> ROOM = EnumSet.of(Kind.CREATE, Kind.CREATE_FOLDER, Kind.WRITE);

  @TempDir Path temp;

  /** Of the operations that can fail, how many do. */
  int faultsWanted() {
    return 15;
  }

  /** How many crashes after each of them are judged. */
  int imagesWanted() {
    return 2;
  }

  long seed() {
    return 1;
  }

  /** Something to be done with a node, in the same order each time. */
  private interface Work {
    void run(CrashScene scene, SceneLog log) throws Exception;
  }

  @Test
  void anErrorOnAFollowerStopsItOrDoesNoHarm() throws Exception {
    eachFails(Failure.IO_ERROR, ALL, (scene, log) -> scene.follow(log.upTo("end")));
  }

  @Test
  void anErrorOnALeaderStopsItOrDoesNoHarm() throws Exception {
    eachFails(Failure.IO_ERROR, ALL, DiskFaultTest::lead);
  }

  @Test
  void aFollowerWaitsForRoom() throws Exception {
    eachFails(
        Failure.NO_SPACE,
        ROOM,
        (scene, log) -> {
          scene.follow(log.upTo("end"));
          assertThat(scene.raft.failure()).isNull();
        });
  }

  @Test
  void aLeaderWithoutRoomRefusesOrWaits() throws Exception {
    eachFails(
        Failure.NO_SPACE,
        ROOM,
        (scene, log) -> {
          lead(scene, log);
          assertThat(scene.raft.failure()).isNull();
        });
  }

  /** Writes until the node has stopped; what was refused changes nothing. */
  private static void lead(CrashScene scene, SceneLog unused) throws Exception {
    scene.raft.lead();
    List<Long> acknowledged = new ArrayList<>();
    try (Session session = scene.raft.session("a.db")) {
      boolean created = false;
      for (int i = 0; i < 16 && scene.raft.failure() == null; i++) {
        try {
          if (!created) {
            session.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v)");
            created = true;
          }
          ExecuteResult done = session.execute("INSERT INTO t(v) VALUES (randomblob(1200))");
          acknowledged.add(done.lastInsertRowid());
          CrashScene.settle(scene.raft);
        } catch (RuntimeException | AssertionError e) {
          // refused, or in doubt: what counts is what the log has
        }
      }
    }
    if (scene.raft.failure() == null) {
      CrashScene.settle(scene.raft);
      try (Session session = scene.raft.session("a.db")) {
        assertThat(session.query("SELECT id FROM t").stream().map(row -> row.getLong(0)).toList())
            .containsAll(acknowledged);
      }
    }
  }

  private void eachFails(Failure failure, Set<Kind> kinds, Work work) throws Exception {
    SplittableRandom random = new SplittableRandom(seed());
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER)) {
      long operations = operationsOf(work, log, kinds);
      int faults = 0;
      for (long nth = 1; nth <= operations; nth++) {
        if (random.nextLong(operations) < faultsWanted()) {
          faults++;
          try {
            oneFails(failure, kinds, nth, work, log);
          } catch (AssertionError e) {
            throw new AssertionError(failure + " at operation " + nth + ", seed " + seed(), e);
          }
        }
      }
      assertThat(faults).isPositive();
    }
  }

  private CrashScene scene() throws Exception {
    Path folder = Files.createTempDirectory(temp.toRealPath(), "node");
    return new CrashScene(folder, CrashScene.policy(4, 10));
  }

  private long operationsOf(Work work, SceneLog log, Set<Kind> kinds) throws Exception {
    try (CrashScene scene = scene()) {
      int before = scene.trace.size();
      work.run(scene, log);
      return scene.trace.operations().stream()
          .skip(before)
          .filter(operation -> kinds.contains(operation.kind()))
          .count();
    }
  }

  private void oneFails(Failure failure, Set<Kind> kinds, long nth, Work work, SceneLog log)
      throws Exception {
    try (CrashScene scene = scene()) {
      scene.trace.failOnce(kinds, nth, failure);
      List<Entry> entries;
      try {
        work.run(scene, log);
      } catch (AssertionError e) {
        assertThat(scene.raft.failure()).as("it does not go on, and does not say so").isNotNull();
      }
      scene.trace.failNothing();
      entries = scene.raft.committedEntries();
      if (scene.raft.failure() == null) {
        CrashScene.settle(scene.raft);
        new CrashJudge(scene.points(), entries, temp)
            .requireState(scene.raft, entries.size(), true);
      }
      int after = scene.trace.size();
      scene.raft.stop();
      List<Entry> all =
          log.entries().size() > entries.size()
                  && log.entries().subList(0, entries.size()).equals(entries)
              ? log.entries()
              : entries;
      new CrashJudge(scene.points(), all, temp)
          .judge(scene.trace, after, seed() + nth, imagesWanted());
    }
  }

  @Test
  void aNodeGoesOnByItselfWhenThereIsRoomAgain() throws Exception {
    for (int nth = 1; nth < 40; nth += 13) {
      try (SceneLog log = new SceneLog(Files.createTempDirectory(temp, "log"), CrashScene.NEVER);
          CrashScene scene = scene()) {
        scene.trace.failFrom(ROOM, nth, Failure.NO_SPACE);
        log.upTo("end").forEach(scene.raft::receive);
        Writers.awaitThat(() -> scene.raft.machine().room().isWaiting());
        assertThat(
                scene
                    .raft
                    .machine()
                    .applied()
                    .await(log.at("end"), TimeUnit.MILLISECONDS.toNanos(10)))
            .isFalse();
        scene.trace.failNothing();
        CrashScene.settle(scene.raft);
        assertThat(scene.raft.failure()).isNull();
        new CrashJudge(scene.points(), log.entries(), temp)
            .requireState(scene.raft, log.at("end"), true);
      }
    }
  }
}
