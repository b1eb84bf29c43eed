package dev.balsa.jepsen.durability;

import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.util.List;

/** A log that tells up to where it is forced: by what the file layer did, not by what is said. */
final class RecordingLog implements LogStore {
  private final LogStore log;
  private final ForcedFiles files;
  private volatile long forcedIndex;

  RecordingLog(LogStore log, ForcedFiles files) {
    this.log = log;
    this.files = files;
    this.forcedIndex = log.lastIndex(); // opening forces all that it keeps
  }

  /** Index of the last entry that a force has covered. */
  long forcedIndex() {
    return forcedIndex;
  }

  @Override
  public void append(HardState hardState, List<Entry> entries) {
    if (!entries.isEmpty()) {
      // What is superseded is durable no more.
      forcedIndex = Math.min(forcedIndex, entries.get(0).index() - 1);
    }
    log.append(hardState, entries);
  }

  @Override
  public void force() {
    long last = log.lastIndex();
    long before = files.forces();
    log.force();
    if (files.forces() > before) {
      forcedIndex = last;
    }
  }

  @Override
  public boolean isPreparedFor(List<Entry> entries) {
    return log.isPreparedFor(entries);
  }

  @Override
  public HardState hardState() {
    return log.hardState();
  }

  @Override
  public SnapshotMark base() {
    return log.base();
  }

  @Override
  public List<Entry> configurations() {
    return log.configurations();
  }

  @Override
  public void compact(SnapshotMark mark) {
    log.compact(mark);
  }

  @Override
  public void reset(HardState hardState, SnapshotMark base) {
    log.reset(hardState, base);
    forcedIndex = base.index();
  }

  @Override
  public long firstIndex() {
    return log.firstIndex();
  }

  @Override
  public long lastIndex() {
    return log.lastIndex();
  }

  @Override
  public long term(long index) {
    return log.term(index);
  }

  @Override
  public List<Entry> read(long fromIndex, long toIndex, long payloadBytesMax) {
    return log.read(fromIndex, toIndex, payloadBytesMax);
  }

  @Override
  public long sizeBytes() {
    return log.sizeBytes();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("whoever opened the log closes it");
  }
}
