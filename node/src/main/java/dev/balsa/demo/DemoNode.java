package dev.balsa.demo;

import dev.balsa.node.BalsaConfig;
import dev.balsa.node.BalsaNode;
import dev.balsa.node.DataFolder;
import dev.balsa.node.NodeStartException;
import dev.balsa.node.NodeStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node of the demo, in a process of its own.
 *
 * <p>It reports on its standard output. On its standard input it takes {@value #FINISH} (the
 * application stops, the node goes on) and {@value #CLOSE} (everything is closed, the process ends
 * with exit code 0). When the input ends without that, the supervisor is gone: the process halts.
 */
public final class DemoNode {
  /** The hidden subcommand that runs this. */
  public static final String COMMAND = "demo-node";

  static final String DATABASE = "demo";
  static final String TABLE = "entries";
  static final String FINISH = "finish";
  static final String CLOSE = "close";
  static final String FAILED = "failed ";

  /** Exit code of a node whose supervisor has gone. */
  static final int ORPHANED = 9;

  /** Exit code of a node that has failed by itself. */
  static final int NODE_FAILED = 20;

  private static final Logger log = LoggerFactory.getLogger(DemoNode.class);
  private static final long REPORT_MILLIS = 200;

  private final BalsaNode node;
  private final RowWriter application;
  private final Thread applicationThread;
  private final Path database;
  private final PrintStream out;
  private final ScheduledExecutorService reporter =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "demo-reporter");
            thread.setDaemon(true);
            return thread;
          });

  private DemoNode(Options options, PrintStream out) {
    this.out = out;
    this.database = new DataFolder(options.dataFolder()).database(DATABASE);
    this.node = BalsaNode.start(options.config(), leadership -> reportSoon());
    this.application =
        new RowWriter(
            node, options.boot(), options.seed(), options.folder().resolve("acknowledged"));
    this.applicationThread = new Thread(application, "demo-application");
    applicationThread.setDaemon(true);
  }

  /**
   * What the supervisor says on the command line.
   *
   * @param id the node
   * @param boot how often it has been started, from 1
   * @param seed of the application's randomness
   * @param folder the demo's
   * @param listen the node's address
   * @param peers the others' addresses
   */
  public record Options(
      long id, long boot, long seed, Path folder, String listen, Map<Long, String> peers) {
    Path dataFolder() {
      return folder.resolve("node" + id);
    }

    BalsaConfig config() {
      BalsaConfig.Builder builder =
          BalsaConfig.builder().nodeId(id).dataFolder(dataFolder()).listen(listen);
      peers.forEach(builder::peer);
      return builder.build();
    }
  }

  /**
   * Runs a node until the supervisor ends it.
   *
   * @param out takes the reports and nothing else
   * @return the process's exit code
   */
  public static int run(Options options, PrintStream out) throws IOException {
    DemoNode running;
    try {
      running = new DemoNode(options, out);
    } catch (NodeStartException e) {
      log.error("cannot start", e);
      out.println(FAILED + e.getMessage());
      out.flush();
      return e.failure().exitCode();
    }
    return running.serve();
  }

  private int serve() throws IOException {
    applicationThread.setUncaughtExceptionHandler(
        (thread, thrown) -> {
          log.error("the application has failed", thrown);
          say(FAILED + "its application has failed: " + thrown);
        });
    applicationThread.start();
    ScheduledFuture<?> reports =
        reporter.scheduleAtFixedRate(this::report, 0, REPORT_MILLIS, TimeUnit.MILLISECONDS);
    Thread watcher = new Thread(this::watch, "demo-watcher");
    watcher.setDaemon(true);
    watcher.start();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals(FINISH)) {
        application.finish();
      } else if (line.equals(CLOSE)) {
        reports.cancel(false);
        close();
        return 0;
      }
    }
    // Nobody is left to tell anything; a clean end could take long and is of no use.
    Runtime.getRuntime().halt(ORPHANED);
    return ORPHANED;
  }

  /** A node that fails by itself ends the process, so that the supervisor sees it. */
  private void watch() {
    try {
      while (!node.awaitEnd(Duration.ofDays(1))) {
        log.info("still running");
      }
      Throwable failure = node.failure();
      if (failure != null) {
        say(FAILED + "the node has failed: " + failure);
        Runtime.getRuntime().halt(NODE_FAILED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void close() {
    application.finish();
    try {
      applicationThread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    node.close();
  }

  /** A change of role is told at once. */
  private void reportSoon() {
    reporter.execute(this::report);
  }

  private void report() {
    try {
      reportNow();
    } catch (RuntimeException e) {
      log.warn("cannot report", e); // and try again: a scheduled task that throws ends
    }
  }

  private void reportNow() {
    NodeStatus status = node.status();
    say(
        new NodeReport(
                status.ready(),
                application.finished(),
                status.role(),
                status.term(),
                status.commitIndex(),
                status.appliedIndex(),
                status.lastIndex(),
                application.rows(),
                application.transactions(),
                application.unknown(),
                size(database) + size(database.resolveSibling(database.getFileName() + "-wal")),
                status.logBytes())
            .toLine());
  }

  private static long size(Path file) {
    return file.toFile().length();
  }

  private void say(String line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }
}
