package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.crash.CrashImage;
import dev.balsa.sqlite.crash.Damage;
import dev.balsa.sqlite.crash.DiskTrace;
import dev.balsa.sqlite.crash.Failure;
import dev.balsa.sqlite.crash.Operation.Kind;
import dev.balsa.sqlite.vfs.OnTestVfs;
import dev.balsa.sqlite.vfs.TestVfs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each operation of a start fails once: the start succeeds all the same, or it says what is wrong
 * and leaves nothing open; the next one succeeds, and nothing is missing.
 */
@OnTestVfs
@Timeout(300)
final class StartFaultTest {
  private static final Set<Kind> ALL = EnumSet.allOf(Kind.class);
  private static final CheckpointPolicy SOME = CrashScene.policy(3, 1_000);

  @TempDir Path temp;
  private int starts;
  private int refused;

  @Test
  void aStartAfterACrashFailsOnceAnywhere() throws Exception {
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER);
        CrashScene scene = new CrashScene(temp, SOME)) {
      scene.follow(log.upTo("small"));
      try (Session reader = scene.raft.session("a.db", SessionOptions.STALE)) {
        reader.beginDeferred(); // keeps checkpoints from being complete: there is much to redo
        reader.query("SELECT count(*) FROM t");
        // Up to within a transaction in parts: its pages are handed from file to WAL.
        scene.follow(log.between(log.at("small"), log.at("in parts") - 2));
      }
      int operations = scene.trace.size();
      eachFails(scene, log, operations, CrashJudge.Left.ALL);
      eachFails(scene, log, operations, CrashJudge.Left.LITTLE);
    }
  }

  @Test
  void aStartAfterACleanStopFailsOnceAnywhere() throws Exception {
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER);
        CrashScene scene = new CrashScene(temp, SOME)) {
      scene.follow(log.upTo("shrunk"));
      scene.raft.stop();
      eachFails(scene, log, scene.trace.size(), CrashJudge.Left.ALL);
    }
  }

  private void eachFails(CrashScene scene, SceneLog log, int operations, CrashJudge.Left left)
      throws Exception {
    starts = 0;
    refused = 0;
    CrashImage image = CrashImage.after(scene.trace, operations, Damage.NOTHING_LOST, 0);
    CrashScene.Point point =
        new CrashJudge(scene.points(), log.entries(), temp).point(operations, left);
    long changes = start(image, point, log, left, 0, 0)[0];
    long reads = start(image, point, log, left, 0, 0)[1];
    assertThat(changes).isPositive();
    assertThat(reads).isPositive();
    for (long nth = 1; nth <= changes; nth++) {
      start(image, point, log, left, nth, 0);
    }
    for (long nth = 1; nth <= reads; nth++) {
      start(image, point, log, left, 0, nth);
    }
    assertThat(refused).isBetween(starts / 4, starts);
  }

  /** Returns how many changes of files, and how many reads, the start made. */
  private long[] start(
      CrashImage image,
      CrashScene.Point point,
      SceneLog log,
      CrashJudge.Left left,
      long failingChange,
      long failingRead)
      throws Exception {
    Path folder = Files.createTempDirectory(temp.toRealPath(), "started");
    image.writeTo(folder);
    DiskTrace trace = TestVfs.install().record(folder);
    ReadFaults files = new ReadFaults(new RecordingFiles(trace));
    CrashJudge judge =
        new CrashJudge(List.of(point), log.entries(), temp)
            .with(CrashScene.parts(files))
            .at(folder);
    starts++;
    try {
      if (failingChange > 0) {
        trace.failOnce(ALL, failingChange, Failure.IO_ERROR);
      }
      files.fail(failingRead);
      long[] done = start(judge, trace, files, left);
      trace.failNothing();
      files.fail(0);
      assertThat(OpenFiles.in(folder)).isEmpty();
      try (HandRaft raft = judge.recover(0, left)) {
        CrashScene.settle(raft);
        assertThat(raft.failure()).isNull();
        judge.goOn(raft);
      }
      assertThat(OpenFiles.in(folder)).isEmpty();
      return done;
    } catch (Exception | Error e) {
      throw new AssertionError(
          "with a fault of change " + failingChange + ", read " + failingRead + ", log " + left, e);
    } finally {
      TestVfs.install().stop(trace);
    }
  }

  private long[] start(CrashJudge judge, DiskTrace trace, ReadFaults files, CrashJudge.Left left)
      throws Exception {
    try (HandRaft raft = judge.recover(0, left)) {
      long[] done = {trace.size(), files.reads()};
      if (raft.failure() == null) {
        try {
          CrashScene.settle(raft);
        } catch (AssertionError e) {
          assertThat(raft.failure()).as("it hangs").isNotNull();
        }
      }
      if (raft.failure() == null) {
        judge.requireState(raft, raft.machine().appliedIndex(), false);
      }
      return done;
    } catch (BalsaException e) {
      refused++;
      assertThat(e.getMessage()).contains(judge.folder().toString());
      return new long[2];
    }
  }
}
