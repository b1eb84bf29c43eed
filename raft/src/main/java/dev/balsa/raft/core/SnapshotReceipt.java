package dev.balsa.raft.core;

/**
 * A snapshot that arrives: how many of its chunks are being stored. How much of it is stored, only
 * the storage knows: it may have a part from before a restart.
 */
final class SnapshotReceipt {
  private final SnapshotId id;
  private final SnapshotMark mark;
  private int storing;

  SnapshotReceipt(SnapshotId id, SnapshotMark mark) {
    this.id = id;
    this.mark = mark;
  }

  SnapshotReceipt(SnapshotReceipt from) {
    id = from.id;
    mark = from.mark;
    storing = from.storing;
  }

  void describe(StateSink sink) {
    sink.snapshotId(id);
    sink.mark(mark);
    sink.number("storing", storing);
  }

  SnapshotId id() {
    return id;
  }

  SnapshotMark mark() {
    return mark;
  }

  boolean hasRoom(Limits limits) {
    return storing < limits.chunksInFlightMax();
  }

  int chunksStoring() {
    return storing;
  }

  void storing() {
    storing++;
  }

  /** One of the chunks that were being stored is, or was of no use. */
  void stored() {
    storing--;
  }
}
