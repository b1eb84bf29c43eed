package dev.balsa.jepsen.run;

import dev.balsa.jepsen.cluster.Ending;
import dev.balsa.jepsen.db.SystemUnderTest;
import dev.balsa.jepsen.workload.Workload;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The clients of a run, a thread for each. */
final class Clients {
  /** An operation ends in time by itself. */
  private static final Duration END_MAX = Duration.ofSeconds(30);

  /** A client that was refused lets others have their turns: it is refused much faster. */
  private static final long REFUSED_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Pace pace;
  private final List<Thread> threads = new ArrayList<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();

  private Clients(Pace pace) {
    this.pace = pace;
  }

  static Clients start(
      Settings settings, SystemUnderTest system, Workload workload, Recorder recorder) {
    Clients clients = new Clients(new Pace(settings.rate()));
    SplittableRandom seeds = new SplittableRandom(settings.seed());
    for (int i = 0; i < settings.concurrency(); i++) {
      SplittableRandom random = seeds.split();
      Worker worker = new Worker(i, system, recorder, settings.readLevel(), random);
      Thread thread =
          new Thread(() -> clients.work(worker, workload, random), "jepsen-client-" + i);
      thread.setUncaughtExceptionHandler(
          (dead, thrown) -> clients.problems.add(dead.getName() + ": " + thrown));
      thread.setDaemon(true);
      clients.threads.add(thread);
    }
    clients.threads.forEach(Thread::start);
    return clients;
  }

  private void work(Worker worker, Workload workload, SplittableRandom random) {
    try (worker) {
      while (pace.await()) {
        if (!worker.perform(workload.next(random))) {
          LockSupport.parkNanos(REFUSED_NANOS);
        }
      }
    } catch (IOException e) {
      problems.add("the history cannot be written: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Clients that have ended by a defect of their own: what they would have seen is missing. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** Lets each finish what it does. */
  void end() {
    pace.end();
    for (Thread thread : threads) {
      if (!Ending.of(thread, END_MAX)) {
        problems.add(thread.getName() + " does not end");
      }
    }
  }
}
