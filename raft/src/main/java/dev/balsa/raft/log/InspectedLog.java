package dev.balsa.raft.log;

import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayList;
import java.util.List;

/** A log that is looked at, for whoever reads logs. It cannot be written. Not thread-safe. */
final class InspectedLog implements LogStore {
  private final LogPass pass;
  private final SegmentReader reader;

  InspectedLog(LogPass pass, SegmentReader reader) {
    this.pass = pass;
    this.reader = reader;
  }

  @Override
  public HardState hardState() {
    return pass.replay().hardState();
  }

  @Override
  public SnapshotMark base() {
    return pass.replay().begin().base();
  }

  @Override
  public List<Entry> configurations() {
    List<Entry> entries = new ArrayList<>();
    for (long index : pass.replay().index().configurations()) {
      entries.addAll(read(index, index, 1));
    }
    return entries;
  }

  @Override
  public long firstIndex() {
    return pass.replay().index().firstIndex();
  }

  @Override
  public long lastIndex() {
    return pass.replay().index().lastIndex();
  }

  @Override
  public long term(long index) {
    return pass.replay().index().term(index);
  }

  @Override
  public List<Entry> read(long fromIndex, long toIndex, long payloadBytesMax) {
    return reader.read(pass.replay().index().find(fromIndex, toIndex, payloadBytesMax));
  }

  @Override
  public long sizeBytes() {
    return 0;
  }

  @Override
  public void close() {}

  @Override
  public void append(HardState hardState, List<Entry> entries) {
    throw readOnly();
  }

  @Override
  public boolean isPreparedFor(List<Entry> entries) {
    throw readOnly();
  }

  @Override
  public void force() {
    throw readOnly();
  }

  @Override
  public void compact(SnapshotMark mark) {
    throw readOnly();
  }

  @Override
  public void reset(HardState hardState, SnapshotMark base) {
    throw readOnly();
  }

  private static UnsupportedOperationException readOnly() {
    return new UnsupportedOperationException("the log is only looked at");
  }
}
