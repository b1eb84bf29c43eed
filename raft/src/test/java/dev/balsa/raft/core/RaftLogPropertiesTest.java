package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Effect.AppendToLog;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** The log, with its cache and term runs, against a plain list. */
class RaftLogPropertiesTest {
  @Property(tries = 3000, shrinking = ShrinkingMode.OFF)
  void behavesLikeAPlainList(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TestDisk disk = new TestDisk();
    Limits limits =
        new Limits(
            1 + random.nextInt(600), 4, 1000, 1000, 1 + random.nextInt(2000), random.nextInt(900));
    RaftLog log = new RaftLog(LogExtent.EMPTY, 0, 0, disk, limits, Decisions.SOUND);
    PendingWrites writes = new PendingWrites(Decisions.SOUND);
    List<Entry> model = new ArrayList<>();
    List<Entry> handed = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      switch (random.nextInt(9)) {
        case 0, 1, 2 -> {
          long term = Math.max(1, log.lastTerm() + (random.nextInt(5) == 0 ? 1 : 0));
          Entry entry =
              new Entry(model.size() + 1L, term, EntryType.COMMAND, new byte[random.nextInt(150)]);
          log.append(entry);
          model.add(entry);
        }
        case 3 -> {
          if (model.size() > log.committed()) {
            long from = log.committed() + 1 + random.nextLong(model.size() - log.committed());
            log.truncateFrom(from);
            writes.truncateFrom(from);
            model.subList((int) from - 1, model.size()).clear();
            Entry entry =
                new Entry(from, 1 + termAt(model, from - 1), EntryType.COMMAND, new byte[9]);
            log.append(entry);
            model.add(entry);
          }
        }
        case 4 -> {
          List<Entry> entries = log.takeUnwritten();
          long number = writes.start(log.lastIndex());
          disk.write(new AppendToLog(number, HardState.INITIAL, entries, List.of()));
        }
        case 5 -> {
          if (disk.pendingWrites() > 0) {
            List<TestDisk.Forced> forced = disk.force(1 + random.nextInt(disk.pendingWrites()));
            log.durableTo(writes.durable(forced.get(forced.size() - 1).write()));
          }
        }
        case 6 ->
            log.commitTo(log.committed() + random.nextLong(model.size() - log.committed() + 1));
        case 7 -> log.release(random.nextLong(model.size() + 2L));
        default -> {
          List<Entry> entries = log.takeCommitted();
          handed.addAll(entries);
          if (random.nextBoolean()) {
            log.appliedTo(log.handed());
          }
        }
      }
      log.check();
      compare(log, limits, model, handed, random);
    }
  }

  private static void compare(
      RaftLog log, Limits limits, List<Entry> model, List<Entry> handed, SplittableRandom random) {
    assertThat(log.lastIndex()).isEqualTo(model.size());
    assertThat(handed).isEqualTo(model.subList(0, handed.size()));
    for (int index = 0; index <= model.size(); index++) {
      assertThat(log.termAt(index)).isEqualTo(termAt(model, index));
    }
    if (!model.isEmpty()) {
      long from = 1 + random.nextLong(model.size());
      List<Entry> read = log.read(from, model.size());
      assertThat(read).isNotEmpty();
      assertThat(read).isEqualTo(model.subList((int) from - 1, (int) from - 1 + read.size()));
      long bytes = read.stream().mapToLong(entry -> entry.payload().length).sum();
      assertThat(read.size() == 1 || bytes <= limits.messageBytesMax()).isTrue();
      long term = random.nextLong(log.lastTerm() + 2);
      long at = from;
      while (at > 0 && termAt(model, at) > term) {
        at--;
      }
      assertThat(log.lastIndexWithTermAtMost(from, term)).isEqualTo(at);
    }
  }

  private static long termAt(List<Entry> model, long index) {
    return index == 0 ? 0 : model.get((int) index - 1).term();
  }

  @Property
  void theTermsOfALogAreFoundByBinarySearch(
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 2) Integer> steps,
      @ForAll @LongRange(min = 1, max = 5) long firstIndex) {
    List<Long> terms = new ArrayList<>();
    long term = 1;
    for (int step : steps) {
      term += step;
      terms.add(term);
    }
    long lastIndex = firstIndex + terms.size() - 1;
    LogExtent extent =
        LogExtent.of(
            firstIndex == 1
                ? SnapshotMark.NONE
                : new SnapshotMark(firstIndex - 1, 1, Configuration.EMPTY),
            lastIndex,
            index -> terms.get((int) (index - firstIndex)),
            List.of());
    TermRuns runs = new TermRuns(extent);
    for (long index = firstIndex; index <= lastIndex; index++) {
      assertThat(runs.termAt(index)).isEqualTo(terms.get((int) (index - firstIndex)));
    }
    assertThat(extent.runs()).hasSize((int) terms.stream().distinct().count());
  }

  @Property
  void aWindowCountsWhatIsNotSettled(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ByteWindow window = new ByteWindow();
    List<long[]> model = new ArrayList<>();
    long last = 0;
    for (int i = 0; i < 200; i++) {
      if (random.nextInt(3) != 0) {
        last += 1 + random.nextInt(3);
        long bytes = random.nextInt(100);
        window.add(last, bytes);
        model.add(new long[] {last, bytes});
      } else {
        long settled = last - random.nextInt(20);
        window.settle(settled);
        model.removeIf(item -> item[0] <= settled);
      }
      assertThat(window.count()).isEqualTo(model.size());
      assertThat(window.bytes()).isEqualTo(model.stream().mapToLong(item -> item[1]).sum());
    }
  }
}
