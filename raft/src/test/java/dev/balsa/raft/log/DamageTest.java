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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Files damaged by hand. The log holds entries 1 to 10, forced, known durable by the batch after
 * them; 11 to 20, forced; and 21 to 30, never forced.
 */
class DamageTest {
  private static final LogStoreConfig CONFIG = TINY.withFiles(new FastFiles());

  @TempDir Path base;
  private Path folder;
  private Path file;
  private byte[] bytes;
  private List<Integer> excerpts;

  enum Damage {
    ZEROED_PAGE,
    GARBAGE,
    TORN_RECORD,
    GARBLED_LENGTH,
    HUGE_LENGTH,
    NOT_COMPLETE,
    END_MARK,
    LENGTH_OF_ONE_MORE_WORD,
    TRUNCATED_FILE;

    /** Damages the excerpt whose header is at that offset. */
    byte[] applyTo(byte[] bytes, int at) {
      ByteBuffer out = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
      int header = out.getInt(at);
      switch (this) {
        case ZEROED_PAGE -> out.put(at, new byte[header + 4]);
        case GARBAGE -> {
          byte[] garbage = new byte[100];
          new Random(1).nextBytes(garbage);
          out.put(at + 60, garbage);
        }
        case TORN_RECORD -> out.put(at + 4 + header / 2, new byte[header / 2]);
        case GARBLED_LENGTH -> out.putInt(at, 0x3fffffff);
        case HUGE_LENGTH -> out.putInt(at, 0x00100000);
        case NOT_COMPLETE -> out.putInt(at, header | 0x80000000);
        case END_MARK -> out.putInt(at, 0xC0000000);
        case LENGTH_OF_ONE_MORE_WORD -> out.putInt(at, header + 4);
        case TRUNCATED_FILE -> {
          return Arrays.copyOf(out.array(), at + 4 + header / 2);
        }
      }
      return out.array();
    }
  }

  @BeforeEach
  void writeLog() throws IOException {
    Path original = base.resolve("original");
    folder = Files.createDirectory(base.resolve("copy"));
    try (ChronicleLogStore log = ChronicleLogStore.open(original, CONFIG)) {
      log.append(new HardState(1, 1, 0), entries(1, 10, 1, 100));
      log.force();
      log.append(new HardState(1, 1, 5), entries(11, 20, 1, 100));
      log.force();
      log.append(new HardState(1, 1, 5), entries(21, 30, 1, 100));
      file = Segment.active(folder, 1).file();
      Files.copy(original.resolve(file.getFileName()), file);
    }
    bytes = Files.readAllBytes(file);
    excerpts = excerptsOf(file);
    assertThat(excerpts).hasSize(4); // the segment's first one, and three batches
  }

  private static List<Integer> excerptsOf(Path file) throws IOException {
    List<Integer> headers = new ArrayList<>();
    try (SegmentScan scan = new SegmentScan(Segment.of(file).orElseThrow())) {
      scan.scan((records, offsets) -> headers.add(offsets.get(0) - 4));
    }
    return headers;
  }

  @ParameterizedTest
  @EnumSource
  void damageToWhatWasNeverForcedIsDropped(Damage damage) throws IOException {
    Files.write(file, damage.applyTo(bytes, excerpts.get(3)));
    for (int i = 0; i < 2; i++) {
      try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
        assertThat(all(log)).isEqualTo(entries(1, 20, 1, 100));
        assertThat(log.hardState()).isEqualTo(new HardState(1, 1, 5));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void damageToWhatWasAcknowledgedIsRefusedAndNothingIsTouched(Damage damage) throws IOException {
    byte[] damaged = damage.applyTo(bytes, excerpts.get(1));
    Files.write(file, damaged);
    if (damage == Damage.TRUNCATED_FILE) {
      return; // nothing of what follows is left to tell: see the test of a lost tail
    }
    assertThatThrownBy(() -> ChronicleLogStore.open(folder, CONFIG))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("damaged at offset " + excerpts.get(1))
        .hasMessageContaining("new id and an empty folder");
    assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
  }

  @Test
  void aLostTailOfASegmentIsKnownToTheNextOne() throws IOException {
    Path original = base.resolve("rolled");
    Path copy = Files.createDirectory(base.resolve("rolled-copy"));
    try (ChronicleLogStore log = ChronicleLogStore.open(original, CONFIG)) {
      for (int i = 0; i < 30; i++) {
        log.append(new HardState(1, 1, 0), entries(i + 1, i + 1, 1, 20_000));
        log.force();
      }
      try (Stream<Path> files = Files.list(original)) {
        // The segments alone: the spare is being made and renamed meanwhile.
        for (Path each :
            (Iterable<Path>) files.filter(f -> f.toString().endsWith(Segment.ACTIVE))::iterator) {
          Files.copy(each, copy.resolve(each.getFileName()));
        }
      }
    }
    Path first = Segment.active(copy, 1).file();
    byte[] whole = Files.readAllBytes(first);
    List<Integer> headers = excerptsOf(first);
    int last = headers.get(headers.size() - 1);
    Files.write(first, Arrays.copyOf(whole, last));
    assertThatThrownBy(() -> ChronicleLogStore.open(copy, CONFIG))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining(first.toString())
        .hasMessageContaining("damaged at offset " + last);
    Files.delete(first);
    assertThatThrownBy(() -> ChronicleLogStore.open(copy, CONFIG))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("is missing");
    Files.write(first, whole);
    Path second = Segment.active(copy, 2).file();
    Files.delete(second);
    assertThatThrownBy(() -> ChronicleLogStore.open(copy, CONFIG))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("is missing");
  }

  @Test
  void aStalePageOverWhatWasAcknowledgedIsRefused() throws IOException {
    // The page as it was before the second batch: zeros from there on.
    int at = excerpts.get(2);
    int end = excerpts.get(3) / 512 * 512;
    byte[] stale = bytes.clone();
    Arrays.fill(stale, at, end, (byte) 0);
    Files.write(file, stale);
    // The third batch knows that the second was durable.
    assertThatThrownBy(() -> ChronicleLogStore.open(folder, CONFIG))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("damaged at offset " + at);
  }

  @Test
  void aCleanCloseKnowsThatTheLastBatchWasDurable() throws IOException {
    Path closed = base.resolve("closed");
    try (ChronicleLogStore log = ChronicleLogStore.open(closed, CONFIG)) {
      log.append(new HardState(1, 1, 0), entries(1, 10, 1, 100));
      log.force();
    }
    Path segment = Segment.active(closed, 1).file();
    byte[] whole = Files.readAllBytes(segment);
    whole[excerptsOf(segment).get(1) + 200] ^= 1;
    Files.write(segment, whole);
    assertThatThrownBy(() -> ChronicleLogStore.open(closed, CONFIG))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("damaged at offset");
  }

  @Test
  void aSegmentUnderTheNameOfAnotherIsNoSegment() throws IOException {
    Files.move(file, Segment.active(folder, 7).sealed().file());
    assertThatThrownBy(() -> ChronicleLogStore.open(folder, CONFIG))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("checksum is wrong");
  }

  @Test
  void damageThatAppearsWhileTheLogIsOpenIsFoundOnReading() throws IOException {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      Path sealed = Segment.active(folder, 1).sealed().file();
      byte[] whole = Files.readAllBytes(sealed);
      whole[excerpts.get(1) + 300] ^= 1;
      Files.write(sealed, whole);
      assertThatThrownBy(() -> all(log))
          .isInstanceOf(LogStoreException.class)
          .hasMessageContaining(sealed.toString())
          .hasMessageContaining("checksum is wrong");
    }
  }
}
