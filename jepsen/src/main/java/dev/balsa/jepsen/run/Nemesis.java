package dev.balsa.jepsen.run;

import dev.balsa.jepsen.db.SystemUnderTest;
import dev.balsa.jepsen.history.Op;
import dev.balsa.jepsen.nemesis.Fault;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Brings one fault after the other upon a system: a time of peace, a fault that stays as long, then
 * a wait until the system is whole; of a fault that does not stay, right behind its beginning. All
 * kinds have their turn, in an order that the seed shuffles. Used by one thread; {@link #current}
 * by any.
 */
final class Nemesis {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** A fault that lasts longer stays at most so many intervals more. */
  private static final int LONGER_MAX = 6;

  private final SystemUnderTest system;
  private final List<Fault> faults;
  private final Recorder recorder;
  private final Duration interval;
  private final int wanted;
  private final Duration wholeMax;
  private final Random random;
  private final List<Recovery> recoveries = new CopyOnWriteArrayList<>();
  private volatile @Nullable Fault begun;
  private long termMax;

  /**
   * Creates it.
   *
   * @param faults to choose from; none, for peace
   * @param interval how long peace lasts, and a fault
   * @param wanted so many operations should be acknowledged while a fault lasts
   * @param wholeMax how long the system may take to become whole
   * @param seed of the order and of what the faults choose
   */
  Nemesis(
      SystemUnderTest system,
      List<Fault> faults,
      Recorder recorder,
      Duration interval,
      int wanted,
      Duration wholeMax,
      long seed) {
    this.system = system;
    this.faults = List.copyOf(faults);
    this.recorder = recorder;
    this.interval = interval;
    this.wanted = wanted;
    this.wholeMax = wholeMax;
    this.random = new Random(seed);
  }

  /** Works until time is up; a fault that is going on then is ended, and the system made whole. */
  void run(Duration limit) throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    List<Fault> turns = new ArrayList<>();
    while (pass(end)) {
      if (turns.isEmpty()) {
        turns.addAll(faults);
        Collections.shuffle(turns, random);
      }
      Fault fault = turns.remove(turns.size() - 1);
      begin(fault);
      long before = recorder.count(Op.Type.OK);
      pass(end);
      awaitOperations(before);
      end(fault);
    }
  }

  /**
   * Lets a fault stay longer, within bounds, if little was acknowledged while it lasts: on a busy
   * machine, nodes that are to start again take the time in which something could be seen. Also
   * beyond the run's limit.
   */
  private void awaitOperations(long before) throws InterruptedException {
    long until = System.nanoTime() + LONGER_MAX * interval.toNanos();
    while (recorder.count(Op.Type.OK) - before < wanted && System.nanoTime() < until) {
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  private void begin(Fault fault) throws IOException, InterruptedException {
    term();
    recorder.nemesis("start-" + fault.name(), null);
    begun = fault; // before it has begun: if that fails half-way, it must be ended, too
    String done = fault.begin(random);
    long healed = System.nanoTime();
    recorder.nemesis("start-" + fault.name(), done);
    if (!fault.lasts()) {
      awaitWhole(fault, healed, term());
    }
  }

  private void end(Fault fault) throws IOException, InterruptedException {
    boolean lasted = fault.lasts();
    long before = term();
    recorder.nemesis("stop-" + fault.name(), null);
    String done = fault.end();
    long healed = System.nanoTime();
    begun = null;
    recorder.nemesis("stop-" + fault.name(), done);
    if (lasted) {
      awaitWhole(fault, healed, before);
    } else {
      system.awaitWhole(wholeMax);
    }
  }

  private void awaitWhole(Fault fault, long healed, long before) throws InterruptedException {
    system.awaitWhole(wholeMax);
    recoveries.add(
        new Recovery(
            fault.name(),
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - healed),
            term() - before));
  }

  /** The highest term that was ever seen: it may be that nobody answers at present. */
  private long term() {
    termMax = Math.max(termMax, system.status().term());
    return termMax;
  }

  /** Lets an interval pass, or all the time if there is peace only; false if time is up then. */
  private boolean pass(long end) throws InterruptedException {
    long until = faults.isEmpty() ? end : Math.min(end, System.nanoTime() + interval.toNanos());
    for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
    return System.nanoTime() < end;
  }

  /** Ends what has begun, if something has: when a run is broken off. */
  void heal() throws IOException, InterruptedException {
    Fault going = begun;
    if (going != null) {
      begun = null;
      going.end();
    }
  }

  /** The fault that is going on; empty if there is peace. */
  String current() {
    Fault going = begun;
    return going == null ? "" : going.name();
  }

  List<Recovery> recoveries() {
    return List.copyOf(recoveries);
  }
}
