package dev.balsa.raft.core;

/** How the leader brings a peer's log up to its own. */
sealed interface Progress
    permits Progress.Probing, Progress.Replicating, Progress.AwaitingSnapshot {
  /** Index of the next entry to send: above the peer's match index. */
  long nextIndex();

  /** The same, to go on independently. */
  Progress copy();

  /** All on which what is sent next depends. */
  void describe(StateSink sink);

  /**
   * Where the logs agree is not known: one request is sent, and no other until it is answered or
   * the peer answers a heartbeat, which suggests that the request was lost.
   */
  final class Probing implements Progress {
    private long nextIndex;
    private boolean waiting;

    Probing(long nextIndex) {
      this.nextIndex = nextIndex;
    }

    @Override
    public Probing copy() {
      Probing copy = new Probing(nextIndex);
      copy.waiting = waiting;
      return copy;
    }

    @Override
    public void describe(StateSink sink) {
      sink.number("probing", nextIndex);
      sink.flag("waiting", waiting);
    }

    @Override
    public long nextIndex() {
      return nextIndex;
    }

    boolean isWaiting() {
      return waiting;
    }

    void sent() {
      waiting = true;
    }

    void resume() {
      waiting = false;
    }

    /** The logs do not agree at the index before; goes on from another. */
    void retryFrom(long index) {
      nextIndex = index;
      waiting = false;
    }
  }

  /** The logs agree: requests are sent in a pipeline, as if they could not fail. */
  final class Replicating implements Progress {
    private final ByteWindow inFlight;
    private long nextIndex;

    Replicating(long nextIndex) {
      this(nextIndex, new ByteWindow());
    }

    private Replicating(long nextIndex, ByteWindow inFlight) {
      this.nextIndex = nextIndex;
      this.inFlight = inFlight;
    }

    @Override
    public Replicating copy() {
      return new Replicating(nextIndex, new ByteWindow(inFlight));
    }

    @Override
    public void describe(StateSink sink) {
      sink.number("replicating", nextIndex);
      inFlight.describe(sink);
    }

    @Override
    public long nextIndex() {
      return nextIndex;
    }

    boolean hasRoom(Limits limits) {
      return inFlight.count() < limits.inFlightMessagesMax()
          && inFlight.bytes() < limits.inFlightBytesMax();
    }

    void sent(long lastIndex, long bytes) {
      inFlight.add(lastIndex, bytes);
      nextIndex = lastIndex + 1;
    }

    void matched(long index) {
      inFlight.settle(index);
      nextIndex = Math.max(nextIndex, index + 1);
    }
  }

  /**
   * What the peer needs is no longer in the log: it is sent a snapshot, in chunks (thesis 5.3).
   * Chunks are read one after the other and sent in a pipeline; when nothing comes back for a
   * while, sending goes on where the peer last said that it is.
   *
   * <pre>
   *   stored &lt;= next;  a chunk at next is being read, or not
   * </pre>
   */
  final class AwaitingSnapshot implements Progress {
    private final SnapshotId id;
    private final SnapshotMark mark;
    private final ByteWindow inFlight;
    private long nextOffset;
    private long storedOffset;
    private boolean reading;
    private boolean ended;

    AwaitingSnapshot(SnapshotId id, SnapshotMark mark) {
      this.id = id;
      this.mark = mark;
      this.inFlight = new ByteWindow();
    }

    private AwaitingSnapshot(AwaitingSnapshot from) {
      id = from.id;
      mark = from.mark;
      inFlight = new ByteWindow(from.inFlight);
      nextOffset = from.nextOffset;
      storedOffset = from.storedOffset;
      reading = from.reading;
      ended = from.ended;
    }

    @Override
    public AwaitingSnapshot copy() {
      return new AwaitingSnapshot(this);
    }

    @Override
    public void describe(StateSink sink) {
      sink.snapshotId(id);
      sink.mark(mark);
      inFlight.describe(sink);
      sink.number("nextOffset", nextOffset);
      sink.number("storedOffset", storedOffset);
      sink.flag("reading", reading);
      sink.flag("ended", ended);
    }

    @Override
    public long nextIndex() {
      return mark.index() + 1;
    }

    SnapshotId id() {
      return id;
    }

    SnapshotMark mark() {
      return mark;
    }

    /** Where the next chunk begins. */
    long nextOffset() {
      return nextOffset;
    }

    /** What the peer last said that it has. */
    long storedOffset() {
      return storedOffset;
    }

    boolean wantsChunk(Limits limits) {
      return !reading && !ended && inFlight.count() < limits.chunksInFlightMax();
    }

    void reading() {
      reading = true;
    }

    /** Whether a chunk that was read is the one that is wanted. */
    boolean takesRead(SnapshotId readId, long offset) {
      if (!readId.equals(id)) {
        return false;
      }
      reading = false;
      return offset == nextOffset;
    }

    void sent(long bytes, boolean last) {
      nextOffset += bytes;
      ended = last;
      // An empty last chunk has no end of its own: it stands one behind.
      inFlight.add(last ? nextOffset + 1 : nextOffset, bytes);
    }

    /** The peer has all before that offset: of what was sent, or from an earlier beginning. */
    void stored(long offset) {
      storedOffset = offset;
      inFlight.settle(offset);
      if (offset > nextOffset) {
        restartAt(offset);
      }
    }

    /** Nothing came back for long: goes on where the peer last said that it is. */
    void rewind() {
      restartAt(storedOffset);
    }

    private void restartAt(long offset) {
      nextOffset = offset;
      ended = false;
      inFlight.settle(Long.MAX_VALUE);
    }
  }
}
