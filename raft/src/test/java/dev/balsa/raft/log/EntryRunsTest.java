package dev.balsa.raft.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the index of places costs, and that entries are read exactly by it. */
@Timeout(120)
class EntryRunsTest {
  private static final int ENTRIES = 1 << 20;

  /** Bytes that the index allocates, for good or not, for each entry of 100 bytes. */
  private static double allocatedPerEntry(int batch) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    LogIndex index = new LogIndex();
    LogRecord.Appended[] records = new LogRecord.Appended[batch];
    long allocated = 0;
    int cycle = 1;
    int end = 1000;
    for (int first = 1; first <= ENTRIES; first += batch) {
      for (int i = 0; i < batch; i++) {
        records[i] = new LogRecord.Appended(first + i, 1, EntryType.COMMAND, 100);
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      for (LogRecord.Appended record : records) {
        index.append(record, cycle, end);
        end += RecordFormat.recordBytes(record.payloadBytes());
      }
      allocated += threads.getCurrentThreadAllocatedBytes() - before;
      end += RecordFormat.STATE_BYTES + 4;
      if (end > 60 << 20) {
        cycle++;
        end = 1000;
      }
    }
    assertThat(index.lastIndex()).isEqualTo(ENTRIES);
    return (double) allocated / ENTRIES;
  }

  @Test
  void aMillionSmallEntriesCostAByteEachAndNothingIsCopied() {
    assertThat(allocatedPerEntry(1)).as("one in an excerpt").isLessThan(1.2);
    assertThat(allocatedPerEntry(256)).as("256 in an excerpt").isLessThan(1.2);
  }

  @Test
  void truncationsAndDiscardsAtAnyPlaceAroundTheBorderOfAChunkLeaveTheRest() {
    int border = EntryRuns.CHUNK_RUNS;
    for (int from = border - 2; from <= border + 3; from++) {
      for (int to = 0; to < from; to += to == 0 ? border - 3 : 1) {
        EntryRuns runs = new EntryRuns();
        for (int i = 0; i < 2 * border + 2; i++) { // each a run of its own
          runs.append(1 + i / border, 5100 * i, 5000);
        }
        runs.truncate(from);
        runs.discardBefore(to + 1);
        runs.append(4, 77, 5000);
        List<EntryRun> left = runs.find(to + 1, from, Long.MAX_VALUE);
        assertThat(left).hasSize(from - to);
        for (int i = to + 1; i < from; i++) {
          assertThat(left.get(i - to - 1).firstIndex()).isEqualTo(i);
          assertThat(left.get(i - to - 1).offset()).isEqualTo(5100 * (i - 1));
        }
        assertThat(left.get(from - to - 1)).isEqualTo(new EntryRun(from, 1, 4, 77, 5028, 0));
        assertThat(runs.firstFrom(4)).isEqualTo(from);
      }
    }
  }

  @Test
  void aRecordOfAnotherIndexTermOrPlaceIsNotTakenForTheEntry() {
    Entry entry = LogFixture.entry(8, 3, 40);
    ByteBuffer bytes = ByteBuffer.allocate(68).order(ByteOrder.LITTLE_ENDIAN);
    RecordFormat.putEntry(bytes, entry);
    new RecordFormat().putChecksums(bytes, 68, 5, 1000);
    assertThat(decode(bytes, 8, 3, 5, 1000)).containsExactly(entry);
    assertThatThrownBy(() -> decode(bytes, 9, 3, 5, 1000)).isInstanceOf(LogStoreException.class);
    assertThatThrownBy(() -> decode(bytes, 8, 4, 5, 1000)).isInstanceOf(LogStoreException.class);
    assertThatThrownBy(() -> decode(bytes, 8, 3, 6, 1000)).isInstanceOf(LogStoreException.class);
    assertThatThrownBy(() -> decode(bytes, 8, 3, 5, 1004)).isInstanceOf(LogStoreException.class);
  }

  private static List<Entry> decode(
      ByteBuffer bytes, long index, long term, int cycle, int offset) {
    TermRuns terms = new TermRuns();
    terms.append(index, term);
    EntryRun run = new EntryRun(index, 1, cycle, offset, 68, 0);
    RunDecoder decoder =
        new RunDecoder(new LogIndex.Places(index, index, 100, List.of(run), terms));
    assertThat(decoder.take(run, bytes, 0, Path.of("segment"))).isTrue();
    return decoder.entries();
  }

  @Test
  void anyRangeWithAnySizeIsReadExactly() throws IOException {
    Random random = new Random(5);
    List<Entry> model = new ArrayList<>();
    try (TemporaryFolder folder = new TemporaryFolder();
        ChronicleLogStore log =
            ChronicleLogStore.open(
                folder.path(),
                LogStoreConfig.of(1).withBlockBytes(4 << 20).withFiles(new FastFiles()))) {
      for (int round = 0; round < 300; round++) {
        int first = Math.max(0, model.size() - (random.nextInt(3) == 0 ? random.nextInt(300) : 0));
        model.subList(first, model.size()).clear();
        int count = random.nextInt(3) == 0 ? 1 + random.nextInt(300) : 1;
        int bytesMax = random.nextInt(4) == 0 ? 6000 : 300;
        for (int i = 0; i < count; i++) {
          model.add(LogFixture.entry(first + i + 1, round + 1, random.nextInt(bytesMax)));
        }
        log.append(new HardState(round + 1, 1, 0), model.subList(first, first + count));
        for (int i = 0; i < 20; i++) {
          int from = 1 + random.nextInt(model.size());
          int to = from + random.nextInt(model.size() - from + 1);
          int max = random.nextInt(random.nextBoolean() ? 2000 : 200_000);
          assertThat(log.read(from, to, max)).isEqualTo(expected(model, from, to, max));
        }
      }
    }
  }

  private static List<Entry> expected(List<Entry> model, int from, int to, int payloadBytesMax) {
    int end = from;
    long sum = model.get(from - 1).payload().length;
    while (end < to && sum + model.get(end).payload().length <= payloadBytesMax) {
      sum += model.get(end++).payload().length;
    }
    return model.subList(from - 1, end);
  }
}
