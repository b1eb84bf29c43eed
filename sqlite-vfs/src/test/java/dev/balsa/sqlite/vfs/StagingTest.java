package dev.balsa.sqlite.vfs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.wal.InvariantViolation;
import dev.balsa.sqlite.wal.PageImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A transaction in parts is nothing before its last part, and everything with it. */
class StagingTest {
  @TempDir Path folder;
  private final FaultyWal wal = new FaultyWal();
  private final FaultyMemory memory = new FaultyMemory();
  private Path file;
  private Publisher publisher;
  private FrameApplier applier;
  private SqliteConnection reader;
  private LeaderUnderTest leader;
  private CapturedTransaction large;
  private List<PageImage> pages;

  /** A leader whose next transaction the follower has not got yet. */
  @BeforeEach
  void makeTransaction() {
    Path source = TestDatabase.create(folder.resolve("leader.db"));
    file = folder.resolve("follower.db");
    TestDatabase.copy(source, file);
    leader = new LeaderUnderTest(source);
    publisher =
        Publisher.open(file, Halt.PROCESS, new Publisher.Faults(wal::around, memory::around));
    applier = new FrameApplier(publisher);
    reader = Readers.open(file);
    follow("INSERT INTO t(v) VALUES ('before')");
    large = requireNonNull(leader.run("INSERT INTO t(v) VALUES (randomblob(100000))"));
    leader.publish();
    pages = large.pages();
    assertThat(pages).hasSizeGreaterThan(20);
  }

  @AfterEach
  void bothAreTheSameAndSound() {
    assertThat(reader.queryText("PRAGMA integrity_check")).isEqualTo("ok");
    assertThat(TestDatabase.image(file)).isEqualTo(TestDatabase.image(leader.file));
    reader.close();
    publisher.close();
    leader.close();
  }

  private void follow(String sql) {
    CapturedTransaction captured = requireNonNull(leader.run(sql));
    leader.publish();
    applier.apply(captured.pages(), captured.databasePages());
  }

  private void stageFirstTen() {
    applier.stage(pages.subList(0, 4));
    applier.stage(pages.subList(4, 10));
    assertThat(applier.stagedFrames()).isEqualTo(10);
  }

  private void completeAfterTen() {
    applier.complete(pages.subList(10, pages.size()), large.databasePages());
    assertThat(applier.stagedFrames()).isZero();
  }

  private long rows() {
    return reader.queryLong("SELECT count(*) FROM t");
  }

  @Test
  void readersSeeAllPartsAtOnceOrNone() {
    int published = publisher.publishedFrames();
    stageFirstTen();
    assertThat(publisher.publishedFrames()).isEqualTo(published);
    assertThat(rows()).isEqualTo(1);
    completeAfterTen();
    assertThat(publisher.publishedFrames()).isEqualTo(published + pages.size());
    assertThat(rows()).isEqualTo(2);
    follow("INSERT INTO t(v) VALUES ('after')");
  }

  @Test
  void partsMayComeInAnyOrder() {
    applier.stage(pages.subList(10, pages.size()));
    applier.stage(pages.subList(0, 4));
    applier.complete(pages.subList(4, 10), large.databasePages());
    follow("INSERT INTO t(v) VALUES ('after')");
  }

  @Test
  void whatIsAbandonedLeavesNoTrace() {
    long size = TestDatabase.walSize(file);
    stageFirstTen();
    assertThat(TestDatabase.walSize(file)).isGreaterThan(size);
    applier.abandon();
    assertThat(applier.stagedFrames()).isZero();
    assertThat(TestDatabase.walSize(file)).isEqualTo(size);
    applier.abandon();
    applier.apply(pages, large.databasePages());
  }

  @Test
  void theFirstFramesOfAWalCanBeStagedAndAbandoned() {
    assertThat(publisher.restartWal(TestDatabase.KEPT)).isTrue();
    stageFirstTen();
    assertThat(rows()).isEqualTo(1);
    applier.abandon();
    assertThat(TestDatabase.walSize(file)).isZero();
    stageFirstTen();
    completeAfterTen();
  }

  @Test
  void nothingIsAppliedAndNoWriterOpenedInBetween() {
    stageFirstTen();
    assertThatThrownBy(() -> applier.apply(pages, large.databasePages()))
        .isInstanceOf(InvariantViolation.class)
        .hasMessageContaining("between another one's parts");
    assertThatThrownBy(() -> WriterConnection.open(file, publisher))
        .isInstanceOf(InvariantViolation.class)
        .hasMessageContaining("was not cut back");
    completeAfterTen();
  }

  @Test
  void aTurnIsPutOffAndACheckpointCopiesWhatIsPublished() {
    stageFirstTen();
    assertThat(publisher.restartWal(TestDatabase.KEPT)).isFalse();
    assertThat(publisher.complete(publisher.checkpoint())).isTrue();
    assertThat(rows()).isEqualTo(1);
    completeAfterTen();
    assertThat(publisher.restartWal(TestDatabase.KEPT)).isTrue();
  }

  @Test
  void aCutOfTheWalForgetsWhatWasStaged() {
    stageFirstTen();
    publisher.truncateToPublished();
    assertThat(applier.stagedFrames()).isZero();
    stageFirstTen();
    completeAfterTen();
  }

  @Test
  void aPartThatCannotBeWrittenIsCutOffAndMayBeRepeated() {
    stageFirstTen();
    long size = TestDatabase.walSize(file);
    wal.failWrites(() -> new SqliteException(ResultCode.FULL, "injected"));
    assertThatThrownBy(() -> applier.stage(pages.subList(10, 12)))
        .isInstanceOf(SqliteException.class);
    assertThatThrownBy(this::completeAfterTen).isInstanceOf(SqliteException.class);
    wal.failWrites(null);
    assertThat(TestDatabase.walSize(file)).isEqualTo(size);
    assertThat(applier.stagedFrames()).isEqualTo(10);
    assertThat(rows()).isEqualTo(1);
    applier.stage(pages.subList(10, 12));
    applier.complete(pages.subList(12, pages.size()), large.databasePages());
    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void aTransactionThatCannotBePublishedIsCutOffAndMayBeRepeated() {
    applier.apply(pages, large.databasePages());
    // More than a region of the wal-index has room for.
    large = requireNonNull(leader.run("INSERT INTO t(v) VALUES (zeroblob(17000000))"));
    leader.publish();
    pages = large.pages();
    stageFirstTen();
    long size = TestDatabase.walSize(file);
    memory.failRegions(true);
    assertThatThrownBy(this::completeAfterTen).hasMessageContaining("injected");
    memory.failRegions(false);
    assertThat(TestDatabase.walSize(file)).isEqualTo(size);
    assertThat(rows()).isEqualTo(2);
    completeAfterTen();
    assertThat(rows()).isEqualTo(3);
  }

  @Test
  void partsThatCannotBeOfOneTransactionAreRefused() {
    stageFirstTen();
    assertThatThrownBy(
            () -> applier.complete(pages.subList(9, pages.size()), large.databasePages()))
        .isInstanceOf(InvariantViolation.class)
        .hasMessageContaining("comes in two parts");
    applier.abandon();
    applier.stage(pages.subList(20, pages.size()));
    assertThatThrownBy(() -> applier.complete(pages.subList(0, 1), 5))
        .isInstanceOf(InvariantViolation.class)
        .hasMessageContaining("in a database of 5 pages");
    assertThat(rows()).isEqualTo(1);
    applier.abandon();
    applier.apply(pages, large.databasePages());
  }

  @Test
  void aStagedFrameThatHasChangedIsNoticed() {
    stageFirstTen();
    publisher.wal().truncateAfter(publisher.publishedFrames() + 9);
    assertThatThrownBy(this::completeAfterTen)
        .isInstanceOf(InvariantViolation.class)
        .hasMessageContaining("of 10 staged ones");
    publisher.truncateToPublished();
    applier.apply(pages, large.databasePages());
  }

  @Test
  void afterACrashSqliteRecoversWhatIsPublished() {
    byte[] before = TestDatabase.image(file);
    stageFirstTen();
    Path copy = folder.resolve("copy.db");
    TestDatabase.copy(file, copy);
    TestDatabase.copy(TestDatabase.wal(file), TestDatabase.wal(copy));
    assertThat(TestDatabase.image(copy)).isEqualTo(before);
    completeAfterTen();
  }

  @Test
  void aWritersTransactionCanBeKeptWhenTheWriterGoesAndBePublishedLater() {
    List<CapturedTransaction> own = new ArrayList<>();
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      for (int i = 0; i < 2; i++) {
        writer.connection().execute("INSERT INTO t(v) VALUES (zeroblob(50000))");
        own.add(requireNonNull(writer.takeCaptured()));
      }
    }
    assertThatThrownBy(() -> publisher.truncateAfter(own.subList(1, 2)))
        .isInstanceOf(InvariantViolation.class);
    publisher.truncateAfter(own.subList(0, 1));
    assertThat(TestDatabase.walSize(file))
        .isEqualTo(publisher.wal().sizeUpTo(own.get(0).lastFrame()));
    assertThat(publisher.restartWal(TestDatabase.KEPT)).isFalse();
    assertThatThrownBy(() -> WriterConnection.open(file, publisher))
        .isInstanceOf(InvariantViolation.class);
    assertThatThrownBy(() -> applier.apply(pages, large.databasePages()))
        .isInstanceOf(InvariantViolation.class);
    assertThat(rows()).isEqualTo(1);
    publisher.publish(own.get(0));
    assertThat(rows()).isEqualTo(2);
    leader.discard();
    leader.run("DELETE FROM t");
    leader.publish();
    assertThat(publisher.restartWal(TestDatabase.KEPT)).isTrue();
    copyFromLeader();
  }

  /** What the follower wrote by itself the leader never had. */
  private void copyFromLeader() {
    reader.close();
    publisher.close();
    leader.restartWal();
    TestDatabase.copy(leader.file, file);
    publisher = Publisher.open(file);
    reader = Readers.open(file);
  }
}
