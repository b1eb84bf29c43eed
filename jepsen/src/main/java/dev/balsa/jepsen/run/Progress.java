package dev.balsa.jepsen.run;

import dev.balsa.jepsen.cluster.Ending;
import dev.balsa.jepsen.db.SystemUnderTest;
import dev.balsa.jepsen.history.Op;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells people, while a run goes on, what happens, and notes who leads. On a terminal one line that
 * is written anew each second; elsewhere a line every few seconds. Two threads of its own, since a
 * node that stands still keeps the one that asks it waiting.
 */
final class Progress {
  private static final long LOOK_MILLIS = 100;
  private static final int SECONDS_BETWEEN_LINES = 5;

  /** A node is asked for less time than that. */
  private static final Duration END_MAX = Duration.ofSeconds(30);

  private final SystemUnderTest system;
  private final Recorder recorder;
  private final Nemesis nemesis;
  private final LeaderLog leaders;
  private final PrintStream out;
  private final boolean terminal = Boolean.getBoolean("balsa.terminal");
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private volatile SystemUnderTest.Status status = new SystemUnderTest.Status(0, 0, 0);
  private volatile boolean quiet;

  private Progress(
      SystemUnderTest system,
      Recorder recorder,
      Nemesis nemesis,
      LeaderLog leaders,
      PrintStream out) {
    this.system = system;
    this.recorder = recorder;
    this.nemesis = nemesis;
    this.leaders = leaders;
    this.out = out;
  }

  static Progress start(
      SystemUnderTest system,
      Recorder recorder,
      Nemesis nemesis,
      LeaderLog leaders,
      PrintStream out) {
    Progress progress = new Progress(system, recorder, nemesis, leaders, out);
    progress.start(progress::look, "jepsen-looks");
    progress.start(progress::tell, "jepsen-tells");
    return progress;
  }

  private void start(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setUncaughtExceptionHandler(
        (dead, thrown) -> problems.add(dead.getName() + ": " + thrown));
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private boolean isOver(long millis) {
    try {
      return over.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private void look() {
    while (!isOver(LOOK_MILLIS)) {
      SystemUnderTest.Status seen = system.status();
      status = seen;
      leaders.add(recorder.nanos(), seen);
    }
  }

  private void tell() {
    long before = 0;
    for (int second = 1; !isOver(1_000); second++) {
      long done = recorder.count(Op.Type.OK);
      String line = line(done - before);
      before = done;
      if (terminal && !quiet) {
        out.print("\r" + line + "\u001b[K");
        out.flush();
      } else if (!quiet && second % SECONDS_BETWEEN_LINES == 0) {
        out.println(line);
      }
    }
  }

  private String line(long rate) {
    String fault = nemesis.current();
    SystemUnderTest.Status now = status;
    return String.format(
        Locale.ROOT,
        "%4d s  ok %d  fail %d  info %d  %4d/s  leader %s  term %d  %s",
        TimeUnit.NANOSECONDS.toSeconds(recorder.nanos()),
        recorder.count(Op.Type.OK),
        recorder.count(Op.Type.FAIL),
        recorder.count(Op.Type.INFO),
        rate,
        now.leader() == 0 ? "-" : Long.toString(now.leader()),
        now.term(),
        fault.isEmpty() ? "" : "[" + fault + "]");
  }

  /** What has ended its threads before their time: leaders that nobody saw are missing. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** Ends the line, and its threads: nobody asks the system any more. */
  void end() {
    quiet = true;
    over.countDown();
    for (Thread thread : threads) {
      if (!Ending.of(thread, END_MAX)) {
        problems.add(thread.getName() + " does not end");
      }
    }
    if (terminal) {
      out.println();
    }
  }
}
