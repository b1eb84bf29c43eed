package dev.balsa.sqlite.vfs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.wal.PageImage;
import dev.balsa.sqlite.wal.PageSet;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages of large transactions stay in the WAL, and are read from there as they were. */
class SpilledPagesTest {
  private static final long BYTES_MAX = 10 * 4096;

  @TempDir Path folder;
  private Path file;
  private Publisher publisher;

  @BeforeEach
  void openCommittedView() {
    file = TestDatabase.create(folder.resolve("a.db"));
    publisher = Publisher.open(file);
  }

  @AfterEach
  void close() {
    publisher.close();
  }

  private WriterConnection writer(long bytesMax) {
    return WriterConnection.open(file, publisher, UnaryOperator.identity(), bytesMax);
  }

  private static CapturedTransaction insert(WriterConnection writer, int bytes) {
    writer.connection().execute("INSERT INTO t(v) VALUES (randomblob(" + bytes + "))");
    return requireNonNull(writer.takeCaptured());
  }

  /** Replaces pages several times, spills, and cuts some off in the end. */
  private static CapturedTransaction rewriteMuch(WriterConnection writer) {
    writer.connection().execute("PRAGMA cache_size=5");
    writer.connection().execute("BEGIN");
    for (int i = 0; i < 50; i++) {
      writer.connection().execute("INSERT INTO t(v) VALUES (zeroblob(3000))");
    }
    writer.connection().execute("UPDATE t SET v=CAST(id AS BLOB) || zeroblob(2900)");
    writer.connection().execute("DELETE FROM t WHERE id>20");
    writer.connection().execute("COMMIT");
    return requireNonNull(writer.takeCaptured());
  }

  private static List<PageImage> contents(PageSet pages) {
    return new ArrayList<>(pages);
  }

  @Test
  void whatIsReadBackIsWhatWouldHaveBeenKept() {
    CapturedTransaction kept;
    try (WriterConnection writer = writer(Long.MAX_VALUE)) {
      kept = rewriteMuch(writer);
    }
    publisher.truncateToPublished();
    try (WriterConnection writer = writer(BYTES_MAX)) {
      CapturedTransaction spilled = rewriteMuch(writer);
      assertThat(kept.pages().heapBytes()).isEqualTo(4096L * kept.pages().size());
      assertThat(spilled.pages().heapBytes()).isEqualTo(12L * kept.pages().size());
      assertThat(spilled.databasePages()).isEqualTo(kept.databasePages());
      assertThat(spilled.pages()).extracting(PageImage::pageNumber).isSorted();
      for (int i = 0; i < kept.pages().size(); i++) {
        assertThat(spilled.pages().pageNumber(i)).isEqualTo(kept.pages().pageNumber(i));
        assertThat(spilled.pages().get(i)).isEqualTo(kept.pages().get(i));
      }
      assertThat(spilled.pages()).hasSameSizeAs(kept.pages());
    }
    publisher.truncateToPublished();
  }

  @Test
  void theBoundIsOnWhatIsKept() {
    try (WriterConnection writer = writer(BYTES_MAX)) {
      assertThat(insert(writer, 5 * 4096).pages().heapBytes()).isGreaterThan(5 * 4096);
      assertThat(insert(writer, 12 * 4096).pages().heapBytes()).isLessThan(300);
      assertThat(insert(writer, 100).pages().heapBytes()).isGreaterThanOrEqualTo(4096);
    }
    publisher.truncateToPublished();
  }

  @Test
  void pagesCanBeReadWhileLaterOnesAreWrittenAndAfterPublication() {
    try (WriterConnection writer = writer(BYTES_MAX)) {
      CapturedTransaction first = insert(writer, 20 * 4096);
      List<PageImage> contents = contents(first.pages());
      CapturedTransaction second = insert(writer, 20 * 4096);
      assertThat(contents(first.pages())).isEqualTo(contents);
      publisher.publish(first);
      publisher.publish(second);
      assertThat(contents(first.pages())).isEqualTo(contents);
    }
  }

  @Test
  void otherThreadsReadWhileTheWriterWrites() {
    AtomicBoolean stop = new AtomicBoolean();
    try (WriterConnection writer = writer(BYTES_MAX)) {
      CapturedTransaction first = insert(writer, 20 * 4096);
      List<PageImage> contents = contents(first.pages());
      List<CompletableFuture<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        readers.add(
            CompletableFuture.supplyAsync(
                () -> {
                  int rounds = 0;
                  do {
                    assertThat(contents(first.pages())).isEqualTo(contents);
                    rounds++;
                  } while (!stop.get());
                  return rounds;
                }));
      }
      publisher.publish(first);
      for (int i = 0; i < 50; i++) {
        publisher.publish(insert(writer, 20 * 4096));
      }
      stop.set(true);
      readers.forEach(reader -> assertThat(reader.join()).isPositive());
    }
  }

  @Test
  void nothingIsReadOnceTheWriterIsDiscarded() {
    CapturedTransaction captured;
    try (WriterConnection writer = writer(BYTES_MAX)) {
      captured = insert(writer, 20 * 4096);
      assertThat(captured.pages().get(0)).isNotNull();
    }
    publisher.truncateToPublished();
    assertGone(captured);
    // Not even where another writer's frames are now.
    try (WriterConnection next = writer(BYTES_MAX)) {
      publisher.publish(insert(next, 20 * 4096));
      assertGone(captured);
    }
  }

  @Test
  void nothingIsReadOnceTheWalHasBegunAnewOrIsClosed() {
    CapturedTransaction captured;
    try (WriterConnection writer = writer(BYTES_MAX)) {
      captured = insert(writer, 20 * 4096);
      publisher.publish(captured);
    }
    assertThat(captured.pages().get(0)).isNotNull();
    assertThat(publisher.restartWal(TestDatabase.KEPT)).isTrue();
    assertGone(captured);
    try (WriterConnection writer = writer(BYTES_MAX)) {
      captured = insert(writer, 20 * 4096);
      publisher.publish(captured);
    }
    publisher.close();
    assertGone(captured);
  }

  private static void assertGone(CapturedTransaction captured) {
    assertThatThrownBy(() -> captured.pages().get(0))
        .isInstanceOf(CaptureException.class)
        .hasMessageContaining("is gone");
  }

  @Test
  void aPageThatHasChangedOnDiskIsNotHandedOut() {
    try (WriterConnection writer = writer(BYTES_MAX)) {
      CapturedTransaction captured = insert(writer, 20 * 4096);
      ByteBuffer one = ByteBuffer.allocateDirect(1);
      int frame = captured.firstFrame();
      NativeFile wal = NativeFile.walOf(writer.connection(), "test");
      long at = publisher.wal().offset(frame) + 24 + 1000;
      wal.read(at, one);
      wal.write(at, one.put(0, (byte) (one.get(0) ^ 1)).flip());
      assertThatThrownBy(() -> contents(captured.pages()))
          .isInstanceOf(CaptureException.class)
          .hasMessageContaining("frame " + frame + " does not hold page");
    }
    publisher.truncateToPublished();
  }
}
