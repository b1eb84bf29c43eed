package dev.balsa.jepsen.durability;

import dev.balsa.jepsen.mutants.ForwardingLog;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.util.List;

/** A log that tells up to where it is forced: by what the file layer did, not by what is said. */
final class RecordingLog extends ForwardingLog {
  private final ForcedFiles files;
  private volatile long forcedIndex;
  private volatile boolean hasConfiguration;

  RecordingLog(LogStore log, ForcedFiles files) {
    super(log);
    this.files = files;
    this.forcedIndex = log.lastIndex(); // opening forces all that it keeps
  }

  /** Index of the last entry that a force has covered. */
  long forcedIndex() {
    return forcedIndex;
  }

  /** Whether the members that a first leader writes into the log by itself have come. */
  boolean hasConfiguration() {
    return hasConfiguration;
  }

  @Override
  public void append(HardState hardState, List<Entry> entries) {
    if (!entries.isEmpty()) {
      // What is superseded is durable no more.
      forcedIndex = Math.min(forcedIndex, entries.get(0).index() - 1);
    }
    super.append(hardState, entries);
    hasConfiguration |= entries.stream().anyMatch(entry -> entry.type() == EntryType.CONFIGURATION);
  }

  @Override
  public void force() {
    long last = lastIndex();
    long before = files.forces();
    // A follower that is told again what it has forces once more before it says so again.
    files.nothingNew(last == forcedIndex);
    try {
      super.force();
    } finally {
      files.nothingNew(false);
    }
    if (files.forces() > before) {
      forcedIndex = last;
    }
  }

  @Override
  public void reset(HardState hardState, SnapshotMark base) {
    super.reset(hardState, base);
    forcedIndex = base.index();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("whoever opened the log closes it");
  }
}
