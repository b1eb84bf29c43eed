package dev.balsa.fsm;

import dev.balsa.raft.Invariant;

/** How far the log is applied, to wait for. */
final class AppliedIndex {
  private final EngineThreads threads;
  private volatile long index;
  private volatile long visible;
  private volatile boolean ended;

  AppliedIndex(EngineThreads threads, long index) {
    this.threads = threads;
    this.index = index;
    this.visible = index;
  }

  long get() {
    return index;
  }

  /** Readers see nothing of a later entry than this one, which is committed: a bound from above. */
  long visible() {
    return visible;
  }

  /** The entries up to there are about to be applied; told before readers see any of them. */
  void begin(long to) {
    visible = to;
  }

  synchronized void advance(long to) {
    Invariant.check(to >= index, "applied index goes back from %d to %d", index, to);
    index = to;
    visible = Math.max(visible, to);
    notifyAll();
  }

  /** Nothing more will be applied: whoever waits is woken. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /**
   * Waits until {@code wanted} is applied.
   *
   * @return false if it was not in time, or never will be here
   */
  boolean await(long wanted, long timeoutNanos) throws InterruptedException {
    if (index >= wanted) {
      return true;
    }
    threads.await(this, () -> index >= wanted || ended, threads.nanoTime() + timeoutNanos);
    return index >= wanted;
  }
}
