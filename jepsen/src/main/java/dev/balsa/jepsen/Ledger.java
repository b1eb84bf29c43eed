package dev.balsa.jepsen;

import dev.balsa.jepsen.Attempt.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** All that the clients were told, in the order in which they were. Thread-safe. */
final class Ledger {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition added = lock.newCondition();
  private final List<Attempt> attempts = new ArrayList<>();

  void add(Attempt attempt) {
    lock.lock();
    try {
      attempts.add(attempt);
      added.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What is there now. */
  List<Attempt> attempts() {
    lock.lock();
    try {
      return List.copyOf(attempts);
    } finally {
      lock.unlock();
    }
  }

  long count(Result result) {
    return attempts().stream().filter(attempt -> attempt.result() == result).count();
  }

  /**
   * Waits until a number of attempts match.
   *
   * @return the first of them; empty if time was up
   */
  Optional<Attempt> await(int count, Predicate<Attempt> wanted, Duration guard)
      throws InterruptedException {
    long left = guard.toNanos();
    int looked = 0;
    List<Attempt> matching = new ArrayList<>();
    lock.lock();
    try {
      while (true) {
        for (; looked < attempts.size(); looked++) {
          if (wanted.test(attempts.get(looked))) {
            matching.add(attempts.get(looked));
          }
        }
        if (matching.size() >= count) {
          return Optional.of(matching.get(0));
        }
        if (left <= 0) {
          return Optional.empty();
        }
        left = added.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
