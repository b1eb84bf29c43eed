package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.CompactLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** A log that is appended to, truncated, compacted and replaced, against a plain list. */
class CompactedLogPropertiesTest {
  /** The log under test, its disk, and what it should hold: entries after a mark. */
  private static final class Play {
    private final SplittableRandom random;
    private final TestDisk disk = new TestDisk();
    private final PendingWrites writes = new PendingWrites(Decisions.SOUND);
    private final List<Entry> model = new ArrayList<>();
    private SnapshotMark base = SnapshotMark.NONE;
    private RaftLog log;

    Play(long seed) {
      random = new SplittableRandom(seed);
      Limits limits =
          new Limits(
              1 + random.nextInt(600),
              4,
              1000,
              1000,
              1 + random.nextInt(2000),
              random.nextInt(900),
              random.nextInt(2000),
              10,
              2);
      log = new RaftLog(LogExtent.EMPTY, 0, 0, disk, limits, Decisions.SOUND);
    }

    private long last() {
      return base.index() + model.size();
    }

    private long termAt(long index) {
      return index == base.index() ? base.term() : entry(index).term();
    }

    private Entry entry(long index) {
      return model.get((int) (index - base.index()) - 1);
    }

    void act() {
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> append(Math.max(1, termAt(last()) + (random.nextInt(5) == 0 ? 1 : 0)));
        case 3 -> truncate();
        case 4 -> write();
        case 5 -> force();
        case 6 -> log.commitTo(log.committed() + random.nextLong(last() - log.committed() + 1));
        case 7 -> {
          while (!log.takeCommitted().isEmpty()) {
            log.appliedTo(log.handed());
          }
        }
        case 8 -> compact();
        default -> {
          if (random.nextInt(4) == 0) {
            reset();
          }
        }
      }
    }

    private void append(long term) {
      Entry entry = new Entry(last() + 1, term, EntryType.COMMAND, new byte[random.nextInt(150)]);
      log.append(entry);
      model.add(entry);
    }

    private void truncate() {
      if (last() > log.committed()) {
        long from = log.committed() + 1 + random.nextLong(last() - log.committed());
        log.truncateFrom(from);
        writes.truncateFrom(from);
        model.subList((int) (from - base.index()) - 1, model.size()).clear();
        append(termAt(from - 1) + 1);
      }
    }

    private void write() {
      List<Entry> entries = log.takeUnwritten();
      long number = writes.start(log.lastIndex());
      disk.write(new AppendToLog(number, HardState.INITIAL, entries, List.of()));
    }

    private void force() {
      if (disk.pendingWrites() > 0) {
        List<TestDisk.Forced> forced = disk.force(1 + random.nextInt(disk.pendingWrites()));
        log.durableTo(writes.durable(forced.get(forced.size() - 1).write()));
      }
    }

    private void compact() {
      long target = Math.min(log.applied(), log.compactableTo());
      assertThat(log.compactableTo()).isBetween(base.index(), last());
      if (target > base.index()) {
        SnapshotMark mark = new SnapshotMark(target, termAt(target), Configuration.EMPTY);
        log.compactTo(target);
        disk.write(new CompactLog(mark));
        model.subList(0, (int) (target - base.index())).clear();
        base = mark;
      }
    }

    private void reset() {
      write();
      long index = log.committed() + 1 + random.nextInt(30);
      long term = termAt(last()) + random.nextInt(1, 3);
      SnapshotMark mark = new SnapshotMark(index, term, Configuration.EMPTY);
      log.reset(mark);
      writes.truncateFrom(index + 1);
      long number = writes.start(index);
      SnapshotId id = new SnapshotId(1, index, term, 1);
      disk.write(new InstallSnapshot(number, HardState.INITIAL, id, mark, List.of()));
      model.clear();
      base = mark;
    }

    void compare() {
      log.check();
      assertThat(log.firstIndex()).isEqualTo(base.index() + 1);
      assertThat(log.lastIndex()).isEqualTo(last());
      assertThat(log.lastTerm()).isEqualTo(termAt(last()));
      for (long index = base.index(); index <= last(); index++) {
        assertThat(log.termAt(index)).isEqualTo(termAt(index));
        assertThat(log.matches(index, termAt(index))).isTrue();
        assertThat(log.matches(index, termAt(index) + 1)).isFalse();
      }
      assertThat(log.matches(last() + 1, termAt(last()))).isFalse();
      long from = base.index() + random.nextLong(model.size() + 3L);
      long term = random.nextLong(termAt(last()) + 2);
      long at = Math.min(from, last());
      while (at > base.index() && termAt(at) > term) {
        at--;
      }
      assertThat(log.lastIndexWithTermAtMost(from, term)).isEqualTo(at);
      if (!model.isEmpty()) {
        long first = base.index() + 1 + random.nextLong(model.size());
        List<Entry> read = log.read(first, last());
        assertThat(read).isNotEmpty();
        for (Entry entry : read) {
          assertThat(entry).isEqualTo(entry(entry.index()));
        }
        assertThat(read.get(0).index()).isEqualTo(first);
      }
    }
  }

  @Property(tries = 3000, shrinking = ShrinkingMode.OFF)
  void behavesLikeAPlainListAfterAMark(@ForAll long seed) {
    Play play = new Play(seed);
    for (int i = 0; i < 150; i++) {
      play.act();
      play.compare();
    }
  }

  @Property(tries = 1000, shrinking = ShrinkingMode.OFF)
  void termRunsBehaveLikeAListOfTerms(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TermRuns runs = new TermRuns(LogExtent.EMPTY);
    List<Long> model = new ArrayList<>();
    long base = 0;
    for (int i = 0; i < 200; i++) {
      long last = base + model.size();
      switch (random.nextInt(8)) {
        case 0 -> {
          long from = base + 1 + random.nextLong(model.size() + 1L);
          runs.truncateFrom(from);
          model.subList((int) (from - base) - 1, model.size()).clear();
        }
        case 1 -> {
          if (last > base) {
            long to = base + 1 + random.nextLong(model.size());
            runs.compactTo(to);
            model.subList(0, (int) (to - base)).clear();
            base = to;
          }
        }
        case 2 -> {
          if (random.nextInt(8) == 0) {
            base = last + random.nextInt(5);
            runs.reset(base);
            model.clear();
          }
        }
        default -> {
          long before = model.isEmpty() ? 1 : model.get(model.size() - 1);
          long term = before + (random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0);
          runs.append(term);
          model.add(term);
        }
      }
      assertThat(runs.lastIndex()).isEqualTo(base + model.size());
      assertThat(runs.size()).isEqualTo((int) model.stream().distinct().count());
      for (int k = 0; k < model.size(); k++) {
        assertThat(runs.termAt(base + 1 + k)).isEqualTo(model.get(k));
      }
    }
  }

  /** What is kept below the mark's precision is at most a sixteenth, and never too little. */
  @Property(tries = 1000, shrinking = ShrinkingMode.OFF)
  void asManyBytesAsWantedStayAndFewMore(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long retained = random.nextLong(20_000);
    LogBytes bytes = new LogBytes(LogExtent.EMPTY, retained);
    List<Long> sizes = new ArrayList<>();
    long base = 0;
    for (int i = 0; i < 300; i++) {
      Entry entry =
          new Entry(base + sizes.size() + 1, 1, EntryType.COMMAND, new byte[random.nextInt(500)]);
      bytes.add(entry);
      sizes.add(Limits.bytesOf(entry));
      long to = bytes.compactableTo();
      assertThat(to).isBetween(base, base + sizes.size());
      long kept = sum(sizes.subList((int) (to - base), sizes.size()));
      if (to > base) {
        assertThat(kept).isGreaterThanOrEqualTo(retained);
      }
      assertThat(kept).isLessThan(retained + retained / 8 + 2 * 600);
      if (random.nextInt(10) == 0 && to > base) {
        bytes.compactTo(to);
        sizes.subList(0, (int) (to - base)).clear();
        base = to;
      }
    }
  }

  private static long sum(List<Long> sizes) {
    return sizes.stream().mapToLong(Long::longValue).sum();
  }
}
