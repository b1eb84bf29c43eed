package dev.balsa.raft;

/** The machine's clock, which can be stopped and can jump. */
final class TestClock implements Clock {
  private long offset;
  private boolean stopped;
  private long stoppedAt;
  private long jumpAfterNextLook;

  @Override
  public synchronized long nanoTime() {
    long now = stopped ? stoppedAt : System.nanoTime() + offset;
    long later = jumpAfterNextLook;
    jumpAfterNextLook = 0;
    jump(later);
    return now;
  }

  /** Somebody looks at the clock, and then the process is paused. */
  synchronized void jumpAfterNextLook(long nanos) {
    jumpAfterNextLook = nanos;
  }

  synchronized void stop() {
    stoppedAt = nanoTime();
    stopped = true;
  }

  /** Time has passed at once: the process was paused. */
  synchronized void jump(long nanos) {
    if (stopped) {
      stoppedAt += nanos;
    } else {
      offset += nanos;
    }
  }
}
