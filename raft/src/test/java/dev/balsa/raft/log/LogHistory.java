package dev.balsa.raft.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A store under random use, and all that it may come back as after a crash. */
final class LogHistory {
  private final Random random;

  /** The model after each append; the one at {@link #forced} is durable. */
  private final List<LogModel> states = new ArrayList<>();

  private final List<HardState> hardStates = new ArrayList<>();
  private final List<List<Entry>> batches = new ArrayList<>();
  private int forced;

  LogHistory(Random random, LogModel start) {
    this.random = random;
    states.add(start);
  }

  LogModel now() {
    return states.get(states.size() - 1);
  }

  /** Appends something that Raft might: new entries, superseding ones, a vote, a commit index. */
  void append(ChronicleLogStore log) {
    LogModel now = now();
    HardState state = now.hardState();
    long term = Math.max(1, state.term() + (random.nextInt(4) == 0 ? 1 : 0));
    long vote = term > state.term() ? random.nextInt(4) : state.votedFor();
    long last = now.entries().size();
    long first = last + 1;
    if (random.nextInt(4) == 0 && last > state.committed()) {
      first = state.committed() + 1 + random.nextInt((int) (last - state.committed()));
    }
    List<Entry> batch = new ArrayList<>();
    int count = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(random.nextInt(5) == 0 ? 40 : 4);
    for (int i = 0; i < count; i++) {
      int bytes = random.nextInt(random.nextInt(6) == 0 ? 20_000 : 300);
      batch.add(LogFixture.entry(first + i, term, bytes));
    }
    long reach = count == 0 ? last : first + count - 1;
    long committed = Math.min(reach, state.committed() + random.nextInt(5));
    HardState next = new HardState(term, vote, committed);
    // What a failing append was about to write counts, too.
    hardStates.add(next);
    batches.add(batch);
    states.add(now.append(next, batch));
    log.append(next, batch);
  }

  void force(ChronicleLogStore log) {
    log.force();
    forced = states.size() - 1;
  }

  /** The log is a prefix of what was appended, and everything that was forced is in it. */
  LogModel checkRecovered(ChronicleLogStore log) {
    LogModel found = LogModel.of(log);
    found.assertSameAs(log);
    for (int i = forced; i < states.size(); i++) {
      if (states.get(i).equals(found)
          || (i + 1 < states.size()
              && states.get(i).mayBecome(found, hardStates.get(i), batches.get(i)))) {
        return found;
      }
    }
    assertThat(found).as("one of the states since the last force").isEqualTo(states.get(forced));
    return found;
  }
}
