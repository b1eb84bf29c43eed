package dev.balsa.raft.log;

import static dev.balsa.raft.log.LogFixture.TINY;
import static dev.balsa.raft.log.LogFixture.all;
import static dev.balsa.raft.log.LogFixture.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.HardState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.openhft.chronicle.core.io.IOTools;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What of a segment is forced, and that this is enough. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere all forces are of whole files")
class RangeForceTest {
  private static final HardState STATE = new HardState(1, 1, 0);

  @TempDir Path folder;

  /** Tells which forces there were: of which file, and from where to where if not of all of it. */
  private static final class Forces extends FastFiles {
    private final List<String> seen = new ArrayList<>();

    @Override
    public void force(Path file, FileChannel channel) {
      seen.add(file.getFileName() + " all");
    }

    @Override
    public void forceRange(Path file, MappedByteBuffer mapping, int from, int to) {
      seen.add(file.getFileName() + " " + from + ".." + to);
    }

    @Override
    public void forceDirectory(Path folder) {
      seen.add("folder");
    }

    private List<String> take() {
      List<String> all = List.copyOf(seen);
      seen.clear();
      return all;
    }
  }

  @BeforeAll
  static void chronicleCanUnmap() {
    JdkPackages.open();
  }

  private Segment segment(int cycle) throws IOException {
    Segment segment = Segment.active(folder, cycle);
    Files.write(segment.file(), new byte[(int) TINY.fileBytes()]);
    return segment;
  }

  private static void write(UnforcedSegments segments, int offset, int bytes) throws IOException {
    segments.write(ByteBuffer.allocate(bytes), offset);
  }

  @Test
  void aSegmentIsForcedAsAWholeFirstAndThenOnlyWhatCameBehindTheLastForce() throws IOException {
    Forces forces = new Forces();
    try (UnforcedSegments segments = new UnforcedSegments(folder, TINY.blockBytes(), forces)) {
      Segment one = segment(1);
      segments.begin(one);
      write(segments, 1000, 100);
      segments.force();
      assertThat(forces.take()).containsExactly(name(one) + " all", "folder");
      write(segments, 1104, 100);
      segments.force();
      assertThat(forces.take()).containsExactly(name(one) + " 1100..1204");
      segments.force();
      assertThat(forces.take()).isEmpty();
      write(segments, 1208, 100);
      write(segments, 40_000, 8); // behind something of Chronicle's
      segments.force();
      assertThat(forces.take()).containsExactly(name(one) + " 1204..40008");
    }
  }

  @Test
  void theSegmentsOfABatchThatRolledAreForcedAsAWhole() throws IOException {
    Forces forces = new Forces();
    try (UnforcedSegments segments = new UnforcedSegments(folder, TINY.blockBytes(), forces)) {
      Segment one = segment(1);
      Segment two = segment(2);
      segments.begin(one);
      write(segments, 1000, 100);
      segments.force();
      forces.take();
      write(segments, 1104, 100);
      segments.begin(two);
      write(segments, 1000, 100);
      segments.force();
      assertThat(forces.take()).containsExactly(name(one) + " all", name(two) + " all", "folder");
      write(segments, 1104, 100);
      segments.force();
      assertThat(forces.take()).containsExactly(name(two) + " 1100..1204");
    }
  }

  @Test
  void nothingIsWrittenBeforeWhatIsThereSinceNoForceWouldCoverIt() throws IOException {
    try (UnforcedSegments segments =
        new UnforcedSegments(folder, TINY.blockBytes(), new Forces())) {
      segments.begin(segment(1));
      write(segments, 1000, 100);
      assertThatThrownBy(() -> write(segments, 1000, 100)).hasMessageContaining("1100 is written");
    }
  }

  @Test
  void aFileIsUnmappedOnceItIsForcedAndNotWrittenAnyMore() throws IOException {
    Segment one = segment(1);
    Segment two = segment(2);
    Segment three = segment(3);
    try (UnforcedSegments segments =
        new UnforcedSegments(folder, TINY.blockBytes(), new Forces())) {
      segments.begin(one);
      write(segments, 1000, 100);
      assertThat(isMapped(one)).isTrue();
      segments.begin(two); // in the middle of a batch
      segments.force();
      assertThat(isMapped(one)).isFalse();
      assertThat(isMapped(two)).isTrue();
      write(segments, 1000, 100);
      segments.force();
      segments.begin(three); // after a force
      assertThat(isMapped(two)).isFalse();
      write(segments, 1000, 100);
      assertThat(isMapped(three)).isTrue();
    }
    assertThat(isMapped(three)).isFalse();
  }

  private static boolean isMapped(Segment segment) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.anyMatch(line -> line.contains(segment.file().toString()));
    }
  }

  @Test
  void aRangeThatTheSystemCannotForceIsAnIoException() throws IOException {
    Path file = folder.resolve("file");
    MappedByteBuffer mapping;
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      mapping = opened.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, 1 << 30);
      FileLayer.system().forceRange(file, mapping, 5000, 20_000);
    }
    // Linux answers ENOMEM for what is not mapped. It is large, so that nothing else that is mapped
    // meanwhile, which would go to its end, comes to lie at its beginning.
    IOTools.clean(mapping);
    assertThatThrownBy(() -> FileLayer.system().forceRange(file, mapping, 5000, 20_000))
        .isExactlyInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void aRangeThatCannotBeForcedPoisonsTheStore() {
    class FailingOnce extends FastFiles {
      private boolean failed;

      @Override
      public void forceRange(Path file, MappedByteBuffer mapping, int from, int to)
          throws IOException {
        if (!failed) {
          failed = true; // the next one would succeed, and mean nothing
          throw new IOException("Input/output error");
        }
      }
    }

    try (ChronicleLogStore log =
        ChronicleLogStore.open(folder, TINY.withFiles(new FailingOnce()))) {
      log.append(STATE, entries(1, 1, 1, 10));
      log.force();
      log.append(STATE, entries(2, 2, 1, 10));
      assertThatThrownBy(log::force)
          .isInstanceOf(LogStoreException.class)
          .hasMessageContaining("could not be made durable")
          .hasMessageContaining("Input/output error");
      assertThatThrownBy(log::force)
          .isInstanceOf(LogStoreException.class)
          .hasMessageContaining("takes no more writes");
      assertThatThrownBy(() -> log.append(STATE, entries(3, 3, 1, 10)))
          .isInstanceOf(LogStoreException.class)
          .hasMessageContaining("takes no more writes");
    }
  }

  @Test
  void aLogOnTheSystemsOwnFilesHoldsWhatItForced() {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      for (int i = 1; i <= 40; i++) { // over several segments
        log.append(STATE, entries(i, i, 1, 20_000));
        log.force();
      }
    }
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY)) {
      assertThat(all(log)).isEqualTo(entries(1, 40, 1, 20_000));
    }
  }

  /** Chronicle begins another index, of 16 KiB, behind excerpt 32,768 of a segment. */
  @Test
  void whatChronicleAppendsIsForcedWithTheExcerptThatComesBehindIt() throws IOException {
    Path log = Files.createDirectory(folder.resolve("log"));
    CrashDisk disk = CrashDisk.of(log);
    LogStoreConfig config = TINY.withBlockBytes(4 << 20);
    int first = 32_764;
    int last = 32_772;
    try (ChronicleLogStore store = ChronicleLogStore.open(log, config.withFiles(disk))) {
      for (int term = 1; term < first; term++) {
        store.append(new HardState(term, 0, 0), List.of());
        if (term % 5000 == 0) {
          store.force();
        }
      }
      for (int term = first; term <= last; term++) {
        store.append(new HardState(term, 0, 0), List.of());
        store.force();
        Path left = folder.resolve("left" + term);
        disk.crashToForced(log, left);
        try (ChronicleLogStore found =
            ChronicleLogStore.open(left, config.withFiles(new FastFiles()))) {
          assertThat(found.hardState()).isEqualTo(new HardState(term, 0, 0));
        }
        LogFixture.delete(left);
      }
      assertThat(indexesBetweenExcerpts(Segment.active(log, 1).file())).isEqualTo(1);
    }
  }

  /** Chronicle's own documents between a file's first excerpt and its last one. */
  private static int indexesBetweenExcerpts(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    boolean excerpts = false;
    int since = 0;
    int between = 0;
    for (int at = 0; bytes.getInt(at) != 0; ) {
      int header = bytes.getInt(at);
      if ((header & 0x40000000) == 0) {
        excerpts = true;
        between += since;
        since = 0;
      } else if (excerpts) {
        since++;
      }
      at = (at + 4 + (header & 0x3fffffff) + 3) & ~3;
    }
    return between;
  }

  private static String name(Segment segment) {
    return segment.file().getFileName().toString();
  }
}
