package dev.balsa.jepsen.mutants;

import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.util.List;

/** A log that does what another one does, but for what a subclass overrides. */
public abstract class ForwardingLog implements LogStore {
  private final LogStore log;

  /** Creates it over another. */
  protected ForwardingLog(LogStore log) {
    this.log = log;
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
  public void append(HardState hardState, List<Entry> entries) {
    log.append(hardState, entries);
  }

  @Override
  public boolean isPreparedFor(List<Entry> entries) {
    return log.isPreparedFor(entries);
  }

  @Override
  public void force() {
    log.force();
  }

  @Override
  public void compact(SnapshotMark mark) {
    log.compact(mark);
  }

  @Override
  public void reset(HardState hardState, SnapshotMark base) {
    log.reset(hardState, base);
  }

  @Override
  public long sizeBytes() {
    return log.sizeBytes();
  }

  @Override
  public void close() {
    log.close();
  }
}
