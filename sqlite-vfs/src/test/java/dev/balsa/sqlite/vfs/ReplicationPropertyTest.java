package dev.balsa.sqlite.vfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.CheckpointResult;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.vfs.RandomTransactions.Kind;
import dev.balsa.sqlite.vfs.TestDatabase.Shape;
import dev.balsa.sqlite.wal.PageImage;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/**
 * What a writer commits, captured and applied to a copy, makes the copy the same, page by page, as
 * SQLite itself sees it: through its readers, after a full checkpoint, and after its own recovery
 * of the files without a wal-index.
 */
class ReplicationPropertyTest {
  /** One thing that happens to the leader or the follower. */
  record Step(Act act, Kind kind, long seed) {}

  enum Act {
    RUN,
    PUBLISH,
    DISCARD,
    CHECKPOINT_LEADER,
    CHECKPOINT_FOLLOWER,
    RESTART_LEADER,
    RESTART_FOLLOWER
  }

  /** How the databases are made and how the writer works. */
  record Setting(
      int pageSize,
      int autoVacuum,
      int secureDelete,
      int cachePages,
      long capturedBytesMax,
      int partPages) {}

  @Property(tries = 1000)
  void aCopyStaysTheSame(
      @ForAll("settings") Setting setting, @ForAll("steps") @Size(max = 14) List<Step> steps) {
    check(setting, steps);
  }

  /** Fewer, for each takes a second or two: long histories, whose WAL spans regions. */
  @Property(tries = 25)
  void aCopyStaysTheSameOverLongHistories(
      @ForAll("settings") Setting setting,
      @ForAll("steps") @Size(min = 80, max = 150) List<Step> steps) {
    check(setting, steps);
  }

  private static void check(Setting setting, List<Step> steps) {
    try (TempFolder folder = new TempFolder()) {
      Path source = folder.file("source.db");
      Path target = folder.file("target.db");
      TestDatabase.create(source, new Shape(setting.pageSize(), setting.autoVacuum()));
      TestDatabase.copy(source, target);
      byte[] committed;
      try (LeaderUnderTest leader = new LeaderUnderTest(source, setting.capturedBytesMax());
          Publisher follower = Publisher.open(target)) {
        leader.settings("PRAGMA cache_size=" + setting.cachePages());
        leader.run("PRAGMA secure_delete=" + setting.secureDelete());
        FrameApplier applier = new FrameApplier(follower, new SplittableRandom(1));
        for (Step step : steps) {
          perform(step, leader, follower, applier, setting.partPages());
        }
        publish(leader, follower, applier, setting.partPages());
        committed = TestDatabase.image(source);
        assertThat(TestDatabase.image(target)).isEqualTo(committed);
        try (SqliteConnection reader = Readers.open(target)) {
          assertThat(reader.queryText("PRAGMA integrity_check")).isEqualTo("ok");
        }
      }
      assertThat(recoveredCopy(source, folder.file("recovered-source.db"))).isEqualTo(committed);
      assertThat(recoveredCopy(target, folder.file("recovered-target.db"))).isEqualTo(committed);
      assertThat(checkpointed(source)).isEqualTo(committed);
      assertThat(checkpointed(target)).isEqualTo(committed);
    }
  }

  private static void perform(
      Step step, LeaderUnderTest leader, Publisher follower, FrameApplier applier, int partPages) {
    switch (step.act()) {
      case RUN -> leader.run(RandomTransactions.of(step.kind(), new SplittableRandom(step.seed())));
      case PUBLISH -> publish(leader, follower, applier, partPages);
      case DISCARD -> {
        byte[] before = TestDatabase.image(leader.file);
        leader.discard();
        assertThat(TestDatabase.image(leader.file)).isEqualTo(before);
        assertThat(
                leader
                    .publisher
                    .wal()
                    .endsAfter(
                        leader.publisher.publishedFrames(), leader.publisher.published().salts()))
            .isTrue();
      }
      case CHECKPOINT_LEADER -> checkpoint(leader.publisher);
      case CHECKPOINT_FOLLOWER -> checkpoint(follower);
      case RESTART_LEADER -> {
        publish(leader, follower, applier, partPages);
        assertThat(leader.restartWal()).isTrue();
        assertThat(leader.publisher.wal().header()).isNull();
      }
      case RESTART_FOLLOWER -> assertThat(follower.restartWal(TestDatabase.KEPT)).isTrue();
    }
  }

  private static void publish(
      LeaderUnderTest leader, Publisher follower, FrameApplier applier, int partPages) {
    for (CapturedTransaction transaction : leader.publish()) {
      List<PageImage> pages = transaction.pages();
      int from = 0;
      for (; from + partPages < pages.size(); from += partPages) {
        applier.stage(pages.subList(from, from + partPages));
      }
      applier.complete(pages.subList(from, pages.size()), transaction.databasePages());
    }
    assertThat(follower.databasePages()).isEqualTo(leader.publisher.databasePages());
  }

  private static void checkpoint(Publisher publisher) {
    CheckpointResult result = publisher.checkpoint();
    assertThat(publisher.complete(result)).as(result.toString()).isTrue();
  }

  /** Main file and WAL under another name, without a wal-index: SQLite recovers by itself. */
  private static byte[] recoveredCopy(Path file, Path copy) {
    TestDatabase.copy(file, copy);
    TestDatabase.copy(TestDatabase.wal(file), TestDatabase.wal(copy));
    return TestDatabase.image(copy);
  }

  /** The main file after everything was copied into it. */
  private static byte[] checkpointed(Path file) {
    try (Publisher publisher = Publisher.open(file)) {
      checkpoint(publisher);
    }
    return TestDatabase.bytes(file);
  }

  @Provide
  Arbitrary<Setting> settings() {
    return Combinators.combine(
            Arbitraries.of(512, 1024, 2048, 4096, 8192, 16384, 32768, 65536),
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(0, 2),
            Arbitraries.of(5, 20, -2000),
            Arbitraries.of(0L, 20_000L, 4L << 20),
            Arbitraries.of(1, 3, 10, Integer.MAX_VALUE / 2))
        .as(Setting::new);
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Act> acts =
        Arbitraries.frequency(
            net.jqwik.api.Tuple.of(12, Act.RUN),
            net.jqwik.api.Tuple.of(4, Act.PUBLISH),
            net.jqwik.api.Tuple.of(2, Act.DISCARD),
            net.jqwik.api.Tuple.of(1, Act.CHECKPOINT_LEADER),
            net.jqwik.api.Tuple.of(1, Act.CHECKPOINT_FOLLOWER),
            net.jqwik.api.Tuple.of(1, Act.RESTART_LEADER),
            net.jqwik.api.Tuple.of(1, Act.RESTART_FOLLOWER));
    return Combinators.combine(acts, Arbitraries.of(Kind.class), Arbitraries.longs())
        .as(Step::new)
        .list();
  }
}
