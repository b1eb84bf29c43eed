package dev.balsa.bench;

import dev.balsa.node.BalsaNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * One node of the run, in a process of its own. On its standard output it tells {@value #READY}
 * once, {@value #LEADS} when it has come to lead, and what a load came to, or {@value #FAILED} why
 * not. On its standard input it takes {@value #LOAD} and {@value #CLOSE}; when that ends otherwise,
 * the process does so at once.
 */
final class SqlNode {
  static final String READY = "ready";
  static final String LEADS = "leads";
  static final String FAILED = NodeProcess.FAILED;

  /** Followed by the number of writers, and milliseconds to warm up and to measure. */
  static final String LOAD = "load";

  static final String CLOSE = "close";

  private static final int ORPHANED = 9;
  private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);

  private final BalsaNode node;
  private final PrintStream out;

  SqlNode(BalsaNode node, PrintStream out) {
    this.node = node;
    this.out = out;
  }

  /** Serves until it is told to close. */
  void serve() throws IOException, InterruptedException {
    Thread watcher = new Thread(this::watch, "bench-watcher");
    watcher.setDaemon(true);
    watcher.start();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals(CLOSE)) {
        return;
      }
      List<String> words = List.of(line.split(" ", -1));
      if (words.get(0).equals(LOAD)) {
        say(load(words));
      }
    }
    // Who started this process is gone.
    Runtime.getRuntime().halt(ORPHANED);
  }

  private void watch() {
    try {
      if (node.awaitReady(READY_TIMEOUT)) {
        say(READY);
      }
      if (node.awaitLeading(Duration.ofDays(1))) {
        say(LEADS);
      }
      Throwable failure = node.awaitEnd(Duration.ofDays(1)) ? node.failure() : null;
      if (failure != null) {
        say(FAILED + "the node has failed: " + failure);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String load(List<String> words) throws InterruptedException {
    try {
      return new Load(node)
          .run(
              Integer.parseInt(words.get(1)),
              Duration.ofMillis(Long.parseLong(words.get(2))),
              Duration.ofMillis(Long.parseLong(words.get(3))))
          .toLine();
    } catch (RuntimeException e) {
      return FAILED + e.getMessage();
    }
  }

  private void say(String line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }
}
