package dev.balsa.fsm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One thing at a time, in an order that a seed decides, in virtual time.
 *
 * <p>There are events, which happen at their time, and actors, which are threads of which at most
 * one runs at any moment: it runs until it waits, and goes on only when the scheduler says so and
 * what it waits for has come. So a run is the same as that of one thread, and a seed replays it
 * exactly.
 */
final class SimScheduler {
  private final SplittableRandom random;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private final List<Actor> actors = new ArrayList<>();
  private final Semaphore back = new Semaphore(0);
  private @Nullable Actor running;
  private long now;
  private long number;
  private long steps;
  private long hash;
  private @Nullable Throwable failure;

  private record Event(long at, long number, String what, Runnable work) {}

  SimScheduler(long seed) {
    random = new SplittableRandom(seed);
  }

  /** A thread that runs when it is told to. */
  final class Actor {
    private final String name;
    private final Thread thread;
    private final Semaphore turn = new Semaphore(0);
    private BooleanSupplier condition = () -> true;
    private long until = Long.MAX_VALUE;
    private @Nullable Object waitsIn;
    private @Nullable Error thrown;
    private boolean over;

    private Actor(String name, Runnable work) {
      this.name = name;
      this.thread = new Thread(() -> run(work), "sim-" + name);
      thread.setDaemon(true);
    }

    private void run(Runnable work) {
      turn.acquireUninterruptibly();
      try {
        work.run();
      } catch (Throwable t) {
        if (failure == null) {
          failure = new AssertionError(name + " failed", t);
        }
      } finally {
        over = true;
        back.release();
      }
    }

    private boolean mayRun() {
      if (until <= now || thrown != null) {
        return true;
      }
      try {
        return condition.getAsBoolean();
      } catch (RuntimeException | Error e) {
        return true; // it shall see that itself
      }
    }
  }

  /** Nanoseconds of virtual time. */
  long now() {
    return now;
  }

  /** How many things were done. */
  long steps() {
    return steps;
  }

  /** Digest of all that happened, and in what order. */
  long hash() {
    return hash;
  }

  /** What an event or an actor threw. */
  @Nullable Throwable failure() {
    return failure;
  }

  /** Something happened that a replay must repeat. */
  void happened(String what) {
    hash = (hash ^ what.hashCode()) * 0x9E3779B97F4A7C15L + now;
    hash ^= hash >>> 29;
  }

  int draw(int bound) {
    return random.nextInt(bound);
  }

  long draw(long from, long to) {
    return random.nextLong(from, to);
  }

  /** Whether something happens that does so once in so many times. */
  boolean onceIn(int times) {
    return random.nextInt(times) == 0;
  }

  SplittableRandom split() {
    return random.split();
  }

  void after(long nanos, String what, Runnable work) {
    events.add(new Event(now + nanos, number++, what, work));
  }

  void spawn(String name, Runnable work) {
    Actor actor = new Actor(name, work);
    actors.add(actor);
    actor.thread.start();
  }

  /**
   * The actor that runs waits.
   *
   * @param in whose work it is at: see {@link #killThoseIn}
   * @return whether the condition holds
   */
  boolean await(Object in, BooleanSupplier condition, long untilNanos) {
    Actor self = running;
    if (self == null || Thread.currentThread() != self.thread) {
      if (condition.getAsBoolean()) {
        return true;
      }
      throw new IllegalStateException("the scheduler itself cannot wait");
    }
    self.condition = condition;
    self.until = untilNanos;
    self.waitsIn = in;
    back.release();
    self.turn.acquireUninterruptibly();
    self.waitsIn = null;
    Error thrown = self.thrown;
    if (thrown != null) {
      self.thrown = null;
      throw thrown;
    }
    return condition.getAsBoolean();
  }

  void sleep(Object in, long nanos) {
    boolean unused = await(in, () -> false, now + nanos);
  }

  /** Actors that wait in somebody's work get an error there, one after the other, now. */
  void killThoseIn(Object in, java.util.function.Supplier<Error> error) {
    for (Actor actor : List.copyOf(actors)) {
      if (!actor.over && Objects.equals(actor.waitsIn, in)) {
        actor.thrown = error.get();
        run(actor);
      }
    }
    actors.removeIf(actor -> actor.over);
  }

  private void run(Actor actor) {
    Actor outer = running;
    running = actor;
    actor.turn.release();
    back.acquireUninterruptibly();
    running = outer;
  }

  /**
   * Does one thing.
   *
   * @return false if there is nothing to be done any more, or something failed
   */
  boolean step() {
    if (failure != null) {
      return false;
    }
    steps++;
    List<Actor> ready = new ArrayList<>();
    for (Actor actor : actors) {
      if (actor.mayRun()) {
        ready.add(actor);
      }
    }
    // Slow threads: time goes on although somebody could run.
    if (!ready.isEmpty() && (events.isEmpty() || !onceIn(6))) {
      Actor next = ready.get(draw(ready.size()));
      happened(next.name);
      run(next);
      if (next.over) {
        actors.remove(next);
      }
      return failure == null;
    }
    long wake = actors.stream().mapToLong(actor -> actor.until).min().orElse(Long.MAX_VALUE);
    Event next = events.peek();
    if (next == null || (ready.isEmpty() && wake < next.at())) {
      if (wake == Long.MAX_VALUE) {
        return false;
      }
      now = Math.max(now, wake);
      return true;
    }
    events.remove();
    now = Math.max(now, next.at());
    happened(next.what());
    try {
      next.work().run();
    } catch (Throwable t) {
      failure = new AssertionError(next.what() + " failed", t);
    }
    return failure == null;
  }

  /** Ends all actors; nothing can be done afterwards. */
  void close() {
    for (Actor actor : List.copyOf(actors)) {
      while (!actor.over) {
        actor.thrown = new Ended();
        run(actor);
      }
    }
    actors.clear();
    events.clear();
  }

  /** The run is over. */
  static final class Ended extends Error {
    private static final long serialVersionUID = 1L;
  }
}
