package dev.balsa.fsm;

import dev.balsa.raft.SideChannel;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * Questions to other nodes whose answers are awaited, but not beyond the node's end. Asked by one
 * thread, answered by any. Who waits is not interrupted.
 */
final class Questions {
  /** How long an answer is awaited. */
  static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final int TRIES = 5;

  /** Not those of this process's earlier lives, whose answers may still come. */
  private final AtomicLong last = new AtomicLong(new SecureRandom().nextLong());

  private final Map<Long, Asked> waiting = new ConcurrentHashMap<>();
  private volatile boolean ended;

  private record Asked(long node, CompletableFuture<HealingMessage> answer) {}

  /** The node ends: nothing is awaited any more. */
  void end() {
    ended = true;
  }

  /** An answer has come, perhaps too late, or to another's question. */
  void answered(long from, HealingMessage answer) {
    Asked asked = waiting.get(answer.number());
    if (asked != null && asked.node() == from) {
      asked.answer().complete(answer);
    }
  }

  /**
   * Asks, and asks again.
   *
   * @throws IOException if there is no answer
   */
  HealingMessage question(SideChannel others, long to, LongFunction<HealingMessage> question)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return await(send(others, to, question), PATIENCE);
      } catch (IOException e) {
        if (attempt == TRIES || ended) {
          throw e;
        }
      }
    }
  }

  /**
   * Asks.
   *
   * @param question by its number
   */
  CompletableFuture<HealingMessage> send(
      SideChannel others, long to, LongFunction<HealingMessage> question) {
    long number = last.incrementAndGet();
    CompletableFuture<HealingMessage> future = new CompletableFuture<>();
    waiting.put(number, new Asked(to, future));
    var unused = future.whenComplete((answer, failure) -> waiting.remove(number));
    others.send(to, question.apply(number).encode());
    return future;
  }

  /**
   * Waits.
   *
   * @throws IOException if time is up, the node ends, or there will be no answer
   */
  <T> T await(CompletableFuture<T> future, Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return future.get(50, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (ended || System.nanoTime() > deadline) {
          future.cancel(false);
          throw new IOException("no answer", e);
        }
      } catch (InterruptedException e) {
        throw new AssertionError("nobody interrupts this thread", e);
      } catch (ExecutionException e) {
        throw new IOException(e.getCause() == null ? e : e.getCause());
      }
    }
  }
}
