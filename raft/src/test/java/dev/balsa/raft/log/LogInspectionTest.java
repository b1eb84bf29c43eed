package dev.balsa.raft.log;

import static dev.balsa.raft.log.LogFixture.TINY;
import static dev.balsa.raft.log.LogFixture.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import dev.balsa.raft.log.LogInspection.Part;
import dev.balsa.raft.log.LogInspection.SegmentInfo;
import dev.balsa.raft.log.LogInspection.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogInspectionTest {
  private static final LogStoreConfig CONFIG = TINY.withFiles(new FastFiles());
  private static final Configuration THREE = Configuration.ofVoters(List.of(1L, 2L, 3L));

  @TempDir Path folder;

  private void write() {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      HardState state = new HardState(3, 2, 20);
      for (int i = 1; i <= 40; i++) {
        log.append(state, entries(i, i, 3, 20_000));
      }
      byte[] four = ConfigurationCodec.encode(Configuration.ofVoters(List.of(4L)));
      log.append(state, List.of(new Entry(41, 3, EntryType.CONFIGURATION, four)));
      log.force();
      log.compact(new SnapshotMark(20, 3, THREE));
    }
  }

  private Map<String, Integer> content() throws IOException {
    Map<String, Integer> content = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        content.put(file.getFileName().toString(), Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return content;
  }

  private static LogInspection open(Path folder) {
    return LogInspection.open(folder, file -> {});
  }

  @Test
  void allThatALogHoldsIsToldAndNothingIsChanged() throws IOException {
    write();
    Map<String, Integer> before = content();
    List<Path> progress = new ArrayList<>();
    try (LogInspection log = LogInspection.open(folder, progress::add)) {
      assertThat(log.verdict()).isEqualTo(Verdict.SOUND);
      assertThat(log.damage()).isEmpty();
      assertThat(log.nodeId()).hasValue(1);
      assertThat(log.hardState()).isEqualTo(new HardState(3, 2, 20));
      assertThat(log.base()).contains(new SnapshotMark(20, 3, THREE));
      assertThat(log.firstIndex()).isEqualTo(21);
      assertThat(log.lastIndex()).isEqualTo(41);
      assertThat(log.configurations()).containsExactly(41L);
      assertThat(log.segments()).allMatch(segment -> segment.part() == Part.LOG);
      assertThat(log.segments().stream().mapToLong(SegmentInfo::entries).sum()).isEqualTo(21);
      assertThat(progress).isEqualTo(log.segments().stream().map(SegmentInfo::file).toList());
      List<Entry> read = new ArrayList<>();
      log.entries(30, 40, read::add);
      assertThat(read).isEqualTo(entries(30, 40, 3, 20_000));
      assertThatThrownBy(() -> ChronicleLogStore.open(folder, CONFIG))
          .isInstanceOf(LogInUseException.class);
    }
    assertThat(content()).isEqualTo(before);
    ChronicleLogStore.open(folder, CONFIG).close();
  }

  @Test
  void aLogThatANodeUsesIsRefused() {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      assertThat(log.lastIndex()).isZero();
      assertThatThrownBy(() -> open(folder))
          .isInstanceOf(LogInUseException.class)
          .hasMessageContaining("is in use by a node that runs");
    }
    open(folder).close();
  }

  @Test
  void aTornTailIsHarmlessAndDamageBelowWhatWasDurableIsNot() throws IOException {
    write();
    Path last =
        content().keySet().stream()
            .filter(n -> n.endsWith(Segment.ACTIVE))
            .reduce((a, b) -> b)
            .map(folder::resolve)
            .orElseThrow();
    byte[] whole = Files.readAllBytes(last);
    int end;
    try (SegmentScan scan = new SegmentScan(Segment.of(last).orElseThrow())) {
      end = scan.scan((records, offsets) -> {}).end();
    }
    byte[] torn = whole.clone();
    torn[end + 100] = 1;
    Files.write(last, torn);
    try (LogInspection log = open(folder)) {
      assertThat(log.verdict()).isEqualTo(Verdict.TORN_TAIL);
      assertThat(log.damage()).get().asString().contains("data follow at offset " + (end + 100));
      assertThat(log.lastIndex()).isEqualTo(41);
    }
    byte[] damaged = whole.clone();
    damaged[40_000] ^= 1;
    Files.write(last, damaged);
    Map<String, Integer> before = content();
    try (LogInspection log = open(folder)) {
      assertThat(log.verdict()).isEqualTo(Verdict.DAMAGED);
      assertThat(log.damage()).get().asString().contains(last.toString(), "is damaged at offset");
      assertThat(log.base()).isEmpty(); // what says where it begins is behind the damage
      assertThat(log.lastIndex()).isBetween(20L, 40L);
      List<Entry> read = new ArrayList<>();
      log.entries(log.firstIndex(), log.lastIndex(), read::add);
      assertThat(read).isEqualTo(entries(log.firstIndex(), log.lastIndex(), 3, 20_000));
    }
    assertThat(content()).isEqualTo(before);
  }

  @Test
  void aFolderWithoutALogIsSaid() {
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("There is no log in " + folder);
    assertThatThrownBy(() -> open(folder.resolve("nowhere")))
        .isInstanceOf(LogStoreException.class)
        .hasMessageContaining("cannot be read");
  }
}
