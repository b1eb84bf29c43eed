package dev.balsa.raft.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A store under random use, and all that it may come back as after a crash. */
final class LogHistory {
  private final Random random;

  /** Entries of up to this size come now and then. */
  private final int payloadBytesMax;

  /**
   * What the log has been, one after the other, with what a crash in between leaves: of a batch its
   * hard state and a part. The one at {@link #forced} is durable.
   */
  private final List<LogModel> states = new ArrayList<>();

  private int forced;
  private int compactions;

  LogHistory(Random random, LogModel start) {
    this.random = random;
    this.payloadBytesMax = 20_000;
    states.add(start);
  }

  LogModel now() {
    return states.get(states.size() - 1);
  }

  /** How many compactions let segments go. */
  int compactions() {
    return compactions;
  }

  /** Anything that a log is used for. */
  void step(ChronicleLogStore log) {
    switch (random.nextInt(16)) {
      case 0, 1, 2 -> force(log);
      case 3, 4, 5 -> compact(log);
      case 6 -> reset(log);
      case 7, 8 -> appendLarge(log);
      default -> append(log);
    }
  }

  /** Appends something that Raft might: new entries, superseding ones, a vote, a commit index. */
  void append(ChronicleLogStore log) {
    LogModel now = now();
    HardState state = now.hardState();
    long term = Math.max(1, state.term() + (random.nextInt(4) == 0 ? 1 : 0));
    long vote = term > state.term() ? random.nextInt(4) : state.votedFor();
    long last = now.lastIndex();
    long first = last + 1;
    long kept = Math.max(state.committed(), now.base().index());
    if (random.nextInt(4) == 0 && last > kept) {
      first = kept + 1 + random.nextInt((int) (last - kept));
    }
    List<Entry> batch = new ArrayList<>();
    int count = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(random.nextInt(5) == 0 ? 40 : 4);
    for (int i = 0; i < count; i++) {
      int bytes = random.nextInt(random.nextInt(6) == 0 ? payloadBytesMax : 300);
      batch.add(
          random.nextInt(10) == 0
              ? configuration(first + i, term)
              : LogFixture.entry(first + i, term, bytes));
    }
    long reach = count == 0 ? last : first + count - 1;
    long committed = Math.max(state.committed(), Math.min(reach, kept + random.nextInt(5)));
    append(log, new HardState(term, vote, committed), batch);
  }

  /** A batch that fills about a segment: so that logs have several. */
  void appendLarge(ChronicleLogStore log) {
    HardState state = now().hardState();
    long term = Math.max(1, state.term());
    long first = now().lastIndex() + 1;
    List<Entry> batch =
        LogFixture.entries(
            first, first + 5 + random.nextInt(4), term, 15_000 + random.nextInt(9000));
    append(log, new HardState(term, state.votedFor(), state.committed()), batch);
  }

  /** A batch that supersedes entries, of earlier segments if there are. */
  void supersede(ChronicleLogStore log) {
    HardState state = now().hardState();
    long kept = Math.max(state.committed(), now().base().index());
    long last = now().lastIndex();
    long first = last > kept ? kept + 1 + random.nextInt((int) (last - kept)) : last + 1;
    long term = state.term() + 1;
    append(
        log,
        new HardState(term, 0, state.committed()),
        LogFixture.entries(first, first + random.nextInt(3), term, 5000));
  }

  /** Compacts as much as can be. */
  void compactToEnd(ChronicleLogStore log) {
    compact(log, now().mark(now().lastIndex()));
  }

  private Entry configuration(long index, long term) {
    List<Long> voters = new ArrayList<>(List.of(1L));
    for (long id = 2; id < 6; id++) {
      if (random.nextBoolean()) {
        voters.add(id);
      }
    }
    byte[] payload = ConfigurationCodec.encode(Configuration.ofVoters(voters));
    return new Entry(index, term, EntryType.CONFIGURATION, payload);
  }

  private void append(ChronicleLogStore log, HardState next, List<Entry> batch) {
    // What a failing append was about to write counts, too.
    LogModel now = now();
    for (int cut = 0; cut <= batch.size(); cut++) {
      states.add(now.append(next, batch.subList(0, cut)));
    }
    log.append(next, batch);
  }

  void force(ChronicleLogStore log) {
    log.force();
    forced = states.size() - 1;
  }

  /** Compacts up to any entry that is there. */
  void compact(ChronicleLogStore log) {
    // The store does not ask whether it is committed: the core does.
    compact(log, now().mark(now().base().index() + random.nextInt(now().entries().size() + 1)));
  }

  private void compact(ChronicleLogStore log, SnapshotMark mark) {
    LogModel now = now();
    states.add(now.compact(mark));
    log.compact(mark);
    if (log.base().equals(mark) && !mark.equals(now.base())) {
      compactions++;
      forced = states.size() - 1;
    } else {
      states.remove(states.size() - 1);
      assertThat(log.base()).isEqualTo(now.base());
    }
  }

  /** As when a snapshot is installed. */
  void reset(ChronicleLogStore log) {
    HardState state = now().hardState();
    long term = 1 + state.term();
    long index = 1L + random.nextInt(2 * (int) now().lastIndex() + 5);
    SnapshotMark base =
        new SnapshotMark(index, term, Configuration.ofVoters(List.of(1L, 2L + random.nextInt(5))));
    HardState next = new HardState(term, random.nextInt(3), index + random.nextInt(3));
    states.add(LogModel.reset(next, base));
    log.reset(next, base);
    forced = states.size() - 1;
  }

  /** The log is a prefix of what was done, and everything that was forced is in it. */
  LogModel checkRecovered(ChronicleLogStore log) {
    LogModel found = LogModel.of(log);
    found.assertSameAs(log);
    if (!states.subList(forced, states.size()).contains(found)) {
      assertThat(describe(found))
          .as("one of the states since the last force")
          .isEqualTo(describe());
    }
    return found;
  }

  private List<String> describe() {
    return states.subList(forced, states.size()).stream().map(LogHistory::describe).toList();
  }

  private static String describe(LogModel model) {
    return model.base().index()
        + ".."
        + model.lastIndex()
        + " "
        + model.hardState()
        + " "
        + Integer.toHexString(model.entries().hashCode());
  }
}
