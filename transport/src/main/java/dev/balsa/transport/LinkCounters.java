package dev.balsa.transport;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What is counted of one peer's links. Written on the loop, read anywhere. */
final class LinkCounters {
  /** A number that only one thread changes: no atomic read-modify-write is needed. */
  static final class Counter {
    private final AtomicLong value = new AtomicLong();

    void add(long amount) {
      value.setRelease(value.getPlain() + amount);
    }

    long get() {
      return value.getAcquire();
    }
  }

  final Counter messagesOut = new Counter();
  final Counter bytesOut = new Counter();
  final Counter messagesIn = new Counter();
  final Counter bytesIn = new Counter();
  final Counter droppedUnreachable = new Counter();
  final Counter droppedQueueFull = new Counter();
  final Counter queuedBytes = new Counter();
  final Counter connects = new Counter();
  final Counter accepts = new Counter();

  /** 1 while open, else 0. */
  final Counter sending = new Counter();

  /** 1 while open, else 0. */
  final Counter receiving = new Counter();

  /** Why the link to the peer is not open, as last seen; null while it is, or was not tried. */
  volatile @Nullable Ending trouble;

  LinkStatus status(long peer) {
    Ending seen = trouble;
    return new LinkStatus(
        peer,
        sending.get() > 0,
        receiving.get() > 0,
        messagesOut.get(),
        bytesOut.get(),
        messagesIn.get(),
        bytesIn.get(),
        droppedUnreachable.get(),
        droppedQueueFull.get(),
        queuedBytes.get(),
        connects.get(),
        accepts.get(),
        seen == null ? null : seen.text(),
        seen != null && seen.cause() == Ending.Cause.UNKNOWN_VERSION);
  }
}
