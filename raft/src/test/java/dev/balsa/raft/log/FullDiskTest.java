package dev.balsa.raft.log;

import static dev.balsa.raft.log.LogFixture.TINY;
import static dev.balsa.raft.log.LogFixture.all;
import static dev.balsa.raft.log.LogFixture.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.LogFullException;
import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import dev.balsa.testing.NeedsRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Without room the log refuses what it cannot take, and nothing else. */
@Timeout(180)
class FullDiskTest {
  private static final HardState STATE = new HardState(1, 1, 0);
  private static final Configuration THREE = Configuration.ofVoters(List.of(1L, 2L, 3L));

  @TempDir Path folder;

  /** A disk with room for some files of zeros. */
  private static final class SmallDisk extends FastFiles {
    private int filesLeft;
    private boolean broken;
    private boolean refused;

    SmallDisk(int filesLeft) {
      this.filesLeft = filesLeft;
    }

    @Override
    public synchronized void createZeros(Path file, long zeroBytes, long fileBytes)
        throws IOException {
      if (broken) {
        throw new IOException("Input/output error");
      }
      if (filesLeft == 0) {
        refused = true;
        notifyAll();
        throw new IOException("No space left on device");
      }
      filesLeft--;
      super.createZeros(file, zeroBytes, fileBytes);
    }

    synchronized void awaitRefusal() {
      try {
        while (!refused) {
          wait();
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    synchronized void room(int files) {
      filesLeft = files;
    }

    @Override
    public synchronized void delete(Path file) throws IOException {
      if (file.toString().endsWith(Segment.ACTIVE) && Files.exists(file)) {
        filesLeft++;
      }
      super.delete(file);
    }
  }

  /** Appends entries of 20,000 bytes, each a batch, until there is no room; returns the last. */
  private static long fill(ChronicleLogStore log) {
    return fill(log, 20_000);
  }

  private static long fill(ChronicleLogStore log, int payloadBytes) {
    long last = log.lastIndex();
    try {
      while (last < 10_000) {
        log.append(STATE, entries(last + 1, last + 1, 1, payloadBytes));
        log.force();
        last++;
      }
    } catch (LogFullException e) {
      assertThat(e)
          .hasMessageContaining("There is no room for another log segment of 256 KiB")
          .hasMessageContaining("free space");
    }
    return last;
  }

  @Test
  void whatIsRefusedIsNotThereAndWorksAgainOnceThereIsRoom() throws IOException {
    SmallDisk disk = new SmallDisk(4); // metadata, first segment, two spares
    long written;
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(disk))) {
      written = fill(log);
      assertThat(written).isBetween(15L, 60L);
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(
                () ->
                    log.append(STATE, entries(log.lastIndex() + 1, log.lastIndex() + 1, 1, 20_000)))
            .isInstanceOf(LogFullException.class);
        log.force();
        assertThat(all(log)).isEqualTo(entries(1, written, 1, 20_000));
      }
      disk.room(1);
      log.append(STATE, entries(written + 1, written + 1, 1, 20_000));
      log.force();
      written = fill(log);
      assertThat(all(log)).isEqualTo(entries(1, written, 1, 20_000));
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      assertThat(all(log)).isEqualTo(entries(1, written, 1, 20_000));
    }
  }

  @Test
  void roomThatCameBackBeforeItWasNeededIsNotMissed() {
    SmallDisk disk = new SmallDisk(2); // metadata, first segment: the spare fails
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(disk))) {
      disk.awaitRefusal();
      disk.room(10);
      for (int i = 1; i <= 40; i++) {
        log.append(STATE, entries(i, i, 1, 20_000));
      }
      assertThat(log.lastIndex()).isEqualTo(40);
    }
  }

  @Test
  void nothingOfABatchIsWrittenThatNeedsMoreSegmentsThanThereIsRoomFor() throws IOException {
    SmallDisk disk = new SmallDisk(4);
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(disk))) {
      log.append(STATE, entries(1, 1, 1, 100));
      HardState next = new HardState(2, 2, 0);
      assertThatThrownBy(() -> log.append(next, entries(2, 41, 2, 20_000)))
          .isInstanceOf(LogFullException.class);
      assertThat(log.lastIndex()).isEqualTo(1);
      assertThat(log.hardState()).isEqualTo(STATE);
      log.force();
      log.append(next, entries(2, 2, 2, 100)); // what there is room for is taken
      log.force();
      disk.room(10);
      log.append(next, entries(3, 43, 2, 20_000));
      log.force();
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      assertThat(log.lastIndex()).isEqualTo(43);
      assertThat(log.hardState()).isEqualTo(new HardState(2, 2, 0));
    }
  }

  @Test
  void aBatchOverManySegmentsFindsAllItsRoomBeforehand() throws IOException {
    for (int count = 1; count < 60; count += 7) {
      Path each = Files.createDirectory(folder.resolve("log" + count));
      SmallDisk disk = new SmallDisk(1000);
      try (ChronicleLogStore log = ChronicleLogStore.open(each, TINY.withFiles(disk))) {
        log.append(STATE, entries(1, count, 1, 30_000));
        log.force();
        assertThat(all(log)).isEqualTo(entries(1, count, 1, 30_000));
      }
      try (ChronicleLogStore log = ChronicleLogStore.open(each, TINY)) {
        assertThat(all(log)).isEqualTo(entries(1, count, 1, 30_000));
      }
    }
  }

  @Test
  void compactionAndResetGiveRoomToALogWithoutAny() throws IOException {
    SmallDisk disk = new SmallDisk(5);
    long written;
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(disk))) {
      fill(log);
      written = fill(log, 4); // to the last byte
      assertThatThrownBy(() -> log.reset(STATE, new SnapshotMark(50_000, 1, THREE)))
          .isInstanceOf(LogFullException.class);
      assertThat(log.lastIndex()).isEqualTo(written);
      assertThat(all(log)).hasSize((int) written);
      log.compact(new SnapshotMark(written, 1, THREE));
      assertThat(log.firstIndex()).isEqualTo(written + 1);
      log.append(STATE, entries(written + 1, written + 1, 1, 20_000));
      log.force();
      written = fill(log);
      log.compact(new SnapshotMark(written, 1, THREE));
      log.reset(STATE, new SnapshotMark(50_000, 1, THREE));
      log.append(STATE, entries(50_001, 50_001, 1, 20_000));
      log.force();
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      assertThat(log.base()).isEqualTo(new SnapshotMark(50_000, 1, THREE));
      assertThat(all(log)).isEqualTo(entries(50_001, 50_001, 1, 20_000));
    }
  }

  @Test
  void aDiskThatFailsIsNotTakenForAFullOne() {
    SmallDisk disk = new SmallDisk(4);
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(disk))) {
      fill(log);
      disk.broken = true;
      assertThatThrownBy(
              () -> log.append(STATE, entries(log.lastIndex() + 1, log.lastIndex() + 1, 1, 20_000)))
          .isInstanceOf(LogStoreException.class)
          .isNotInstanceOf(LogFullException.class)
          .hasMessageContaining("Input/output error");
    }
  }

  @Test
  @NeedsRoot
  void aRealDiskThatIsFilledByOthersIsSurvivedAndFreedOneUsed() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk.toString());
    try {
      Path foreign = disk.resolve("foreign");
      Path log = disk.resolve("log");
      long written;
      try (ChronicleLogStore store = ChronicleLogStore.open(log, TINY)) {
        store.append(STATE, entries(1, 1, 1, 20_000));
        store.force();
        fillUp(foreign);
        written = fill(store);
        assertThat(written).isGreaterThan(5);
        assertThat(all(store)).isEqualTo(entries(1, written, 1, 20_000));
        Files.delete(foreign);
        appendOnceThereIsRoom(store, written + 1, written + 1);
        store.force();
        written = fill(store); // by the log itself, this time
        assertThat(all(store)).isEqualTo(entries(1, written, 1, 20_000));
        fillUp(foreign);
        store.compact(new SnapshotMark(written - 1, 1, THREE));
        appendOnceThereIsRoom(store, written + 1, written + 5);
        store.force();
        written += 5;
      }
      try (ChronicleLogStore store = ChronicleLogStore.open(log, TINY)) {
        assertThat(store.lastIndex()).isEqualTo(written);
        assertThat(all(store)).isEqualTo(entries(store.firstIndex(), written, 1, 20_000));
      }
    } finally {
      // Lazily: Chronicle unmaps what it has closed a little later, by a thread of its own.
      run("umount", "-l", disk.toString());
    }
  }

  private static void appendOnceThereIsRoom(ChronicleLogStore log, long first, long last) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try {
        log.append(STATE, entries(first, last, 1, 20_000));
        return;
      } catch (LogFullException e) {
        assertThat(System.nanoTime()).as("%s", e).isLessThan(deadline);
        Thread.onSpinWait();
      }
    }
  }

  private static void fillUp(Path file) throws IOException {
    try (var out = Files.newOutputStream(file)) {
      for (int size = 65_536; size > 0; size /= 2) {
        try {
          while (true) {
            out.write(new byte[size]);
          }
        } catch (IOException full) {
          assertThat(full).hasMessageContaining("No space left");
        }
      }
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }
}
