package dev.balsa.jepsen;

import dev.balsa.jepsen.Attempt.Result;
import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.cluster.Ending;
import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.db.Transaction;
import dev.balsa.jepsen.db.Transaction.Statement;
import dev.balsa.jepsen.sut.SutClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that insert rows as fast as they are acknowledged, each pinned to a node: also to one
 * that does not lead, is cut off, or is down. Nothing is tried a second time.
 *
 * <p>What is inserted differs on each execution ({@code random()}), so that replicas can be the
 * same only if results, not statements, are replicated.
 */
final class Load implements AutoCloseable {
  static final String TABLE = "entries";
  private static final int ROWS_MAX = 5;
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** A client that was refused asks again after this. */
  private static final long REFUSED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final long ROWS_OF_A_CLIENT = 1_000_000_000L;

  private final Ledger ledger;
  private final List<Thread> threads = new ArrayList<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private volatile boolean stopping;

  private Load(Ledger ledger) {
    this.ledger = ledger;
  }

  /** Makes the table, on the leader. */
  static void makeTable(Cluster cluster, long leader) {
    try (SutClient client = cluster.client(leader)) {
      Outcome outcome =
          client.run(
              Transaction.write(
                  Duration.ofSeconds(30),
                  List.of(
                      Statement.of(
                          "CREATE TABLE IF NOT EXISTS "
                              + TABLE
                              + "(id INTEGER NOT NULL, noise INTEGER NOT NULL DEFAULT (random()),"
                              + " at TEXT NOT NULL, word BLOB NOT NULL)"))));
      if (!(outcome instanceof Outcome.Ok)) {
        throw new IllegalStateException("the table cannot be made: " + outcome);
      }
    }
  }

  /**
   * Starts the clients.
   *
   * @param clientsPerNode how many are pinned to each node
   * @param seed of the transactions' sizes
   */
  static Load start(Cluster cluster, Ledger ledger, int clientsPerNode, long seed) {
    Load load = new Load(ledger);
    int number = 0;
    for (long node : cluster.nodes()) {
      for (int i = 0; i < clientsPerNode; i++) {
        number++;
        long firstRow = number * ROWS_OF_A_CLIENT;
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
        SutClient client = cluster.client(node);
        Thread thread =
            new Thread(() -> load.write(node, client, firstRow, random), "load-node" + node);
        load.threads.add(thread);
        thread.setUncaughtExceptionHandler(
            (dead, thrown) -> load.problems.add(dead.getName() + ": " + thrown));
        thread.setDaemon(true);
        thread.start();
      }
    }
    return load;
  }

  private void write(long node, SutClient client, long firstRow, SplittableRandom random) {
    long row = firstRow;
    try (client) {
      while (!stopping) {
        List<Long> rows = new ArrayList<>();
        for (int i = 1 + random.nextInt(ROWS_MAX); i > 0; i--) {
          rows.add(row++);
        }
        Attempt attempt = attempt(node, client, rows);
        ledger.add(attempt);
        if (!attempt.isAcknowledged()) {
          LockSupport.parkNanos(REFUSED_NANOS);
        }
      }
    }
  }

  private static Attempt attempt(long node, SutClient client, List<Long> rows) {
    Transaction transaction =
        Transaction.write(
            TIMEOUT,
            rows.stream()
                .map(
                    id ->
                        Statement.of(
                            "INSERT INTO "
                                + TABLE
                                + "(id, at, word) VALUES (?, datetime('now'), randomblob(8))",
                            id))
                .toList());
    long invoked = System.nanoTime();
    Outcome outcome = client.run(transaction);
    long completed = System.nanoTime();
    if (outcome instanceof Outcome.Ok) {
      return new Attempt(node, rows, invoked, completed, Result.ACKNOWLEDGED, "");
    } else if (outcome instanceof Outcome.Failed failed) {
      String why = failed.reason() + ": " + failed.message();
      return new Attempt(node, rows, invoked, completed, Result.NOT_APPLIED, why);
    }
    String why = ((Outcome.Unknown) outcome).message();
    return new Attempt(node, rows, invoked, completed, Result.UNKNOWN, why);
  }

  /** Clients that have ended by a defect of their own: their part of the load is missing. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** Lets each client end the transaction that it is in. */
  @Override
  public void close() {
    stopping = true;
    for (Thread thread : threads) {
      if (!Ending.of(thread, Duration.ofSeconds(30))) {
        throw new IllegalStateException(thread.getName() + " does not end");
      }
    }
  }
}
