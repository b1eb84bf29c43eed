package dev.balsa.raft.core;

/**
 * How the leader brings a peer's log up to its own. A peer that needs a snapshot will be a third.
 */
sealed interface Progress permits Progress.Probing, Progress.Replicating {
  /** Index of the next entry to send: above the peer's match index. */
  long nextIndex();

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
    private final ByteWindow inFlight = new ByteWindow();
    private long nextIndex;

    Replicating(long nextIndex) {
      this.nextIndex = nextIndex;
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
}
