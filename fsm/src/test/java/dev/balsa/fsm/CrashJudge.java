package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.SnapshotMark;
import dev.balsa.sqlite.crash.CrashImage;
import dev.balsa.sqlite.crash.CrashPoints;
import dev.balsa.sqlite.crash.Damage;
import dev.balsa.sqlite.crash.DiskTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Starts a node on what a crash has left, and sees whether its databases are a state that the log
 * defines, have all that was acknowledged, and go on from there: through the rest of the log, with
 * checkpoints and turns, over a further restart, and under a leader.
 */
final class CrashJudge {
  private static final CheckpointPolicy BUSY = CrashScene.policy(4, 12);

  /** What else is tried with a node that has recovered, before the log goes on. */
  interface Trial {
    void with(HandRaft raft) throws Exception;
  }

  /** What of a log may be left after a crash. */
  enum Left {
    /** As late a log as there can be, discarded as far as allowed, nothing known as committed. */
    LITTLE,
    /** The log before that, whole, and all known as committed. */
    ALL
  }

  private final List<CrashScene.Point> points;
  private final List<Entry> log;
  private final LogModel model;
  private Path image;
  private @Nullable Left only;
  private Trial trial = raft -> {};
  private Set<Damage> damages = EnumSet.allOf(Damage.class);
  private EngineParts parts = CrashScene.parts(FileLayer.SYSTEM);

  /**
   * Judges by a log.
   *
   * @param log from its first entry on, also what came after the crash
   * @param temp for images
   */
  CrashJudge(List<CrashScene.Point> points, List<Entry> log, Path temp) {
    this.points = points;
    this.log = log;
    this.model = LogModel.of(log);
    this.image = temp.resolve("image");
  }

  /** Other parts for the node that recovers. */
  CrashJudge with(EngineParts other) {
    parts = other;
    return this;
  }

  /** Nodes are started in another folder. */
  CrashJudge at(Path folder) {
    image = folder;
    return this;
  }

  /** Where nodes are started. */
  Path folder() {
    return image;
  }

  /** Tries something else too. */
  CrashJudge trying(Trial other) {
    trial = other;
    return this;
  }

  /** Only some damages are done. */
  CrashJudge by(Set<Damage> some) {
    damages = some;
    return this;
  }

  /** The log is always left like that. */
  CrashJudge only(Left left) {
    only = left;
    return this;
  }

  /**
   * Judges crashes at all operations, by all damages; if there are more images than wanted, as many
   * of them as a seed chooses.
   *
   * @return how many
   */
  int judge(DiskTrace trace, long seed, int imagesWanted) {
    return judge(trace, 0, seed, imagesWanted);
  }

  /** As above, of crashes from an operation on. */
  int judge(DiskTrace trace, int from, long seed, int imagesWanted) {
    int expected = (trace.size() - from) * 6;
    int[] judged = new int[1];
    SplittableRandom random = new SplittableRandom(seed);
    CrashPoints.forEach(
        trace,
        damages,
        seed,
        (operations, damage, found) -> {
          if (operations >= from && random.nextInt(Math.max(6, expected)) < imagesWanted) {
            judged[0]++;
            Left drawn = random.nextBoolean() ? Left.ALL : Left.LITTLE;
            Left left = only == null ? drawn : only;
            check(trace, operations, found, left, random.nextInt(8) == 0);
          }
        });
    return judged[0];
  }

  private void check(DiskTrace trace, int operations, CrashImage found, Left left, boolean leads) {
    try {
      found.writeTo(image);
      check(operations, left, leads);
    } catch (Exception | Error e) { // also a broken invariant
      throw new AssertionError(
          "log: "
              + left
              + ", "
              + point(operations, left)
              + "\n  the last operations: "
              + trace.operations().subList(Math.max(0, operations - 8), operations),
          e);
    }
  }

  /** What the log was. */
  CrashScene.Point point(int operations, Left left) {
    CrashScene.Point last = points.get(0);
    for (CrashScene.Point each : points) {
      if (each.operations() < operations
          || (left == Left.LITTLE && each.operations() == operations)) {
        last = each;
      }
    }
    return last;
  }

  /** Starts a node on the image. */
  HandRaft recover(int operations, Left left) {
    CrashScene.Point point = point(operations, left);
    return recover(point, left, parts);
  }

  private HandRaft recover(CrashScene.Point point, Left left, EngineParts with) {
    SnapshotMark base =
        left == Left.LITTLE && point.free() > point.base().index()
            ? CrashScene.mark(log, point.free())
            : point.base();
    return HandRaft.reopen(
        CrashScene.config(image, BUSY),
        with,
        base,
        log.subList((int) base.index(), (int) Math.max(base.index(), point.lastIndex())),
        left == Left.ALL ? point.lastIndex() : base.index());
  }

  private void check(int operations, Left left, boolean leads) throws Exception {
    long free;
    try (HandRaft raft = recover(operations, left)) {
      CrashScene.settle(raft);
      assertThat(raft.failure()).isNull();
      long applied = raft.machine().appliedIndex();
      assertThat(applied).isGreaterThanOrEqualTo(raft.committed());
      requireState(raft, applied, false);
      trial.with(raft);
      goOn(raft);
      free = raft.snapshotTaken();
      raft.stop();
      requireFiles(raft);
    }
    SnapshotMark base = CrashScene.mark(log, free);
    try (HandRaft raft =
        HandRaft.reopen(
            CrashScene.config(image, BUSY),
            parts,
            base,
            log.subList((int) base.index(), log.size()),
            base.index())) {
      raft.commitAll();
      CrashScene.settle(raft);
      assertThat(raft.failure()).isNull();
      requireState(raft, log.size(), true);
      if (leads) {
        lead(raft);
      }
    }
  }

  /** The rest of the log comes. */
  void goOn(HandRaft raft) throws Exception {
    raft.commitAll();
    for (Entry entry : log.subList((int) raft.lastIndex(), log.size())) {
      raft.receive(entry);
    }
    CrashScene.settle(raft);
    assertThat(raft.failure()).isNull();
    requireState(raft, log.size(), true);
  }

  void requireState(HandRaft raft, long index, boolean complete) {
    // A snapshot may bring a database that its index knows nothing of yet: not shown before that.
    List<DatabaseStatus> found =
        raft.machine().databases().stream()
            .filter(
                each ->
                    complete
                        || each.phase() != DatabaseStatus.Phase.RECOVERING
                        || each.incarnation() <= index)
            .toList();
    var wanted = model.at(index);
    assertThat(found).extracting(DatabaseStatus::name).containsExactlyElementsOf(wanted.keySet());
    for (DatabaseStatus each : found) {
      LogModel.Content content = Objects.requireNonNull(wanted.get(each.name()));
      assertThat(each.incarnation()).isEqualTo(content.incarnation());
      if (each.phase() == DatabaseStatus.Phase.RECOVERING && !complete) {
        continue; // it came with a snapshot, and is not shown
      }
      assertThat(each.phase()).isEqualTo(DatabaseStatus.Phase.SERVING);
      assertThat(each.checksum()).as("%s at %d", each.name(), index).isEqualTo(content.checksum());
      assertThat(each.pages()).isEqualTo(content.pages().size());
    }
  }

  /** After a clean stop all is in the main files, and there are no others. */
  private void requireFiles(HandRaft raft) throws IOException {
    for (var each : model.at(log.size()).entrySet()) {
      Path file = raft.folder().resolve(each.getKey());
      assertThat(Files.readAllBytes(file)).isEqualTo(each.getValue().bytes());
    }
    try (var files = Files.list(raft.folder())) {
      assertThat(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(name -> !name.startsWith("_") && !name.endsWith("-wal"))
                  .filter(name -> !name.endsWith("-shm")))
          .containsExactlyInAnyOrderElementsOf(model.at(log.size()).keySet());
    }
  }

  /** It can write, and all that it has is sound in SQLite's eyes. */
  private void lead(HandRaft raft) {
    raft.lead();
    for (String name : model.at(log.size()).keySet()) {
      try (Session session = raft.session(name)) {
        assertThat(session.query("PRAGMA integrity_check").single().getString(0)).isEqualTo("ok");
        session.execute("CREATE TABLE after_it_all(v)");
        session.execute("INSERT INTO after_it_all VALUES (randomblob(3000))");
      }
    }
    assertThat(raft.failure()).isNull();
  }
}
