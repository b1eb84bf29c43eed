package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.sqlite.crash.DiskTrace;
import dev.balsa.sqlite.crash.Operation.Kind;
import dev.balsa.sqlite.vfs.OnTestVfs;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each rule of durability is taken out once, and {@link CrashJudge} finds what that leads to: so
 * that its finding nothing otherwise means something.
 */
@OnTestVfs
@Timeout(120)
final class CrashRulesTest {
  private static final String CATALOGUE = "databases/_catalogue.*";
  private static final String A = "databases/a.db";

  @TempDir Path temp;

  /** What is broken is found, by some crash from the first operation that differs on. */
  private void found(CrashScene scene, List<Entry> log, DiskTrace broken, EngineParts parts) {
    int from = 0;
    while (from < broken.size()
        && broken.operations().get(from).equals(scene.trace.operations().get(from))) {
      from++;
    }
    CrashJudge judge = new CrashJudge(scene.points(), log, temp).with(parts);
    try {
      judge.judge(broken, from == broken.size() ? 0 : from, 1, Integer.MAX_VALUE);
    } catch (AssertionError e) {
      assertThat(e).hasMessageContaining("power failed after operation");
      return;
    }
    throw new AssertionError("nothing was found");
  }

  private void foundWithout(CrashScene scene, SceneLog log, Leaving.Choice choice)
      throws Exception {
    scene.raft.stop();
    found(
        scene,
        log.entries(),
        Leaving.out(scene.trace, choice),
        CrashScene.parts(dev.balsa.fsm.FileLayer.SYSTEM));
  }

  private interface Played {
    void with(CrashScene scene, SceneLog log) throws Exception;
  }

  private void play(CheckpointPolicy policy, String end, Played played) throws Exception {
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER);
        CrashScene scene = new CrashScene(temp, policy)) {
      scene.follow(log.upTo(end));
      played.with(scene, log);
    }
  }

  private void creation(Leaving.Choice left) throws Exception {
    play(CrashScene.NEVER, "small", (scene, log) -> foundWithout(scene, log, left));
  }

  private void checkpoint(Leaving.Choice left) throws Exception {
    play(CrashScene.policy(5, 1_000), "in parts", (scene, log) -> foundWithout(scene, log, left));
  }

  @Test
  void aNewFileIsForcedBeforeTheCatalogueNamesIt() throws Exception {
    creation(step -> step.is(Kind.SYNC, A) && step.earlier(Kind.SYNC, A) == 0);
  }

  @Test
  void aNewFilesNameIsForcedBeforeTheCatalogueNamesIt() throws Exception {
    creation(step -> step.is(Kind.SYNC_FOLDER, "databases") && step.back(1).is(Kind.SYNC, A));
  }

  @Test
  void theDatabasesFolderIsForcedInTheOneAboveIt() throws Exception {
    checkpoint(step -> step.is(Kind.SYNC_FOLDER, ""));
  }

  @Test
  void aCheckpointsBeginIsNotedBeforeIt() throws Exception {
    checkpoint(
        step ->
            step.written().databases().values().stream()
                .anyMatch(record -> record.begun() > record.index()));
  }

  @Test
  void thatNoteIsForcedBeforeTheCheckpoint() throws Exception {
    checkpoint(
        step ->
            step.is(Kind.SYNC, CATALOGUE)
                && step.back(1).written().databases().values().stream()
                    .anyMatch(record -> record.begun() > record.index()));
  }

  @Test
  void theMainFileIsForcedBeforeItsIndexIsRecorded() throws Exception {
    checkpoint(step -> step.is(Kind.SYNC, A) && step.earlier(Kind.SYNC, A) > 0);
  }

  @Test
  void theCatalogueIsForcedBeforeADroppedFileGoes() throws Exception {
    play(
        CrashScene.policy(5, 1_000),
        "end",
        (scene, log) ->
            foundWithout(
                scene,
                log,
                step -> {
                  List<Leaving.Step> all = step.before();
                  return step.is(Kind.SYNC, CATALOGUE)
                      && all.size() > step.index() + 1
                      && all.get(step.index() + 1).is(Kind.DELETE, "databases/b.db.*");
                }));
  }

  @Test
  void theCatalogueForgetsADroppedDatabaseBeforeItsFileGoes() throws Exception {
    play(
        CrashScene.policy(5, 1_000),
        "dropped",
        (scene, log) -> {
          scene.raft.stop();
          DiskTrace broken =
              Leaving.earlier(scene.trace, 3, step -> step.is(Kind.DELETE, "databases/b.db"));
          found(scene, log.entries(), broken, CrashScene.parts(FileLayer.SYSTEM));
        });
  }
}
