package dev.balsa.raft.log;

import static dev.balsa.raft.log.LogFixture.TINY;
import static dev.balsa.raft.log.LogFixture.all;
import static dev.balsa.raft.log.LogFixture.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compaction by whole segments, reset, and the space that both give back. */
class CompactionTest {
  private static final LogStoreConfig CONFIG = TINY.withFiles(new FastFiles());
  private static final HardState STATE = new HardState(1, 1, 0);
  private static final Configuration THREE = Configuration.ofVoters(List.of(1L, 2L, 3L));
  private static final Configuration FOUR = Configuration.ofVoters(List.of(1L, 2L, 3L, 4L));

  @TempDir Path folder;

  private static SnapshotMark mark(long index) {
    return new SnapshotMark(index, 1, THREE);
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> Segment.of(file).isPresent()).sorted().toList();
    }
  }

  private static void append(ChronicleLogStore log, long from, long to) {
    for (long index = from; index <= to; index++) {
      log.append(STATE, entries(index, index, 1, 20_000));
    }
    log.force();
  }

  @Test
  void wholeSegmentsGoAndExactlyTheEntriesUpToTheMark() throws IOException {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      append(log, 1, 50);
      int before = segments().size();
      long bytes = log.sizeBytes();
      log.compact(mark(30));
      assertThat(log.firstIndex()).isEqualTo(31);
      assertThat(log.base()).isEqualTo(mark(30));
      assertThat(all(log)).isEqualTo(entries(31, 50, 1, 20_000));
      assertThat(segments()).hasSizeBetween(2, before - 2);
      assertThat(log.sizeBytes()).isLessThan(bytes);
      append(log, 51, 60);
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      assertThat(log.base()).isEqualTo(mark(30));
      assertThat(all(log)).isEqualTo(entries(31, 60, 1, 20_000));
      log.compact(mark(60));
      assertThat(log.firstIndex()).isEqualTo(61);
      assertThat(log.lastIndex()).isEqualTo(60);
      assertThat(segments()).hasSize(1);
      append(log, 61, 61);
      assertThat(all(log)).isEqualTo(entries(61, 61, 1, 20_000));
      log.append(new HardState(2, 0, 0), List.of(LogFixture.entry(61, 2, 10)));
      assertThat(log.term(61)).isEqualTo(2);
    }
  }

  @Test
  void whereNoWholeSegmentCanGoNothingHappens() throws IOException {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      append(log, 1, 3);
      log.compact(mark(3));
      assertThat(log.base()).isEqualTo(SnapshotMark.NONE);
      assertThat(all(log)).isEqualTo(entries(1, 3, 1, 20_000));
      assertThat(log.configurations()).isEmpty();
    }
  }

  @Test
  void theConfigurationInForceAtTheBaseIsKeptAndThoseAfterItAreEntries() {
    byte[] four = ConfigurationCodec.encode(FOUR);
    List<Entry> five =
        List.of(
            new Entry(
                45,
                1,
                EntryType.CONFIGURATION,
                ConfigurationCodec.encode(Configuration.ofVoters(List.of(5L)))));
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      append(log, 1, 9);
      log.append(STATE, List.of(new Entry(10, 1, EntryType.CONFIGURATION, four)));
      append(log, 11, 44);
      log.append(STATE, five);
      append(log, 46, 50);
      assertThat(log.configurations()).hasSize(2);
      assertThatThrownBy(() -> log.compact(mark(30)))
          .isInstanceOf(InvariantViolation.class)
          .hasMessageContaining("another configuration");
      assertThatThrownBy(() -> log.compact(new SnapshotMark(30, 2, FOUR)))
          .isInstanceOf(InvariantViolation.class);
      log.compact(new SnapshotMark(30, 1, FOUR));
      assertThat(log.base()).isEqualTo(new SnapshotMark(30, 1, FOUR));
      assertThat(log.configurations()).isEqualTo(five);
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      assertThat(log.base()).isEqualTo(new SnapshotMark(30, 1, FOUR));
      assertThat(log.configurations()).isEqualTo(five);
      log.append(new HardState(2, 0, 0), List.of(LogFixture.entry(45, 2, 10)));
      assertThat(log.configurations()).isEmpty();
      log.force();
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      assertThat(log.configurations()).isEmpty();
    }
  }

  @Test
  void aTruncationBelowTheFirstSegmentLeftIsReadWithoutWhatWasBefore() {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      append(log, 1, 40);
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      // Its segment begins when the log ends with 40.
      log.append(new HardState(2, 2, 0), entries(20, 25, 2, 100));
      log.force();
      log.compact(new SnapshotMark(22, 2, THREE));
      assertThat(log.sizeBytes()).isEqualTo(TINY.blockBytes());
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      assertThat(log.base()).isEqualTo(new SnapshotMark(22, 2, THREE));
      assertThat(all(log)).isEqualTo(entries(23, 25, 2, 100));
    }
  }

  @Test
  void aLogThatIsOnlyOpenedAndClosedDoesNotGrow() throws IOException {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      append(log, 1, 20);
    }
    ChronicleLogStore.open(folder, CONFIG).close();
    List<Integer> counts = new ArrayList<>();
    for (int i = 1; i <= 6; i++) {
      try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
        counts.add(segments().size());
        assertThat(log.hardState()).isEqualTo(new HardState(i, i, 0));
        log.append(new HardState(i + 1, i + 1, 0), List.of()); // a vote is no reason to grow
        log.force();
        assertThat(all(log)).isEqualTo(entries(1, 20, 1, 20_000));
      }
    }
    assertThat(counts).containsOnly(counts.get(0));
  }

  @Test
  void aLogWithoutEntriesDoesNotGrowAndKeepsItsVote() throws IOException {
    for (int i = 1; i <= 5; i++) {
      try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
        assertThat(segments()).hasSize(1);
        log.append(new HardState(i, 3, 0), List.of());
        log.force();
      }
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      assertThat(log.hardState()).isEqualTo(new HardState(5, 3, 0));
      assertThat(log.base()).isEqualTo(SnapshotMark.NONE);
    }
  }

  @Test
  void sealedSegmentsAreCutToTheirContent() throws IOException {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      log.append(STATE, entries(1, 1, 1, 100));
      log.force();
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      assertThat(Files.size(Segment.active(folder, 1).sealed().file())).isLessThan(40_000);
      assertThat(log.sizeBytes()).isLessThan(TINY.blockBytes() + 40_000);
    }
  }

  @Test
  void aResetLogBeginsAfterItsBaseWithTheHardStateGiven() throws IOException {
    SnapshotMark base = new SnapshotMark(1000, 7, FOUR);
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      append(log, 1, 30);
      log.reset(new HardState(8, 2, 1000), base);
      assertThat(segments()).hasSize(1);
      assertThat(log.base()).isEqualTo(base);
      assertThat(log.hardState()).isEqualTo(new HardState(8, 2, 1000));
      assertThat(log.firstIndex()).isEqualTo(1001);
      assertThat(log.lastIndex()).isEqualTo(1000);
      assertThat(log.configurations()).isEmpty();
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      assertThat(log.base()).isEqualTo(base);
      assertThat(log.hardState()).isEqualTo(new HardState(8, 2, 1000));
      assertThatThrownBy(() -> log.append(new HardState(8, 2, 0), entries(1001, 1001, 6, 1)))
          .isInstanceOf(InvariantViolation.class);
      assertThatThrownBy(() -> log.append(new HardState(8, 2, 0), entries(1000, 1000, 8, 1)))
          .isInstanceOf(InvariantViolation.class);
      log.append(new HardState(8, 2, 0), entries(1001, 1003, 8, 1));
      log.force();
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      assertThat(all(log)).isEqualTo(entries(1001, 1003, 8, 1));
    }
  }

  @Test
  void aResetNeverForgetsATermOrAVote() {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      log.append(new HardState(5, 2, 0), entries(1, 3, 5, 10));
      assertThatThrownBy(() -> log.reset(new HardState(4, 0, 0), new SnapshotMark(9, 4, FOUR)))
          .isInstanceOf(InvariantViolation.class);
      assertThatThrownBy(() -> log.reset(new HardState(5, 3, 0), new SnapshotMark(9, 4, FOUR)))
          .isInstanceOf(InvariantViolation.class);
      assertThat(all(log)).isEqualTo(entries(1, 3, 5, 10));
    }
  }

  @Test
  void aCompactedLogWithoutItsFirstSegmentIsRefused() throws IOException {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      append(log, 1, 50);
      log.compact(mark(30));
    }
    Path first = segments().get(0);
    Files.delete(first);
    assertThatThrownBy(() -> ChronicleLogStore.open(folder, CONFIG))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("is missing")
        .hasMessageContaining("new id and an empty folder");
  }

  @Test
  void leftoversOfACompactionInAnyStateAreRemoved() throws IOException {
    Path kept = Files.createDirectory(folder.resolve("kept"));
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      append(log, 1, 50);
      for (Path segment : segments()) {
        Files.copy(segment, kept.resolve(segment.getFileName()));
      }
      log.compact(mark(30));
    }
    List<Path> left = segments();
    try (Stream<Path> files = Files.list(kept)) {
      List<Path> gone =
          files.sorted().filter(f -> !left.contains(folder.resolve(f.getFileName()))).toList();
      assertThat(gone).hasSizeGreaterThan(2);
      Files.copy(gone.get(0), folder.resolve(gone.get(0).getFileName()));
      Path torn = folder.resolve(gone.get(2).getFileName());
      byte[] bytes = Files.readAllBytes(gone.get(2));
      bytes[40_000] ^= 1;
      Files.write(torn, bytes);
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      assertThat(log.base()).isEqualTo(mark(30));
      assertThat(all(log)).isEqualTo(entries(31, 50, 1, 20_000));
      assertThat(segments()).hasSize(left.size() + 1);
    }
  }

  @Test
  void whatACompactionOrAResetDeletesGoesOldestFirstAndStaysDeleted() throws IOException {
    CrashDisk disk = new CrashDisk();
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(disk))) {
      for (long index = 1; index <= 60; index += 30) {
        int before = disk.operations().size();
        append(log, index, index + 29);
        log.compact(mark(index + 29));
        List<String> operations = disk.operations();
        List<String> gone = // or kept, under another name
            operations.subList(before, operations.size()).stream()
                .filter(operation -> operation.endsWith(Segment.ACTIVE))
                .filter(operation -> operation.matches("(delete|rename) .*"))
                .map(operation -> operation.substring("delete ".length()))
                .toList();
        assertThat(gone).hasSizeGreaterThan(2).isSorted();
        Path left = folder.resolve("left" + index);
        disk.crashToForced(folder, left);
        try (Stream<Path> files = Files.list(left)) {
          assertThat(files.filter(file -> Segment.of(file).isPresent())).hasSize(1);
        }
      }
    }
  }

  @Test
  void whatWasCompactedIsNotHeldOpenByThisProcess() throws IOException {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      for (int round = 0; round < 10; round++) {
        append(log, round * 30 + 1, round * 30 + 30);
        all(log);
        log.compact(mark(round * 30 + 30));
      }
      // Chronicle unmaps what it has closed a little later, by a thread of its own.
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (!held().isEmpty()) {
        assertThat(System.nanoTime()).as("%s", held()).isLessThan(deadline);
        Thread.onSpinWait();
      }
    }
  }

  /** Deleted files of the log that this process has mapped or open. */
  private List<String> held() throws IOException {
    List<String> held = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      if (line.contains(folder.toString()) && line.contains("(deleted)")) {
        held.add(line);
      }
    }
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : (Iterable<Path>) descriptors::iterator) {
        String target = target(descriptor);
        if (target.contains(folder.toString()) && target.contains("(deleted)")) {
          held.add(target);
        }
      }
    }
    return held;
  }

  private static String target(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (NoSuchFileException e) {
      return ""; // closed meanwhile
    }
  }
}
