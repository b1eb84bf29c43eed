package dev.balsa.raft.log;

import static dev.balsa.raft.log.LogFixture.TINY;
import static dev.balsa.raft.log.LogFixture.all;
import static dev.balsa.raft.log.LogFixture.entries;
import static dev.balsa.raft.log.LogFixture.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChronicleLogStoreTest {
  @TempDir Path folder;

  @Test
  void aNewLogIsEmpty() {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      assertThat(log.firstIndex()).isEqualTo(1);
      assertThat(log.lastIndex()).isZero();
      assertThat(log.hardState()).isEqualTo(HardState.INITIAL);
      assertThat(log.sizeBytes()).isPositive();
    }
  }

  @Test
  void whatWasForcedIsThereAgainAfterReopening() {
    List<Entry> written = new ArrayList<>(entries(1, 10, 1, 100));
    written.add(new Entry(11, 2, EntryType.NO_OP, new byte[0]));
    written.add(new Entry(12, 2, EntryType.CONFIGURATION, new byte[] {1, 2, 3}));
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      log.append(new HardState(2, 3, 0), written);
      log.append(new HardState(2, 3, 7), List.of());
      log.force();
      assertThat(all(log)).isEqualTo(written);
    }
    for (int i = 0; i < 3; i++) {
      try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
        assertThat(log.hardState()).isEqualTo(new HardState(2, 3, 7));
        assertThat(log.lastIndex()).isEqualTo(12);
        assertThat(log.term(10)).isEqualTo(1);
        assertThat(log.term(11)).isEqualTo(2);
        assertThat(all(log)).isEqualTo(written);
      }
    }
  }

  @Test
  void anEntrySupersedesAllAtOrAboveItsIndex() {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      log.append(new HardState(1, 0, 0), entries(1, 10, 1, 50));
      log.append(new HardState(2, 0, 0), entries(4, 5, 2, 50));
      assertThat(log.lastIndex()).isEqualTo(5);
      assertThat(log.term(3)).isEqualTo(1);
      assertThat(log.term(4)).isEqualTo(2);
      log.force();
    }
    List<Entry> expected = new ArrayList<>(entries(1, 3, 1, 50));
    expected.addAll(entries(4, 5, 2, 50));
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      assertThat(all(log)).isEqualTo(expected);
    }
  }

  @Test
  void aBatchLargerThanAnExcerptAndASegmentIsCutAndRolls() throws Exception {
    List<Entry> written = entries(1, 100, 1, 20_000);
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      log.append(new HardState(1, 1, 100), written);
      log.force();
      assertThat(all(log)).isEqualTo(written);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.filter(file -> file.toString().endsWith(Segment.ACTIVE)).count())
          .isGreaterThan(8);
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      assertThat(all(log)).isEqualTo(written);
      assertThat(log.hardState()).isEqualTo(new HardState(1, 1, 100));
    }
  }

  @Test
  void noExcerptOfABatchClaimsACommitIndexBeyondWhatTheLogHoldsByThen() throws Exception {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      log.append(new HardState(1, 1, 10), entries(1, 10, 1, 20_000));
    }
    List<Long> lasts = new ArrayList<>(List.of(0L));
    for (int cycle = 1; cycle <= 2; cycle++) {
      try (SegmentScan scan = new SegmentScan(Segment.active(folder, cycle))) {
        scan.scan(
            (records, offsets) -> {
              long committed = 0;
              long last = lasts.get(lasts.size() - 1);
              for (LogRecord record : records) {
                if (record instanceof LogRecord.State state) {
                  committed = state.hardState().committed();
                } else if (record instanceof LogRecord.Appended entry) {
                  last = entry.index();
                }
              }
              assertThat(committed).isLessThanOrEqualTo(last);
              lasts.add(last);
            });
      }
      if (lasts.get(lasts.size() - 1) == 10) {
        break;
      }
    }
    assertThat(lasts).hasSizeGreaterThan(5).endsWith(10L);
  }

  @Test
  void aSegmentThatWasRolledIsScannedToACleanEnd() throws Exception {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      log.append(new HardState(1, 1, 0), entries(1, 30, 1, 20_000));
    }
    for (int cycle = 1; cycle <= 3; cycle++) {
      try (SegmentScan scan = new SegmentScan(Segment.active(folder, cycle))) {
        SegmentScan.Result result = scan.scan((records, offsets) -> {});
        assertThat(result.damage()).isNull();
        assertThat(result.end()).isEqualTo(result.stop()).isPositive();
      }
    }
  }

  @Test
  void entriesOfTheLargestSizeFit() {
    LogStoreConfig config = TINY.withBlockBytes(LogStoreConfig.BLOCK_BYTES_FOR_ANY_ENTRY);
    List<Entry> written = entries(1, 20, 1, Entry.PAYLOAD_BYTES_MAX);
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, config)) {
      log.append(new HardState(1, 1, 0), written);
      log.force();
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, config)) {
      assertThat(all(log)).isEqualTo(written);
    }
  }

  @Test
  void anEntryThatCanNeverFitIsRefusedBeforeAnythingIsWritten() {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      assertThatThrownBy(() -> log.append(new HardState(1, 1, 0), List.of(entry(1, 1, 40_000))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("does not fit");
      log.append(new HardState(1, 1, 0), entries(1, 1, 1, 10));
      log.force();
      assertThat(log.lastIndex()).isEqualTo(1);
    }
  }

  @Test
  void aReadStopsBeforeItsBoundButGivesOneEntryInAnyCase() {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      log.append(new HardState(1, 1, 0), entries(1, 10, 1, 100));
      assertThat(log.read(2, 9, 350)).isEqualTo(entries(2, 4, 1, 100));
      assertThat(log.read(2, 9, 0)).isEqualTo(entries(2, 2, 1, 100));
      assertThat(log.read(2, 3, 1000)).isEqualTo(entries(2, 3, 1, 100));
    }
  }

  @Test
  void whatRaftForbidsIsABrokenInvariant() {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      log.append(new HardState(2, 1, 3), entries(1, 5, 2, 10));
      assertThatThrownBy(() -> log.append(new HardState(1, 1, 0), List.of()))
          .isInstanceOf(InvariantViolation.class);
      assertThatThrownBy(() -> log.append(new HardState(2, 2, 0), List.of()))
          .isInstanceOf(InvariantViolation.class)
          .hasMessageContaining("a second vote");
      assertThatThrownBy(() -> log.append(new HardState(2, 1, 0), entries(3, 3, 2, 10)))
          .isInstanceOf(InvariantViolation.class);
      assertThatThrownBy(() -> log.append(new HardState(2, 1, 0), entries(7, 7, 2, 10)))
          .isInstanceOf(InvariantViolation.class);
      assertThatThrownBy(() -> log.append(new HardState(2, 1, 0), entries(6, 6, 1, 10)))
          .isInstanceOf(InvariantViolation.class);
      assertThat(log.lastIndex()).isEqualTo(5);
    }
  }

  @Test
  void whatItIsPreparedForMakesNoFile() throws Exception {
    SplittableRandom random = new SplittableRandom(3);
    int unprepared = 0;
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      int begun = segments();
      for (int i = 0; i < 2_000; i++) {
        long from = log.lastIndex() + 1;
        List<Entry> batch = entries(from, from + random.nextInt(5), 1, random.nextInt(2_000));
        boolean prepared = log.isPreparedFor(batch);
        int before = segments();
        log.append(new HardState(1, 0, 0), batch);
        log.force();
        if (prepared) {
          assertThat(segments()).isEqualTo(before);
        } else {
          unprepared++;
        }
      }
      int rolled = segments() - begun;
      assertThat(rolled).isGreaterThan(10);
      assertThat(unprepared).isBetween(rolled, 20 * rolled); // and not nearly always
    }
  }

  private int segments() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return (int) files.filter(file -> file.toString().endsWith(".cq4")).count();
    }
  }

  @Test
  void anInterruptedReaderReadsAndStaysInterrupted() {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      log.append(new HardState(1, 1, 0), entries(1, 3, 1, 10));
      Thread.currentThread().interrupt();
      assertThat(log.read(1, 3, 1000)).hasSize(3);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(log.read(1, 3, 1000)).hasSize(3);
    }
  }
}
