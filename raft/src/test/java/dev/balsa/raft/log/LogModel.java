package dev.balsa.raft.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayList;
import java.util.List;

/** A log as a list: what a store must hold after some appends, compactions and resets. */
record LogModel(SnapshotMark base, HardState hardState, List<Entry> entries) {
  static final LogModel EMPTY = new LogModel(SnapshotMark.NONE, HardState.INITIAL, List.of());

  /** In force in a log that says nothing about it. */
  static final Configuration INITIAL = Configuration.ofVoters(List.of(1L, 2L, 3L));

  LogModel {
    entries = List.copyOf(entries);
  }

  long lastIndex() {
    return base.index() + entries.size();
  }

  LogModel append(HardState next, List<Entry> batch) {
    List<Entry> all = new ArrayList<>(entries);
    if (!batch.isEmpty()) {
      all = new ArrayList<>(all.subList(0, at(batch.get(0).index())));
      all.addAll(batch);
    }
    long committed =
        Math.max(hardState.committed(), Math.min(next.committed(), base.index() + all.size()));
    return new LogModel(base, new HardState(next.term(), next.votedFor(), committed), all);
  }

  /** Without the entries up to that mark. */
  LogModel compact(SnapshotMark mark) {
    return new LogModel(mark, hardState, entries.subList(at(mark.index() + 1), entries.size()));
  }

  static LogModel reset(HardState next, SnapshotMark base) {
    long committed = Math.min(next.committed(), base.index());
    return new LogModel(base, new HardState(next.term(), next.votedFor(), committed), List.of());
  }

  /** The mark of a snapshot at an entry, or at the base. */
  SnapshotMark mark(long index) {
    if (index == base.index()) {
      return base;
    }
    Configuration configuration = base.index() == 0 ? INITIAL : base.configuration();
    for (Entry entry : entries) {
      if (entry.index() <= index && entry.type() == EntryType.CONFIGURATION) {
        configuration = ConfigurationCodec.decode(entry.payload());
      }
    }
    return new SnapshotMark(index, entries.get(at(index)).term(), configuration);
  }

  private int at(long index) {
    return (int) (index - base.index() - 1);
  }

  static LogModel of(LogStore log) {
    return new LogModel(log.base(), log.hardState(), LogFixture.all(log));
  }

  void assertSameAs(LogStore log) {
    assertThat(log.base()).isEqualTo(base);
    assertThat(log.hardState()).isEqualTo(hardState);
    assertThat(log.firstIndex()).isEqualTo(base.index() + 1);
    assertThat(log.lastIndex()).isEqualTo(lastIndex());
    assertThat(LogFixture.all(log)).isEqualTo(entries);
    assertThat(log.configurations())
        .isEqualTo(entries.stream().filter(e -> e.type() == EntryType.CONFIGURATION).toList());
    for (Entry entry : entries) {
      assertThat(log.term(entry.index())).isEqualTo(entry.term());
    }
  }
}
