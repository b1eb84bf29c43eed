package dev.balsa.jepsen.sut;

import dev.balsa.node.BalsaNode;
import dev.balsa.node.NodeStartException;
import dev.balsa.raft.Clock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of one node: an application that embeds it, configured as a user would, and serves
 * the harness.
 *
 * <p>On its standard output it says {@value #SERVING} and the port of its {@link SutServer}, and
 * {@value #FAILED} with a sentence when its node does not start or fails. On its standard input it
 * takes {@value #CLOSE}: everything is closed, and the process ends with exit code 0. When the
 * input ends without that, the harness is gone: the process halts.
 */
public final class SutNode {
  /** The database that everything happens in. */
  public static final String DATABASE = SutServer.DATABASE;

  /** Followed by the port. */
  public static final String SERVING = "serving ";

  /** Followed by a sentence. */
  public static final String FAILED = "failed ";

  /** Asks for an orderly end. */
  public static final String CLOSE = "close";

  /** Exit code of a process whose harness is gone. */
  public static final int ORPHANED = 9;

  /** Exit code of a process whose node has failed while it ran. */
  public static final int NODE_FAILED = 20;

  private static final Logger log = LoggerFactory.getLogger(SutNode.class);
  private static final Duration LOOK_AGAIN = Duration.ofHours(1);

  private SutNode() {}

  /** Runs a node until the harness ends it. */
  public static void main(String[] arguments) throws IOException {
    System.exit(run(SutOptions.parse(arguments), System.out));
  }

  private static int run(SutOptions options, PrintStream out) throws IOException {
    SkewedClock clock = new SkewedClock(Clock.system());
    try (BalsaNode node = BalsaNode.start(options.config(clock));
        SutServer server = SutServer.start(node, clock, options.host())) {
      watch(node, out);
      say(out, SERVING + server.port());
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.equals(CLOSE)) {
          return 0;
        }
      }
    } catch (NodeStartException e) {
      say(out, FAILED + e.getMessage());
      return e.failure().exitCode();
    }
    // Nobody is left who would care for an orderly end.
    Runtime.getRuntime().halt(ORPHANED);
    return ORPHANED;
  }

  /** A node that fails by itself ends the process, so that the harness sees it. */
  private static void watch(BalsaNode node, PrintStream out) {
    Thread watcher =
        new Thread(
            () -> {
              try {
                while (!node.awaitEnd(LOOK_AGAIN)) {
                  log.debug("still running");
                }
                Throwable failure = node.failure();
                if (failure != null) {
                  say(out, FAILED + "the node has failed: " + failure);
                  Runtime.getRuntime().halt(NODE_FAILED);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "sut-watcher");
    watcher.setDaemon(true);
    watcher.start();
  }

  private static void say(PrintStream out, String line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }
}
