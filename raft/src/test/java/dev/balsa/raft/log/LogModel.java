package dev.balsa.raft.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import java.util.ArrayList;
import java.util.List;

/** A log as a list: what a store must hold after some appends. */
record LogModel(HardState hardState, List<Entry> entries) {
  static final LogModel EMPTY = new LogModel(HardState.INITIAL, List.of());

  LogModel {
    entries = List.copyOf(entries);
  }

  LogModel append(HardState next, List<Entry> batch) {
    List<Entry> all = new ArrayList<>(entries);
    if (!batch.isEmpty()) {
      all = new ArrayList<>(all.subList(0, (int) batch.get(0).index() - 1));
      all.addAll(batch);
    }
    long committed = Math.max(hardState.committed(), Math.min(next.committed(), all.size()));
    return new LogModel(new HardState(next.term(), next.votedFor(), committed), all);
  }

  static LogModel of(LogStore log) {
    return new LogModel(log.hardState(), LogFixture.all(log));
  }

  void assertSameAs(LogStore log) {
    assertThat(log.hardState()).isEqualTo(hardState);
    assertThat(log.lastIndex()).isEqualTo(entries.size());
    assertThat(LogFixture.all(log)).isEqualTo(entries);
    for (Entry entry : entries) {
      assertThat(log.term(entry.index())).isEqualTo(entry.term());
    }
  }

  /** Whether a crash while {@code batch} was being appended can leave that log. */
  boolean mayBecome(LogModel found, HardState next, List<Entry> batch) {
    for (int cut = 0; cut <= batch.size(); cut++) {
      if (append(next, batch.subList(0, cut)).equals(found)) {
        return true;
      }
    }
    return equals(found);
  }
}
