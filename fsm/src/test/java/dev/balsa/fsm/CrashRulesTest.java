package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.sqlite.crash.Damage;
import dev.balsa.sqlite.crash.DiskTrace;
import dev.balsa.sqlite.crash.Operation;
import dev.balsa.sqlite.crash.Operation.Kind;
import dev.balsa.sqlite.vfs.OnTestVfs;
import dev.balsa.sqlite.vfs.Publisher;
import dev.balsa.sqlite.wal.WalHeader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each rule of durability is taken out once, and {@link CrashJudge} finds what that leads to: so
 * that its finding nothing otherwise means something.
 */
@OnTestVfs
@Timeout(900)
final class CrashRulesTest {
  private static final String CATALOGUE = "databases/_catalogue.*";
  private static final Set<Damage> LOSSES =
      EnumSet.of(Damage.NOTHING_LOST, Damage.ALL_LOST, Damage.NAMES_LOST, Damage.SOME_NAMES_LOST);
  private static final String A = "databases/a.db";

  @TempDir Path temp;

  /** What is broken is found, by some crash from the first operation that differs on. */
  private static void found(CrashScene scene, DiskTrace broken, CrashJudge judge) {
    foundFrom(firstChange(scene, broken), broken, judge);
  }

  private static int firstChange(CrashScene scene, DiskTrace broken) {
    int from = 0;
    while (broken.operations().get(from).equals(scene.trace.operations().get(from))) {
      from++;
    }
    return from;
  }

  /** The first such operation from one on: nothing can be wrong before it. */
  private static int first(DiskTrace trace, int from, Leaving.Choice choice) {
    return Leaving.steps(trace).stream()
        .skip(from)
        .filter(choice::chooses)
        .mapToInt(Leaving.Step::index)
        .findFirst()
        .orElseThrow();
  }

  private static void foundFrom(int from, DiskTrace broken, CrashJudge judge) {
    assertThat(isFoundFrom(from, broken, judge)).as("something is found").isTrue();
  }

  private static boolean isFoundFrom(int from, DiskTrace broken, CrashJudge judge) {
    // A seed draws what of the log is left, and some of what is broken heals if enough of it is.
    return LongStream.rangeClosed(1, 6).anyMatch(s -> finds(from, broken, s, judge.by(LOSSES)));
  }

  private static boolean finds(int from, DiskTrace broken, long seed, CrashJudge judge) {
    try {
      judge.judge(broken, from, seed, Integer.MAX_VALUE);
      return false;
    } catch (AssertionError e) {
      assertThat(e).hasMessageContaining("power failed after operation");
      return true;
    }
  }

  private void foundWithout(CrashScene scene, SceneLog log, Leaving.Choice choice)
      throws Exception {
    scene.raft.stop();
    found(
        scene,
        Leaving.out(scene.trace, choice),
        new CrashJudge(scene.points(), log.entries(), temp));
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
    play(
        CrashScene.policy(5, 1_000),
        "in parts",
        (scene, log) -> {
          scene.raft.stop();
          DiskTrace broken = Leaving.out(scene.trace, step -> step.is(Kind.SYNC_FOLDER, ""));
          // The log does not go back to the beginning by then.
          foundFrom(
              broken.size() - 2,
              broken,
              new CrashJudge(scene.points(), log.entries(), temp).only(CrashJudge.Left.LITTLE));
        });
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

  /**
   * The WAL does not have it any more: what a turn has copied is forced after it was cut. Which
   * turns find something to copy is the threads' doing, so there are several tries.
   */
  @Test
  void theMainFileIsForcedBeforeTheIndexOfATurnIsRecorded() throws Exception {
    boolean found = false;
    for (int i = 1; i <= 4 && !found; i++) {
      found = isFoundWithoutTheForceAfterATurn(Files.createDirectory(temp.resolve("try" + i)));
    }
    assertThat(found).as("something is found").isTrue();
  }

  private static boolean isFoundWithoutTheForceAfterATurn(Path folder) throws Exception {
    AtomicBoolean held = new AtomicBoolean();
    EngineDecisions holding =
        new EngineDecisions() {
          @Override
          void beforeRecord(Publisher publisher) {
            while (held.get()) {
              Thread.onSpinWait();
            }
            super.beforeRecord(publisher);
          }
        };
    try (SceneLog log = new SceneLog(folder, CrashScene.NEVER);
        CrashScene scene = new CrashScene(folder, CrashScene.policy(5, 10), holding)) {
      List<Entry> entries = log.upTo("shrunk");
      for (int i = 0; i < entries.size(); i++) {
        // A checkpoint that has not ended when the next entry comes leaves the turn something.
        held.set(true);
        scene.raft.receive(entries.get(i));
        scene.raft.awaitApplied();
        if (i % 2 == 1 || i == entries.size() - 1) {
          held.set(false);
          CrashScene.settle(scene.raft);
        }
      }
      scene.raft.stop();
      DiskTrace broken = Leaving.out(scene.trace, CrashRulesTest::isForceAfterTurn);
      return isFoundFrom(
          firstChange(scene, broken),
          broken,
          new CrashJudge(scene.points(), log.entries(), folder));
    }
  }

  private static boolean isForceAfterTurn(Leaving.Step step) {
    if (!step.is(Kind.SYNC, A)) {
      return false;
    }
    int back = 1;
    while (!step.back(back).is(Kind.SYNC, A) && !step.back(back).is(Kind.CREATE, A)) {
      if (beginsWalAnew(step.back(back))) {
        return true;
      }
      back++;
    }
    return false;
  }

  /** The WAL's header is wiped. */
  private static boolean beginsWalAnew(Leaving.Step step) {
    return step.is(Kind.WRITE, A + "-wal")
        && step.operation() instanceof Operation.Write write
        && write.position() == 0
        && write.bytes().equals(ByteBuffer.allocate(WalHeader.BYTES));
  }

  @Test
  void theCatalogueIsForcedBeforeADroppedFileGoes() throws Exception {
    play(
        CrashScene.policy(5, 1_000),
        "end",
        (scene, log) -> {
          scene.raft.stop();
          DiskTrace broken =
              Leaving.out(
                  scene.trace,
                  step -> {
                    List<Leaving.Step> all = step.before();
                    return step.is(Kind.SYNC, CATALOGUE)
                        && all.size() > step.index() + 1
                        && all.get(step.index() + 1).is(Kind.DELETE, "databases/b.db.*");
                  });
          // Where the drop is known to be committed, it is done again, with or without the file.
          CrashJudge judge = new CrashJudge(scene.points(), log.entries(), temp);
          found(scene, broken, judge.only(CrashJudge.Left.LITTLE));
        });
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
          found(scene, broken, new CrashJudge(scene.points(), log.entries(), temp));
        });
  }

  // ---- snapshots

  /** A node that receives a snapshot in place of what it has, with checkpoints at the sender. */
  private void snapshot(Leaving.Choice left) throws Exception {
    snapshot(
        (scene, trace, judge) -> {
          int installing = first(trace, 0, step -> step.written().installing() != null);
          foundFrom(installing, Leaving.out(trace, left), judge);
        });
  }

  private interface Judged {
    void by(CrashScene scene, DiskTrace trace, CrashJudge judge) throws Exception;
  }

  private void snapshot(Judged judged) throws Exception {
    try (SceneLog log = new SceneLog(temp, CrashScene.policy(4, 1_000));
        CrashScene scene = new CrashScene(temp, CrashScene.NEVER)) {
      scene.follow(log.upTo("two databases"));
      SentSnapshot first = SentSnapshot.of(log, 1);
      first.sendPartly(scene.raft, 20_000);
      log.insert("b.db", 30);
      log.insert("a.db", 30);
      SentSnapshot second = SentSnapshot.of(log, 2);
      second.send(scene.raft);
      List<SentSnapshot> all = List.of(first, second);
      scene.raft.stop();
      judged.by(
          scene,
          scene.trace,
          new CrashJudge(scene.points(), log.entries(), temp)
              .trying(raft -> SentSnapshot.sendAfterCrash(all, raft)));
    }
  }

  @Tag("long")
  @Test
  void whatHasArrivedIsForcedBeforeItIsInstalled() throws Exception {
    snapshot(step -> step.is(Kind.SYNC, "databases/_incoming/[ab].db"));
  }

  @Tag("long")
  @Test
  void whatHasArrivedHasItsNameDurableBeforeItIsInstalled() throws Exception {
    snapshot(step -> step.is(Kind.SYNC_FOLDER, "databases/_incoming"));
  }

  @Tag("long")
  @Test
  void whatIsToBeInstalledIsForcedBefore() throws Exception {
    snapshot(step -> step.is(Kind.SYNC, "databases/_incoming/_manifest"));
  }

  @Tag("long")
  @Test
  void anInstallationIsNotedBeforeItBegins() throws Exception {
    snapshot(step -> step.written().installing() != null);
  }

  @Tag("long")
  @Test
  void thatNoteIsForcedBeforeTheInstallationBegins() throws Exception {
    snapshot(step -> step.is(Kind.SYNC, CATALOGUE) && step.back(1).written().installing() != null);
  }

  @Tag("long")
  @Test
  void whatIsInstalledHasItsNameDurableBeforeTheCatalogueHasIt() throws Exception {
    snapshot(
        step ->
            step.is(Kind.SYNC_FOLDER, "databases")
                && step.before().size() > step.index() + 1
                && step.before().get(step.index() + 1).written().installed() != null);
  }

  /** The new name must be there, and with it the old head and progress: rarely so, by chance. */
  @Tag("long")
  @Test
  void nothingOfAnEarlierSnapshotComesBackUnderALaterOnesName() throws Exception {
    snapshot(
        (scene, trace, judge) -> {
          DiskTrace broken =
              Leaving.out(
                  trace,
                  step ->
                      step.is(Kind.SYNC_FOLDER, "databases/_incoming")
                          && step.back(1).operation().kind() == Kind.DELETE);
          int from = firstChange(scene, broken);
          DiskTrace soon = broken.with(broken.operations().subList(0, from + 4));
          boolean found = false;
          for (long seed = 1; seed <= 100 && !found; seed++) {
            found = finds(from, soon, seed, judge.by(EnumSet.of(Damage.SOME_NAMES_LOST)));
          }
          assertThat(found).isTrue();
        });
  }

  @Tag("long")
  @Test
  void aReceiverShowsNothingBeforeItHasRedoneThat() throws Exception {
    EngineDecisions hasty =
        new EngineDecisions() {
          @Override
          boolean mayOpen(long begun, long applied) {
            return true;
          }
        };
    EngineParts parts = new EngineParts(hasty, PipelineLimits.DEFAULT, FileLayer.SYSTEM);
    snapshot((scene, trace, judge) -> foundFrom(trace.size() - 30, trace, judge.with(parts)));
  }

  // ---- recovery

  /** A node that is killed in the middle of checkpoints, and recovers. */
  private void recovery(EngineParts parts, Leaving.Choice left) throws Exception {
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER);
        CrashScene scene = new CrashScene(temp, CrashScene.NEVER)) {
      scene.follow(log.upTo("shrunk"));
      int killed = scene.trace.size();
      scene.trace.killAfter(killed);
      scene.raft.stop();
      scene.trace.revive();
      CrashJudge.Left all = CrashJudge.Left.ALL;
      CrashScene.Point last = scene.points().get(scene.points().size() - 1);
      CrashJudge judge = new CrashJudge(List.of(last), log.entries(), temp).only(all);
      try (HandRaft raft =
          new CrashJudge(List.of(last), log.entries(), temp)
              .with(CrashScene.parts(new RecordingFiles(scene.trace)))
              .at(scene.trace.folder())
              .recover(0, all)) {
        CrashScene.settle(raft);
      }
      foundFrom(
          first(scene.trace, killed, step -> step.is(Kind.WRITE, CATALOGUE)),
          Leaving.out(scene.trace, step -> step.index() >= killed && left.chooses(step)),
          judge.with(parts));
    }
  }

  @Tag("long")
  @Test
  void whatIsRedoneIsForcedBeforeItsIndexIsRecorded() throws Exception {
    recovery(CrashScene.parts(FileLayer.SYSTEM), step -> step.is(Kind.SYNC, "databases/[ab].db"));
  }

  /** A shorter database keeps the pages that it once had. */
  @Tag("long")
  @Test
  void recoveryCutsFilesToTheirSize() throws Exception {
    OtherFiles uncut =
        new OtherFiles(FileLayer.SYSTEM) {
          @Override
          boolean resizes(Path path, long bytes) {
            return !path.endsWith("a.db");
          }
        };
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER);
        CrashScene scene = new CrashScene(temp, CrashScene.policy(10, 1_000))) {
      scene.follow(log.upTo("in parts"));
      int before = scene.trace.size();
      scene.follow(log.between("in parts", "shrunk"));
      scene.raft.stop();
      foundFrom(
          before,
          scene.trace,
          new CrashJudge(scene.points(), log.upTo("shrunk"), temp).with(CrashScene.parts(uncut)));
    }
  }
}
