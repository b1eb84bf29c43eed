package dev.balsa.raft.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The index of places against a map of them. */
class LogIndexPropertyTest {
  @Property(tries = 1000)
  void theIndexFindsWhatAMapOfAllPlacesDoes(@ForAll long seed) {
    Random random = new Random(seed);
    Model model = new Model(random);
    for (int i = 0; i < 10; i++) {
      model.step();
      model.check();
    }
  }

  /** Where an entry is. */
  private record Place(int cycle, int offset, int payloadBytes, long term, EntryType type) {
    int end() {
      return offset + RecordFormat.recordBytes(payloadBytes);
    }
  }

  private static final class Model {
    private final Random random;
    private final LogIndex index = new LogIndex();
    private final Excerpt excerpt = new Excerpt();

    /** By index; discarded ones, too, for reading may begin before the first one that is left. */
    private final TreeMap<Long, Place> written = new TreeMap<>();

    private long baseIndex;
    private long baseTerm;
    private long term = 1;
    private int cycle = 1;

    /** Where the segment ends. */
    private int end = 1000;

    private Model(Random random) {
      this.random = random;
    }

    private NavigableMap<Long, Place> entries() {
      return written.tailMap(baseIndex, false);
    }

    private Place place(long entry) {
      return Objects.requireNonNull(written.get(entry), () -> "entry " + entry);
    }

    private long lastIndex() {
      return entries().isEmpty() ? baseIndex : written.lastKey();
    }

    private void step() {
      switch (random.nextInt(10)) {
        case 0, 1 -> {
          long from = anyIndex() + 1;
          index.truncate(from);
          written.tailMap(from).clear();
          term += random.nextInt(2);
          end += random.nextInt(3) * 36; // a record that says so
          append(random.nextInt(5), 50);
        }
        case 2 -> {
          long to = anyIndex();
          baseTerm = to == baseIndex ? baseTerm : place(to).term();
          baseIndex = to;
          index.discard(to);
        }
        case 3 -> {
          cycle++;
          end = 1000;
        }
        case 4 -> {
          if (random.nextInt(4) == 0) {
            baseIndex = lastIndex() + random.nextInt(1000);
            baseTerm = term;
            index.restart(baseIndex, baseTerm);
            written.clear();
          }
        }
        default -> appendMany();
      }
    }

    /** From the base to the last one; often close to one of the two. */
    private long anyIndex() {
      int count = (int) (lastIndex() - baseIndex);
      int at = random.nextInt(count + 1);
      return baseIndex
          + switch (random.nextInt(4)) {
            case 0 -> Math.min(at, random.nextInt(80));
            case 1 -> count - Math.min(at, random.nextInt(80));
            default -> at;
          };
    }

    private void appendMany() {
      int payloadBytesMax = new int[] {0, 30, 200, 10_000}[random.nextInt(4)];
      boolean alone = random.nextBoolean();
      for (int left = random.nextInt(8) == 0 ? 1500 : random.nextInt(200); left > 0; ) {
        int count = alone ? 1 : Math.min(left, 1 + random.nextInt(300));
        end += random.nextInt(50) == 0 ? 16_400 : 0; // Chronicle's index
        append(count, payloadBytesMax);
        left -= count;
      }
    }

    /** One excerpt's entries, as they are written or as they are replayed. */
    private void append(int count, int payloadBytesMax) {
      excerpt.begin(new LogRecord.State(HardState.INITIAL, LogPosition.NONE));
      int offset = end + 4;
      end = offset + excerpt.length();
      boolean replayed = payloadBytesMax > 1000 || random.nextBoolean();
      for (int i = 0; i < count; i++) {
        EntryType type = random.nextInt(100) == 0 ? EntryType.CONFIGURATION : EntryType.COMMAND;
        long next = lastIndex() + 1;
        Place place = new Place(cycle, end, random.nextInt(payloadBytesMax + 1), term, type);
        written.put(next, place);
        if (replayed) {
          index.append(new LogRecord.Appended(next, term, type, place.payloadBytes()), cycle, end);
        } else {
          excerpt.add(new Entry(next, term, type, new byte[place.payloadBytes()]));
        }
        end = place.end();
      }
      if (!replayed) {
        index.append(excerpt, cycle, offset);
      }
    }

    private void check() {
      assertThat(index.firstIndex()).isEqualTo(baseIndex + 1);
      assertThat(index.lastIndex()).isEqualTo(lastIndex());
      assertThat(index.termAtOrBase(baseIndex)).isEqualTo(baseTerm);
      assertThat(index.configurations())
          .isEqualTo(
              entries().entrySet().stream()
                  .filter(entry -> entry.getValue().type() == EntryType.CONFIGURATION)
                  .map(Map.Entry::getKey)
                  .toList());
      for (int of = Math.max(1, cycle - 2); of <= cycle + 1; of++) {
        int wanted = of;
        assertThat(index.countIn(of))
            .isEqualTo(entries().values().stream().filter(each -> each.cycle() == wanted).count());
      }
      for (int i = 0; i < 4 && !entries().isEmpty(); i++) {
        long from = Math.max(anyIndex(), baseIndex + 1);
        long to = Math.max(anyIndex(), from);
        long max = random.nextInt(4) == 0 ? Long.MAX_VALUE : random.nextInt(300_000);
        assertThat(index.cycle(from)).isEqualTo(place(from).cycle());
        assertThat(index.term(to)).isEqualTo(place(to).term());
        checkFound(index.find(from, to, max));
      }
    }

    /** What is found holds all that is wanted, where it was written, and little else. */
    private void checkFound(LogIndex.Places places) {
      long next = places.from();
      long sum = 0;
      long inVain = 0;
      int cut = 0;
      for (EntryRun run : places.runs()) {
        int at = run.offset();
        for (int i = 0; i < run.count(); i++) {
          long entry = run.firstIndex() + i;
          Place place = place(entry);
          check(place.cycle() == run.cycle(), run, entry);
          check(place.offset() == at && place.end() <= run.end(), run, entry);
          if (entry >= places.from() && entry <= places.to()) {
            check(entry == next++, run, entry);
            check(places.terms().term(entry) == place.term(), run, entry);
            sum += place.payloadBytes();
          }
          boolean wanted =
              entry == places.from()
                  || (entry > places.from()
                      && entry <= places.to()
                      && sum <= places.payloadBytesMax());
          inVain += wanted ? 0 : place.payloadBytes();
          at = place.end() + run.gapBytes();
        }
        check(run.bytes() <= EntryRuns.RUN_BYTES_MAX || run.count() == 1, run, next);
        cut += at - run.gapBytes() < run.end() ? 1 : 0;
      }
      if (next <= places.to()) {
        sum += place(next).payloadBytes();
        assertThat(sum).as("entry %d in %s", next, places).isGreaterThan(places.payloadBytesMax());
      }
      // Of a run that begins before the first entry, or was cut by a truncation, it is not known
      // how much payload is wanted: up to a run's bytes more are read.
      assertThat(inVain)
          .as("%d of these runs are cut: %s", cut, places)
          .isLessThan((6L + cut) * EntryRuns.RUN_BYTES_MAX);
    }

    private static void check(boolean holds, EntryRun run, long entry) {
      Invariant.check(holds, "entry %d in %s", entry, run);
    }
  }
}
