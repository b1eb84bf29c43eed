package dev.balsa.bench.sql;

import dev.balsa.bench.load.ForceDelay;
import dev.balsa.bench.load.NodeConsole;
import dev.balsa.bench.load.Seat;
import dev.balsa.fsm.BalsaException;
import dev.balsa.fsm.DatabaseStatus;
import dev.balsa.fsm.Row;
import dev.balsa.fsm.Session;
import dev.balsa.fsm.SessionOptions;
import dev.balsa.node.BalsaConfig;
import dev.balsa.node.BalsaNode;
import dev.balsa.node.NodeStartException;
import dev.balsa.node.NodeStatus;
import dev.balsa.raft.Leadership;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One node of Balsa, as an application would embed it, in a process of its own. */
public final class SqlNode {
  /** Followed by a case: makes its database. The answer is {@value #MADE}, or "lost". */
  static final String MAKE = "make";

  static final String MADE = "made";

  /** Followed by a case, milliseconds of lead-in, and measured. The answer is a report. */
  static final String LOAD = NodeConsole.LOAD;

  /**
   * Followed by microseconds since 1970, from and to. The answer is the same word with {@link
   * Activity#toWords}.
   */
  static final String ACTIVITIES = "activities";

  /** The answer is the same word with the node's commit index. */
  static final String INDEX = "index";

  /**
   * Followed by a case and an index, up to which all is to be applied. The answer is the same word
   * with: rows inserted, updates made, the database's checksum.
   */
  static final String TOTALS = "totals";

  private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);
  private static final long APPLIED_SECONDS_MAX = 60;

  private final BalsaNode node;
  private final ActivityLog activities;

  private SqlNode(BalsaNode node, ActivityLog activities) {
    this.node = node;
    this.activities = activities;
  }

  /** Runs a node, in the {@link Seat} that the arguments tell, until it is told to close. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    NodeConsole console = NodeConsole.take();
    Seat seat = Seat.parse(arguments);
    ForceDelay delay = ForceDelay.ofThisProcess();
    ActivityLog activities = ActivityLog.watching(delay);
    BalsaConfig.Builder config =
        BalsaConfig.builder().nodeId(seat.node()).dataFolder(seat.folder());
    for (int member = 1; member <= seat.ports().size(); member++) {
      String address = "127.0.0.1:" + seat.ports().get(member - 1);
      if (member == seat.node()) {
        config.listen(address);
      } else {
        config.peer(member, address);
      }
    }
    Role role = new Role(console, activities);
    try (BalsaNode node = BalsaNode.start(config.build(), role::changed, activities)) {
      NodeStatus status = node.status();
      console.settings(
          String.format(
              Locale.ROOT,
              "Balsa %s, %s; heartbeat %d ms, election timeout %d ms%s",
              status.version(),
              status.sqlite(),
              node.config().heartbeat().toMillis(),
              node.config().electionTimeout().toMillis(),
              delay.toText()));
      if (!node.awaitReady(READY_TIMEOUT)) {
        throw new IOException("not ready: " + node.failure());
      }
      watchEnd(node, console);
      console.serve(new SqlNode(node, activities)::answer);
    } catch (NodeStartException e) {
      console.failed(e);
    }
  }

  /** Tells when the node begins or ceases to lead. Called on one thread. */
  private static final class Role {
    private final NodeConsole console;
    private final ActivityLog activities;
    private boolean leads;

    Role(NodeConsole console, ActivityLog activities) {
      this.console = console;
      this.activities = activities;
    }

    void changed(Leadership leadership) {
      boolean leadsNow = leadership.established();
      if (leadsNow != leads) {
        leads = leadsNow;
        activities.happened(Activity.LEADERSHIP);
        console.role(leadsNow);
      }
    }
  }

  private static void watchEnd(BalsaNode node, NodeConsole console) {
    Thread watcher =
        new Thread(
            () -> {
              try {
                Throwable failure = node.awaitEnd(Duration.ofDays(1)) ? node.failure() : null;
                if (failure != null) {
                  console.failed(failure);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "bench-watches-node");
    watcher.setDaemon(true);
    watcher.start();
  }

  private String answer(List<String> words) throws IOException, InterruptedException {
    return switch (words.get(0)) {
      case MAKE -> make(words.get(1));
      case LOAD ->
          load(
              SqlCase.of(words.get(1)), Long.parseLong(words.get(2)), Long.parseLong(words.get(3)));
      case ACTIVITIES ->
          ACTIVITIES
              + " "
              + Activity.toWords(
                  activities.between(Long.parseLong(words.get(1)), Long.parseLong(words.get(2))));
      case INDEX -> INDEX + " " + node.status().commitIndex();
      case TOTALS -> totals(words.get(1), Long.parseLong(words.get(2)));
      default -> throw new IOException("unknown command: " + words);
    };
  }

  private String make(String database) throws InterruptedException {
    node.awaitLeading(READY_TIMEOUT);
    try (Session session = node.session(database)) {
      Schema.CREATE.forEach(session::execute);
      return MADE;
    } catch (BalsaException e) {
      return NodeConsole.LOST + " " + e.getMessage();
    }
  }

  private String load(SqlCase which, long leadInMillis, long millis) throws InterruptedException {
    // Known to lead is who may write and read: Raft tells of it a little earlier.
    node.awaitLeading(READY_TIMEOUT);
    SessionOptions options =
        which.work() == SqlCase.Work.SELECT_STALE ? SessionOptions.STALE : SessionOptions.DEFAULT;
    long sentBefore = sentBytes();
    SqlReport report =
        ThreadLoad.run(
            which,
            () -> new SessionClient(node.session(which.label(), options)),
            TimeUnit.MILLISECONDS.toNanos(leadInMillis),
            TimeUnit.MILLISECONDS.toNanos(millis));
    return report
        .withSentBytes(sentBytes() - sentBefore)
        .withGapsMoved(ActivityLog.epochMinusNanoTime())
        .toLine();
  }

  private long sentBytes() {
    return node.status().peers().stream().mapToLong(NodeStatus.PeerStatus::bytesOut).sum();
  }

  private String totals(String database, long index) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(APPLIED_SECONDS_MAX);
    while (node.status().appliedIndex() < index) {
      if (System.nanoTime() - deadline >= 0) {
        throw new IOException("index " + index + " was not applied in time");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
    long checksum =
        node.status().databases().stream()
            .filter(status -> status.name().equals(database))
            .mapToLong(DatabaseStatus::checksum)
            .findFirst()
            .orElse(0);
    try (Session session = node.session(database, SessionOptions.STALE)) {
      Row totals = session.query(Schema.TOTALS).single();
      return String.format(
          Locale.ROOT, "%s %d %d %016x", TOTALS, totals.getLong(0), totals.getLong(1), checksum);
    }
  }
}
