package dev.balsa.sqlite.vfs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.SqliteStatement;
import dev.balsa.sqlite.wal.InvariantViolation;
import dev.balsa.sqlite.wal.PageImage;
import dev.balsa.sqlite.wal.WalIndexHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The committed view: advanced by the publisher, and by nobody else. */
class PublisherTest {
  private static final int FRAME_BYTES = 24 + 4096;

  @TempDir Path folder;
  private Path file;
  private final FaultyMemory memory = new FaultyMemory();
  private final FaultyWal wal = new FaultyWal();
  private final List<Throwable> halts = new ArrayList<>();
  private Publisher publisher;
  private SqliteConnection reader;

  @BeforeEach
  void openCommittedView() {
    file = TestDatabase.create(folder.resolve("a.db"));
    publisher =
        Publisher.open(
            file,
            (why, cause) -> halts.add(cause),
            new Publisher.Faults(wal::around, memory::around));
    reader = Readers.open(file);
  }

  @AfterEach
  void close() {
    reader.close();
    publisher.close();
  }

  @Test
  void aForeignWriterGetsBusyForAsLongAsThePublisherIsOpen() {
    try (SqliteConnection stranger = TestDatabase.stranger(file)) {
      assertThatThrownBy(() -> stranger.execute("INSERT INTO t(v) VALUES (1)"))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("SQLITE_BUSY");
    }
    assertThat(OtherProcess.run("write", file).output()).startsWith("SQLITE_BUSY");
    publish(commit("INSERT INTO t(v) VALUES (2)"));
    assertThat(OtherProcess.run("write", file).output()).startsWith("SQLITE_BUSY");
    assertThat(OtherProcess.run("read", file).output()).isEqualTo("done 1");
    assertThat(rows()).isEqualTo(1);
    reader.close();
    publisher.close();
    assertThat(OtherProcess.run("write", file).output()).isEqualTo("done 1");
    openAgain();
    assertThat(rows()).isEqualTo(2);
  }

  /** Closing any descriptor of a file drops all locks that the process has on it. */
  @Test
  void nothingThatWeDoDropsTheLocksOfSqliteInThisProcess() throws Exception {
    publish(commit("INSERT INTO t(v) VALUES (1)"));
    List<String> before = locks();
    assertThat(before).hasSizeGreaterThanOrEqualTo(3);
    assertThat(publisher.complete(publisher.checkpoint())).isTrue();
    publisher.syncMainFile();
    publisher.truncateToPublished();
    assertThat(publisher.readMarks().backfilled()).isPositive();
    assertThat(publisher.readersUseWal()).isFalse();
    Readers.open(file).close();
    assertThat(locks()).isEqualTo(before);
    assertThat(OtherProcess.run("write", file).output()).startsWith("SQLITE_BUSY");
    // One that thinks itself alone would take the WAL and the wal-index with it when it closes.
    assertThat(OtherProcess.run("read", file).output()).isEqualTo("done 1");
    assertThat(TestDatabase.wal(file)).exists();
    assertThat(file.resolveSibling(file.getFileName() + "-shm")).exists();
    publish(commit("INSERT INTO t(v) VALUES (2)"));
    assertThat(rows()).isEqualTo(2);
  }

  /** What Linux knows of this process's locks on the main file and the wal-index. */
  private List<String> locks() throws IOException {
    Set<String> inodes = new HashSet<>();
    for (String suffix : List.of("", "-shm")) {
      Path of = file.resolveSibling(file.getFileName() + suffix);
      inodes.add(String.valueOf(Files.getAttribute(of, "unix:ino")));
    }
    return Files.readAllLines(Path.of("/proc/locks")).stream()
        .map(line -> line.substring(line.indexOf(' ')).strip())
        .filter(line -> line.contains(" " + ProcessHandle.current().pid() + " "))
        .filter(line -> inodes.stream().anyMatch(inode -> line.contains(":" + inode + " ")))
        .sorted()
        .toList();
  }

  @Test
  void aSecondPublisherIsRefusedAndHarmsNothing() {
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> Publisher.open(file))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("SQLITE_BUSY");
    }
    publish(commit("INSERT INTO t(v) VALUES (2)"));
    assertThat(rows()).isEqualTo(1);
    publisher.close();
    openAgain();
    assertThat(rows()).isEqualTo(1);
  }

  @Test
  void noReaderRebuildsTheIndexFromTheUncommittedTail() {
    publish(commit("INSERT INTO t(v) VALUES (1)"));
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      writer.connection().execute("INSERT INTO t(v) VALUES ('uncommitted')");
      assertThat(writer.takeCaptured()).isNotNull();
      ByteBuffer region = memory.region(0);
      int counter = region.getInt(48 + 8);
      // A publication that stopped halfway, as a reader sees it.
      region.putInt(48 + 8, counter + 1);
      // SQLite tries for ten seconds before it gives up: all at once.
      CompletableFuture<OtherProcess.Outcome> process =
          CompletableFuture.supplyAsync(() -> OtherProcess.run("read", file));
      CompletableFuture<?> opening = CompletableFuture.runAsync(() -> Readers.open(file).close());
      try (SqliteConnection other = TestDatabase.stranger(file)) {
        assertThatThrownBy(() -> other.queryLong("SELECT count(*) FROM t"))
            .isInstanceOf(SqliteException.class);
      }
      assertThatThrownBy(opening::join).hasCauseInstanceOf(SqliteException.class);
      assertThat(process.join().output()).startsWith("SQLITE_");
      assertThat(region.getInt(16)).isEqualTo(publisher.publishedFrames());
      region.putInt(48 + 8, counter);
      assertThat(rows()).isEqualTo(1);
    }
    publisher.truncateToPublished();
  }

  @Test
  void aReaderCannotWriteCheckpointOrChangeTheMode() {
    publish(commit("INSERT INTO t(v) VALUES (1)"));
    reader.execute("PRAGMA query_only=OFF");
    for (String sql :
        List.of(
            "INSERT INTO t(v) VALUES (2)",
            "BEGIN IMMEDIATE",
            "CREATE TABLE x(a)",
            "PRAGMA journal_mode=DELETE",
            "PRAGMA wal_checkpoint")) {
      try {
        reader.execute(sql);
      } catch (SqliteException refused) {
        assertThat(refused.resultCode()).as(sql).isNotZero();
      }
      if (!reader.autocommit()) {
        reader.execute("ROLLBACK");
      }
    }
    assertThat(reader.queryText("PRAGMA journal_mode")).isEqualTo("wal");
    assertThat(rows()).isEqualTo(1);
    assertThat(publisher.readMarks().backfilled()).isZero();
    publish(commit("INSERT INTO t(v) VALUES (3)"));
    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void aDamagedFrameIsNotPublished() {
    CapturedTransaction captured = commit("INSERT INTO t(v) VALUES (randomblob(9000))");
    long inTheLastPage = 32 + (captured.lastFrame() - 1L) * FRAME_BYTES + 24 + 4000;
    flipByte(inTheLastPage);
    assertThatThrownBy(() -> publisher.publish(captured))
        .isInstanceOf(PublishException.class)
        .hasMessageContaining("OTHER_CHECKSUM");
    assertThat(publisher.publishedFrames()).isZero();
    assertThat(rows()).isZero();
    flipByte(inTheLastPage);
    publisher.publish(captured);
    assertThat(rows()).isEqualTo(1);
    assertThat(halts).isEmpty();
  }

  @Test
  void aFrameOfAnotherLifeIsNotPublished() {
    CapturedTransaction captured = commit("INSERT INTO t(v) VALUES (1)");
    flipByte(32 + 8);
    assertThatThrownBy(() -> publisher.publish(captured))
        .isInstanceOf(PublishException.class)
        .hasMessageContaining("OTHER_SALTS");
    assertThat(rows()).isZero();
    publisher.truncateToPublished();
  }

  @Test
  void otherFramesThanTheCapturedOnesAreNotPublished() {
    CapturedTransaction one = commit("INSERT INTO t(v) VALUES (1)");
    publisher.truncateToPublished();
    CapturedTransaction two = commit("INSERT INTO t(v) VALUES (2)");
    assertThat(one.lastFrame()).isEqualTo(two.lastFrame());
    assertThatThrownBy(() -> publisher.publish(one)).isInstanceOf(PublishException.class);
    assertThat(rows()).isZero();
    publisher.publish(two);
    assertThat(rows()).isEqualTo(1);
    assertThatThrownBy(() -> publisher.publish(two)).isInstanceOf(InvariantViolation.class);
  }

  @Test
  void severalTransactionsArePublishedTogetherOrNotAtAll() {
    List<CapturedTransaction> captured = new ArrayList<>();
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      for (int i = 1; i <= 3; i++) {
        writer.connection().execute("INSERT INTO t(v) VALUES (" + i + ")");
        captured.add(requireNonNull(writer.takeCaptured()));
      }
    }
    CapturedTransaction one = captured.get(0);
    CapturedTransaction two = captured.get(1);
    CapturedTransaction three = captured.get(2);
    assertThatThrownBy(() -> publisher.publish(List.of(one, three)))
        .isInstanceOf(InvariantViolation.class);
    CapturedTransaction another =
        new CapturedTransaction(
            one.firstFrame(),
            one.lastFrame(),
            one.pageSize(),
            one.databasePages(),
            one.pages(),
            one.endChecksum() + 1);
    assertThatThrownBy(() -> publisher.publish(List.of(another, two)))
        .isInstanceOf(PublishException.class)
        .hasMessageContaining("captured");
    assertThat(rows()).isZero();
    publisher.publish(List.of(one, two));
    assertThat(publisher.publishedFrames()).isEqualTo(two.lastFrame());
    assertThat(rows()).isEqualTo(2);
    publisher.publish(three);
    assertThat(rows()).isEqualTo(3);
  }

  @Test
  void aSlotThatIsTakenBeyondTheLastFrameIsABrokenInvariant() {
    publish(commit("INSERT INTO t(v) VALUES (1)"));
    CapturedTransaction captured = commit("INSERT INTO t(v) VALUES (2)");
    int slot = 136 + 4 * publisher.publishedFrames();
    memory.region(0).putInt(slot, 9);
    assertThatThrownBy(() -> publisher.publish(captured))
        .isInstanceOf(InvariantViolation.class)
        .hasMessageContaining("holds page 9");
    assertThat(halts).isEmpty();
    assertThat(rows()).isEqualTo(1);
    memory.region(0).putInt(slot, 0);
    publisher.publish(captured);
    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void aHeaderThatSomebodyElseChangedIsABrokenInvariant() {
    CapturedTransaction captured = commit("INSERT INTO t(v) VALUES (1)");
    ByteBuffer region = memory.region(0);
    byte[] header = new byte[2 * WalIndexHeader.BYTES];
    region.get(0, header);
    WalIndexHeader before = publisher.published();
    WalIndexHeader other =
        new WalIndexHeader(
            before.change() + 1,
            before.checksumOrder(),
            before.pageSize(),
            before.lastFrame(),
            before.databasePages(),
            before.frameChecksum(),
            before.salts());
    other.encode(region);
    other.encode(region.slice(WalIndexHeader.BYTES, WalIndexHeader.BYTES));
    assertThatThrownBy(() -> publisher.publish(captured))
        .isInstanceOf(InvariantViolation.class)
        .hasMessageContaining("somebody else changed the wal-index");
    region.put(0, header);
    publisher.publish(captured);
    assertThat(rows()).isEqualTo(1);
  }

  @Test
  void whatFailsBeforeTheFirstStoreLeavesEverythingAsItWas() {
    // Frames beyond the first region need another one to be mapped.
    CapturedTransaction captured =
        commit("INSERT INTO t(v) VALUES (zeroblob(" + 4100 * 4096 + "))");
    memory.failRegions(true);
    assertThatThrownBy(() -> publisher.publish(captured)).hasMessageContaining("injected");
    assertThat(halts).isEmpty();
    assertThat(rows()).isZero();
    memory.failRegions(false);
    publisher.publish(captured);
    assertThat(rows()).isEqualTo(1);
    assertThat(reader.queryText("PRAGMA integrity_check")).isEqualTo("ok");
  }

  @Test
  void whatFailsAfterTheFirstStoreHalts() {
    CapturedTransaction captured = commit("INSERT INTO t(v) VALUES (1)");
    memory.failBarrierAfter(1);
    assertThatThrownBy(() -> publisher.publish(captured)).isInstanceOf(OutOfMemoryError.class);
    assertThat(halts).hasSize(1);
    assertThat(rows()).isZero();
  }

  @Test
  void aHaltEndsTheProcessAtOnce() {
    reader.close();
    publisher.close();
    OtherProcess.Outcome outcome = OtherProcess.run("halt", file);
    assertThat(outcome.exitCode()).as(outcome.output()).isEqualTo(Halt.EXIT_CODE);
    assertThat(outcome.output()).contains("half changed").doesNotContain("went on");
    openAgain();
    assertThat(reader.queryText("PRAGMA integrity_check")).isEqualTo("ok");
  }

  @Test
  void theWalBeginsAnewOnlyWhenNoReaderNeedsIt() {
    publish(commit("INSERT INTO t(v) VALUES (1)"));
    try (SqliteStatement snapshot = reader.prepare("SELECT id FROM account")) {
      assertThat(snapshot.step()).isTrue();
      publish(commit("INSERT INTO t(v) VALUES (2)"));
      int frames = publisher.publishedFrames();
      assertThat(publisher.readersUseWal()).isTrue();
      assertThat(publisher.complete(publisher.checkpoint())).isFalse();
      assertThat(publisher.restartWal(TestDatabase.KEPT)).isFalse();
      assertThat(publisher.publishedFrames()).isEqualTo(frames);
      assertThat(publisher.readMarks().marks()).hasSize(5);
    }
    assertThat(publisher.readersUseWal()).isFalse();
    assertThat(publisher.restartWal(TestDatabase.KEPT)).isTrue();
    assertThat(publisher.publishedFrames()).isZero();
    assertThat(publisher.wal().header()).isNull();
    assertThat(rows()).isEqualTo(2);
    publish(commit("INSERT INTO t(v) VALUES (3)"));
    assertThat(rows()).isEqualTo(3);
    assertThat(publisher.readMarks().backfilled()).isZero();
  }

  @Test
  void aCheckpointGoesOnUnderAnOpenWriter() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      for (int i = 1; i <= 50; i++) {
        writer.connection().execute("INSERT INTO t(v) VALUES (randomblob(3000))");
        CapturedTransaction published = requireNonNull(writer.takeCaptured());
        writer.connection().execute("INSERT INTO t(v) VALUES (randomblob(3000))");
        CapturedTransaction inFlight = requireNonNull(writer.takeCaptured());
        publisher.publish(published);
        assertThat(publisher.complete(publisher.checkpoint())).isTrue();
        publisher.syncMainFile();
        assertThat(rows()).isEqualTo(2L * i - 1);
        publisher.publish(inFlight);
      }
    }
    publisher.truncateToPublished();
    assertThat(reader.queryText("PRAGMA integrity_check")).isEqualTo("ok");
  }

  @Test
  void aWriteThatFailsLeavesNothingOfATransactionThatWasApplied() {
    CapturedTransaction captured = commit("INSERT INTO t(v) VALUES (randomblob(20000))");
    publisher.truncateToPublished();
    FrameApplier applier = new FrameApplier(publisher);
    for (int i = 0; i < 2; i++) {
      long size = TestDatabase.walSize(file);
      wal.failWrites(() -> new SqliteException(13, "injected"));
      assertThatThrownBy(() -> applier.apply(captured.pages(), captured.databasePages()))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("injected");
      assertThat(TestDatabase.walSize(file)).isEqualTo(size);
      wal.failWrites(null);
      applier.apply(captured.pages(), captured.databasePages());
      assertThat(rows()).isEqualTo(1);
    }
    assertThat(halts).isEmpty();
    assertThat(reader.queryText("PRAGMA integrity_check")).isEqualTo("ok");
  }

  @Test
  void pagesThatCannotBeATransactionAreNotApplied() {
    CapturedTransaction captured = commit("INSERT INTO t(v) VALUES (randomblob(20000))");
    publisher.truncateToPublished();
    FrameApplier applier = new FrameApplier(publisher);
    List<PageImage> pages = captured.pages();
    List<PageImage> reversed = new ArrayList<>(pages);
    Collections.reverse(reversed);
    PageImage shortPage = new PageImage(1, ByteBuffer.allocate(4095));
    int size = captured.databasePages();
    assertThatThrownBy(() -> applier.apply(List.of(), size)).isInstanceOf(InvariantViolation.class);
    assertThatThrownBy(() -> applier.apply(reversed, size)).isInstanceOf(InvariantViolation.class);
    assertThatThrownBy(() -> applier.apply(pages, size - 1)).isInstanceOf(InvariantViolation.class);
    assertThatThrownBy(() -> applier.apply(List.of(shortPage), size))
        .isInstanceOf(InvariantViolation.class);
    assertThat(TestDatabase.walSize(file)).isZero();
    applier.apply(pages, size);
    assertThat(rows()).isEqualTo(1);
  }

  @Test
  void nothingIsAppliedUnderAWriterOrOntoWhatWasNotCut() {
    CapturedTransaction captured;
    FrameApplier applier = new FrameApplier(publisher);
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      writer.connection().execute("INSERT INTO t(v) VALUES (1)");
      captured = requireNonNull(writer.takeCaptured());
      assertThatThrownBy(() -> applier.apply(captured.pages(), captured.databasePages()))
          .isInstanceOf(InvariantViolation.class);
    }
    assertThatThrownBy(() -> applier.apply(captured.pages(), captured.databasePages()))
        .isInstanceOf(InvariantViolation.class);
    publisher.truncateToPublished();
    applier.apply(captured.pages(), captured.databasePages());
    assertThat(rows()).isEqualTo(1);
  }

  @Test
  void aDatabaseThatIsNotInWalModeIsRefused() {
    Path plain = folder.resolve("plain.db");
    try (SqliteConnection db = SqliteConnection.open(plain, 6, null)) {
      db.execute("CREATE TABLE t(a)");
    }
    assertThatThrownBy(() -> Publisher.open(plain))
        .isInstanceOf(SqliteException.class)
        .hasMessageContaining("journal mode delete");
  }

  @Test
  void memoryOfAClosedPublisherIsNotTouched() {
    CapturedTransaction captured = commit("INSERT INTO t(v) VALUES (1)");
    reader.close();
    publisher.close();
    assertThatThrownBy(() -> publisher.publish(captured)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(publisher::readMarks).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(publisher::checkpoint).isInstanceOf(IllegalStateException.class);
    openAgain();
  }

  private void openAgain() {
    publisher = Publisher.open(file);
    reader.close();
    reader = Readers.open(file);
  }

  /** Commits by a writer of its own, which is closed again; its frames stay in the WAL. */
  private CapturedTransaction commit(String sql) {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      writer.connection().execute(sql);
      return requireNonNull(writer.takeCaptured());
    }
  }

  private void publish(CapturedTransaction transaction) {
    publisher.publish(transaction);
  }

  private long rows() {
    return reader.queryLong("SELECT count(*) FROM t");
  }

  private void flipByte(long position) {
    try (FileChannel channel =
        FileChannel.open(
            TestDatabase.wal(file), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, position);
      one.put(0, (byte) ~one.get(0)).flip();
      channel.write(one, position);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
