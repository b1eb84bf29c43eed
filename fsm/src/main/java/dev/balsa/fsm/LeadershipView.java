package dev.balsa.fsm;

import dev.balsa.raft.Leadership;

/** This node's leadership as the apply thread knows it: ordered with what is applied. */
final class LeadershipView {
  private final EngineThreads threads;
  private volatile Leadership now = Leadership.NONE;
  private boolean ended;

  LeadershipView(EngineThreads threads) {
    this.threads = threads;
  }

  Leadership now() {
    return now;
  }

  synchronized void change(Leadership to) {
    now = to;
    notifyAll();
  }

  /** There will be no more changes: whoever waits is woken. */
  synchronized void end() {
    ended = true;
    now = new Leadership(dev.balsa.raft.Role.FOLLOWER, now.term(), 0, false);
    notifyAll();
  }

  /**
   * Waits while this node leads but has not committed an entry of its term yet.
   *
   * @return the leadership then, or when time was up
   */
  Leadership awaitEstablished(long timeoutNanos) throws InterruptedException {
    Leadership seen = now;
    if (!seen.isLeader() || seen.established()) {
      return seen;
    }
    threads.await(
        this,
        () -> !now.isLeader() || now.established() || ended,
        threads.nanoTime() + timeoutNanos);
    return now;
  }
}
