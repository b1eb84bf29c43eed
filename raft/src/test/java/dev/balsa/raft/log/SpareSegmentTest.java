package dev.balsa.raft.log;

import static dev.balsa.raft.log.LogFixture.TINY;
import static dev.balsa.raft.log.LogFixture.all;
import static dev.balsa.raft.log.LogFixture.entries;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Compacted segments become spares. */
@Timeout(120)
class SpareSegmentTest {
  private static final HardState STATE = new HardState(1, 1, 0);
  private static final Configuration THREE = Configuration.ofVoters(List.of(1L, 2L, 3L));

  @TempDir Path folder;

  /** Counts, and looks at every spare that becomes a segment. */
  private static final class Counting extends FastFiles {
    private int made;
    private int remade;
    private int deleted;
    private int failures;
    private boolean dirty;
    private long usable = 1L << 40;

    @Override
    public synchronized void createZeros(Path file, long zeroBytes, long fileBytes)
        throws IOException {
      made++;
      super.createZeros(file, zeroBytes, fileBytes);
    }

    @Override
    public synchronized void zeroAgain(Path file, long zeroBytes) throws IOException {
      if (failures > 0) {
        failures--;
        throw new IOException("Input/output error");
      }
      remade++;
      super.zeroAgain(file, zeroBytes);
    }

    @Override
    public synchronized void delete(Path file) throws IOException {
      if (Segment.of(file).isPresent()) {
        deleted++;
      }
      super.delete(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      if (Segment.of(to).isPresent() && Segment.of(from).isEmpty()) {
        byte[] content = Files.readAllBytes(from);
        dirty |= !Arrays.equals(content, new byte[content.length]);
      }
      super.rename(from, to);
    }

    @Override
    public long usableBytes(Path of) {
      return usable;
    }
  }

  private static void fillAndCompact(ChronicleLogStore log, int entries) {
    long first = log.lastIndex() + 1;
    for (long index = first; index < first + entries; index++) {
      log.append(STATE, entries(index, index, 1, 20_000)); // eleven and more in a segment
      log.force();
    }
    log.compact(new SnapshotMark(log.lastIndex(), 1, THREE));
  }

  /** Waits until there are so many: one that gets its name meanwhile is listed twice, or not. */
  private void awaitSpares(int from, int to) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    List<String> spares = spares();
    while (spares.size() < from || spares.size() > to) {
      assertThat(System.nanoTime()).as("%s", spares).isLessThan(deadline);
      spares = spares();
    }
  }

  private List<String> spares() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("spare"))
          .sorted()
          .toList();
    }
  }

  @Test
  void aLogThatIsCompactedAgainAndAgainMakesAndDeletesNoMoreFiles() throws IOException {
    Counting files = new Counting();
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(files))) {
      for (int i = 0; i < 3; i++) {
        fillAndCompact(log, 40);
      }
      int made = files.made;
      int deleted = files.deleted;
      for (int i = 0; i < 30; i++) {
        fillAndCompact(log, 40);
      }
      assertThat(files.made).isEqualTo(made);
      assertThat(files.deleted).isEqualTo(deleted);
      assertThat(files.remade).isGreaterThan(60);
      awaitSpares(0, 6);
      long last = log.lastIndex();
      log.append(STATE, entries(last + 1, last + 3, 1, 100));
      log.force();
      assertThat(all(log)).isEqualTo(entries(last + 1, last + 3, 1, 100));
    }
    assertThat(files.dirty).as("a segment that began with something else than zeros").isFalse();
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(new FastFiles()))) {
      assertThat(all(log)).hasSize(3);
    }
  }

  @Test
  void asManyAreKeptAsWereNeededLately() throws IOException {
    Counting files = new Counting();
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(files))) {
      fillAndCompact(log, 300);
      fillAndCompact(log, 300);
      awaitSpares(SpareSegment.KEPT_MAX, SpareSegment.KEPT_MAX);
      for (int i = 0; i < 20; i++) {
        fillAndCompact(log, 24); // about two segments
      }
      awaitSpares(2, 4);
    }
    ChronicleLogStore.open(folder, TINY.withFiles(new FastFiles())).close();
    awaitSpares(0, 1);
  }

  @Test
  void whereRoomIsShortOneIsKept() throws IOException {
    Counting files = new Counting();
    files.usable = SpareSegment.ROOMY_SEGMENTS * (long) TINY.blockBytes() - 1;
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(files))) {
      for (int i = 0; i < 10; i++) {
        fillAndCompact(log, 40);
        awaitSpares(0, 1);
      }
    }
  }

  @Test
  void whatCannotBeMadeZerosAgainIsDeletedAndAnotherMade() throws IOException {
    Counting files = new Counting();
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(files))) {
      fillAndCompact(log, 40);
      files.failures = 3;
      for (int i = 0; i < 10; i++) {
        fillAndCompact(log, 40);
      }
      assertThat(files.failures).isZero();
      assertThat(log.lastIndex()).isEqualTo(440);
    }
    assertThat(files.dirty).isFalse();
  }
}
