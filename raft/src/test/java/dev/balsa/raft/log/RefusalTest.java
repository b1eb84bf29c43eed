package dev.balsa.raft.log;

import static dev.balsa.raft.log.LogFixture.TINY;
import static dev.balsa.raft.log.LogFixture.all;
import static dev.balsa.raft.log.LogFixture.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.HardState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused, with which words, and what goes on nevertheless. */
class RefusalTest {
  private static final int START_BYTES = RecordFormat.segmentStartBytes(LogRecord.Begin.NONE);

  @TempDir Path folder;

  @Test
  void aFolderInUseIsRefused() {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      assertThatThrownBy(() -> ChronicleLogStore.open(folder, TINY))
          .isInstanceOf(LogStoreException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("is in use by another node");
      log.append(new HardState(1, 1, 0), entries(1, 1, 1, 1));
      log.force();
    }
    ChronicleLogStore.open(folder, TINY).close();
  }

  @Test
  void aFolderThatCannotBeWrittenIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    assertThatThrownBy(() -> ChronicleLogStore.open(file, TINY))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("The log folder " + file + " cannot be written");
    assertThatThrownBy(() -> ChronicleLogStore.open(file.resolve("below"), TINY))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("cannot be written");
  }

  @Test
  void anotherNodesLogIsRefused() {
    ChronicleLogStore.open(folder, TINY).close();
    assertThatThrownBy(
            () ->
                ChronicleLogStore.open(
                    folder, LogStoreConfig.of(2).withBlockBytes(TINY.blockBytes())))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("belongs to node 1, but this is node 2");
    ChronicleLogStore.open(folder, TINY).close();
  }

  @Test
  void anUnknownFormatVersionIsRefusedByName() throws IOException {
    ChronicleLogStore.open(folder, TINY).close();
    Path file = Segment.active(folder, 1).file();
    byte[] bytes = Files.readAllBytes(file);
    int[] start = new int[1];
    try (SegmentScan scan = new SegmentScan(new Segment(1, file))) {
      scan.scan((records, offsets) -> start[0] = offsets.get(0));
    }
    // As another version may have written it: its head is the same, what follows it is not.
    ByteBuffer record =
        ByteBuffer.wrap(bytes, start[0], START_BYTES).slice().order(ByteOrder.LITTLE_ENDIAN);
    record.putInt(RecordFormat.HEAD_BYTES + 8, 99);
    byte[] copy = new byte[START_BYTES];
    record.get(0, copy);
    ByteBuffer checked = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    new RecordFormat().putChecksums(checked, copy.length, 1, start[0]);
    record.put(0, copy);
    java.util.Arrays.fill(
        bytes, start[0] + copy.length, start[0] + copy.length + RecordFormat.STATE_BYTES, (byte) 7);
    Files.write(file, bytes);
    assertThatThrownBy(() -> ChronicleLogStore.open(folder, TINY))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("has format version 99; this program supports version 2");
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
  }

  @Test
  void aFileThatIsNoSegmentAndACopyOfASegmentAreRefused() throws IOException {
    ChronicleLogStore.open(folder, TINY).close();
    Path stranger = Files.writeString(folder.resolve("20240101.cq4"), "");
    assertThatThrownBy(() -> ChronicleLogStore.open(folder, TINY))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining(stranger + " is no log segment");
    Files.delete(stranger);
    Segment first = Segment.active(folder, 1);
    Files.copy(first.file(), first.sealed().file());
    assertThatThrownBy(() -> ChronicleLogStore.open(folder, TINY))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("are copies of the same one");
  }

  @Test
  void aForceThatFailsPoisonsTheStore() {
    class FailingForce extends FastFiles {
      private boolean failing;

      @Override
      public void force(Path file, FileChannel channel) throws IOException {
        if (failing) {
          failing = false; // the next one would succeed, and mean nothing
          throw new IOException("Input/output error");
        }
      }
    }

    FailingForce files = new FailingForce();
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(files))) {
      log.append(new HardState(1, 1, 0), entries(1, 3, 1, 10));
      files.failing = true;
      assertThatThrownBy(log::force)
          .isInstanceOf(LogStoreException.class)
          .hasMessageContaining("could not be made durable")
          .hasMessageContaining("Input/output error");
      assertThatThrownBy(log::force)
          .isInstanceOf(LogStoreException.class)
          .hasMessageContaining("takes no more writes");
      assertThatThrownBy(() -> log.append(new HardState(2, 1, 0), entries(4, 4, 2, 1)))
          .isInstanceOf(LogStoreException.class)
          .hasMessageContaining("takes no more writes");
      assertThat(all(log)).isEqualTo(entries(1, 3, 1, 10));
    }
  }

  @Test
  void aFullDiskIsATypedErrorWhenTheLogRollsAndReadsGoOn() {
    class SmallDisk extends FastFiles {
      private int filesLeft = 4; // metadata, first segment, two spares

      @Override
      public synchronized void createZeros(Path file, long zeroBytes, long fileBytes)
          throws IOException {
        if (--filesLeft < 0) {
          throw new IOException("No space left on device");
        }
        super.createZeros(file, zeroBytes, fileBytes);
      }
    }

    int written = 0;
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(new SmallDisk()))) {
      try {
        while (written < 100) {
          log.append(new HardState(1, 1, 0), entries(written + 1, written + 1, 1, 20_000));
          log.force();
          written++;
        }
      } catch (LogStoreException e) {
        assertThat(e)
            .hasMessageContaining("no room for another log segment")
            .hasMessageContaining("No space left on device")
            .hasMessageContaining("free space");
      }
      assertThat(written).isBetween(20, 60);
      assertThat(all(log)).isEqualTo(entries(1, written, 1, 20_000));
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      assertThat(all(log)).isEqualTo(entries(1, written, 1, 20_000));
    }
  }

  @Test
  void aFullDiskAtTheFirstStartIsATypedError() {
    FileLayer full =
        new FastFiles() {
          @Override
          public void createZeros(Path file, long zeroBytes, long fileBytes) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    assertThatThrownBy(() -> ChronicleLogStore.open(folder, TINY.withFiles(full)))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("No space left on device");
    ChronicleLogStore.open(folder, TINY).close(); // the lock is free again
  }

  @Test
  void aClosedLogTakesAndGivesNothing() {
    ChronicleLogStore log = ChronicleLogStore.open(folder, TINY);
    log.append(new HardState(1, 1, 0), entries(1, 1, 1, 1));
    log.close();
    log.close();
    assertThatThrownBy(() -> log.append(new HardState(1, 1, 0), entries(2, 2, 1, 1)))
        .hasMessageContaining("is closed");
    assertThatThrownBy(log::force).hasMessageContaining("is closed");
    assertThatThrownBy(() -> log.read(1, 1, 1)).hasMessageContaining("is closed");
  }

  @Test
  void boundsOfTheConfigurationAreChecked() {
    assertThatThrownBy(() -> LogStoreConfig.of(0)).hasMessageContaining("from 1");
    assertThatThrownBy(() -> LogStoreConfig.of(1).withBlockBytes(4096))
        .hasMessageContaining("256 KiB");
  }
}
