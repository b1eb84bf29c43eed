package dev.balsa.sqlite.vfs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.vfs.TestDatabase.Shape;
import dev.balsa.sqlite.wal.WalIndex;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions and WALs that span several regions of the wal-index. */
class LargeTransactionTest {
  @TempDir Path folder;

  @Test
  void transactionsThatSpanRegionsAreSeenAsAWhole() {
    Path source = TestDatabase.create(folder.resolve("source.db"), Shape.of(512));
    Path target = folder.resolve("target.db");
    TestDatabase.copy(source, target);
    try (LeaderUnderTest leader = new LeaderUnderTest(source);
        Publisher follower = Publisher.open(target);
        SqliteConnection reader = Readers.open(source)) {
      FrameApplier applier = new FrameApplier(follower);
      leader.settings("PRAGMA cache_size=100");
      for (int life = 0; life < 2; life++) {
        // 4062 frames fill the first region, 4096 each next one: three regions, spills on the way.
        for (int i = 0; i < 3; i++) {
          leader.run("BEGIN");
          leader.run("INSERT INTO t(v) VALUES (randomblob(1300000))");
          leader.run("UPDATE t SET v=randomblob(length(v)) WHERE id%2=0");
          CapturedTransaction captured = requireNonNull(leader.run("COMMIT"));
          assertThat(captured.lastFrame() - captured.firstFrame()).isGreaterThan(2500);
        }
        leader.run("INSERT INTO t(v) VALUES ('small')");
        List<CapturedTransaction> transactions = leader.publish();
        transactions.forEach(each -> applier.apply(each.pages(), each.databasePages()));
        assertThat(leader.publisher.publishedFrames()).isGreaterThan(4062 + 4096);
        assertThat(follower.publishedFrames()).isGreaterThan(4062 + 4096);
        assertThat(reader.queryText("PRAGMA integrity_check")).isEqualTo("ok");
        assertThat(TestDatabase.image(target)).isEqualTo(TestDatabase.image(source));
        assertThat(leader.restartWal()).isTrue();
        assertThat(follower.restartWal(TestDatabase.KEPT)).isTrue();
        assertThat(TestDatabase.image(target)).isEqualTo(TestDatabase.image(source));
      }
    }
    assertThat(TestDatabase.bytes(target)).isEqualTo(TestDatabase.bytes(source));
  }

  @Test
  void sqliteRecoversTheSameIndexThatWePublished() {
    Path file = TestDatabase.create(folder.resolve("a.db"), Shape.of(512));
    int frames;
    int pages;
    FaultyMemory ours = new FaultyMemory();
    int[] found;
    try (Publisher publisher = open(file, ours)) {
      try (WriterConnection writer = WriterConnection.open(file, publisher)) {
        for (int i = 0; i < 6; i++) {
          writer.connection().execute("INSERT INTO t(v) VALUES (randomblob(900000))");
          publisher.publish(requireNonNull(writer.takeCaptured()));
          writer.connection().execute("DELETE FROM t WHERE id%2=0");
          CapturedTransaction deleted = writer.takeCaptured();
          if (deleted != null) {
            publisher.publish(deleted);
          }
        }
      }
      frames = publisher.publishedFrames();
      pages = publisher.databasePages();
      found = lookUps(new WalIndex(ours), frames, pages);
    }
    Path copy = folder.resolve("copy.db");
    TestDatabase.copy(file, copy);
    TestDatabase.copy(TestDatabase.wal(file), TestDatabase.wal(copy));
    FaultyMemory recovered = new FaultyMemory();
    try (Publisher publisher = open(copy, recovered)) {
      assertThat(publisher.publishedFrames()).isEqualTo(frames).isGreaterThan(4062 + 4096);
      assertThat(publisher.databasePages()).isEqualTo(pages);
      assertThat(lookUps(new WalIndex(recovered), frames, pages)).isEqualTo(found);
    }
  }

  private static Publisher open(Path file, FaultyMemory memory) {
    return Publisher.open(
        file, Halt.PROCESS, new Publisher.Faults(UnaryOperator.identity(), memory::around));
  }

  private static int[] lookUps(WalIndex index, int frames, int pages) {
    int[] found = new int[pages];
    for (int page = 1; page <= pages; page++) {
      found[page - 1] = index.findFrame(page, frames);
    }
    return found;
  }
}
