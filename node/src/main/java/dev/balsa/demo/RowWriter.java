package dev.balsa.demo;

import dev.balsa.fsm.BalsaException;
import dev.balsa.fsm.OutcomeUnknownException;
import dev.balsa.fsm.Session;
import dev.balsa.node.BalsaNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The demo's application: while its node leads it inserts rows, in transactions of one to ten, as
 * fast as they are acknowledged. A transaction that is not acknowledged is not tried again; its row
 * ids are never used by another.
 */
final class RowWriter implements Runnable {
  private static final int ROWS_MAX = 10;

  /** How long a refused application waits before it asks again. */
  private static final Duration REFUSED = Duration.ofMillis(20);

  private final BalsaNode node;
  private final long boot;
  private final Path acknowledgements;
  private final SplittableRandom random;
  private volatile boolean finishing;
  private volatile boolean finished;
  private final AtomicLong rows = new AtomicLong();
  private final AtomicLong transactions = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private long counter;

  RowWriter(BalsaNode node, long boot, long seed, Path acknowledgements) {
    this.node = node;
    this.boot = boot;
    this.acknowledgements = acknowledgements;
    this.random = new SplittableRandom(seed * 31 + node.config().nodeId() * 1_000_003 + boot);
  }

  /** Asks it to stop after the transaction that it is in. */
  void finish() {
    finishing = true;
  }

  boolean finished() {
    return finished;
  }

  long rows() {
    return rows.get();
  }

  long transactions() {
    return transactions.get();
  }

  long unknown() {
    return unknown.get();
  }

  @Override
  public void run() {
    long id = node.config().nodeId();
    try (AcknowledgementLog log = AcknowledgementLog.create(acknowledgements, id, boot)) {
      while (!finishing) {
        if (node.awaitLeading(Duration.ofMillis(100))) {
          lead(log);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      finished = true;
    }
  }

  /** Writes until refused. */
  private void lead(AcknowledgementLog log) throws IOException, InterruptedException {
    try (Session session = node.session(DemoNode.DATABASE)) {
      session.execute(
          "CREATE TABLE IF NOT EXISTS "
              + DemoNode.TABLE
              + "(id INTEGER NOT NULL, noise INTEGER NOT NULL DEFAULT (random()),"
              + " at TEXT NOT NULL, word BLOB NOT NULL)");
      while (!finishing) {
        insert(session, log);
      }
    } catch (OutcomeUnknownException e) {
      unknown.incrementAndGet();
    } catch (BalsaException e) {
      // Leadership has gone, or is on its way.
      pause();
    }
  }

  private void insert(Session session, AcknowledgementLog log) throws IOException {
    List<Long> ids = new ArrayList<>();
    for (int left = 1 + random.nextInt(ROWS_MAX); left > 0; left--) {
      ids.add(RowId.of(node.config().nodeId(), boot, counter++));
    }
    session.transaction(
        open -> {
          for (long id : ids) {
            open.execute(
                "INSERT INTO "
                    + DemoNode.TABLE
                    + "(id, at, word) VALUES (?, datetime('now'), randomblob(8))",
                id);
          }
          return ids.size();
        });
    log.append(new Acknowledgement(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()), ids));
    rows.addAndGet(ids.size());
    transactions.incrementAndGet();
  }

  private void pause() throws InterruptedException {
    LockSupport.parkNanos(REFUSED.toNanos());
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }
}
