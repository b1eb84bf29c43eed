package dev.balsa.sqlite.vfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteStatement;
import dev.balsa.sqlite.vfs.TestDatabase.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Readers that never stop, on leader and follower, while transactions are executed ahead,
 * published, discarded and checkpointed, and the WAL begins anew: each read is one consistent
 * state, never older than what was published when it began, never newer than what was about to be.
 */
class ConcurrentReadersTest {
  private static final int ROUNDS = 150;

  @TempDir Path folder;

  /** What readers of one database may see: the number of transactions published. */
  private static final class Bounds {
    final AtomicLong atLeast = new AtomicLong();
    final AtomicLong atMost = new AtomicLong();
    volatile boolean stop;

    /** Shared by each read; taken alone, it holds readers between two reads. Fair. */
    final ReentrantReadWriteLock gate = new ReentrantReadWriteLock(true);
  }

  /** Reads until it is told to stop. */
  private static final class Reader extends Thread {
    private final Path file;
    private final Bounds bounds;
    final List<String> wrong = new ArrayList<>();
    final Semaphore reads = new Semaphore(0);

    Reader(Path file, Bounds bounds) {
      super("reader of " + file.getFileName());
      this.file = file;
      this.bounds = bounds;
      start();
    }

    @Override
    public void run() {
      try (SqliteConnection db = Readers.open(file)) {
        try (SqliteStatement read =
            db.prepare(
                "SELECT (SELECT sum(balance) FROM account), (SELECT count(*) FROM account),"
                    + " (SELECT user FROM counter)")) {
          while (!bounds.stop) {
            bounds.gate.readLock().lock();
            try {
              long low = bounds.atLeast.get();
              if (!read.step()) {
                throw new IllegalStateException("no row");
              }
              List<Object> row =
                  List.of(String.valueOf(read.column(0)), String.valueOf(read.column(1)));
              long seen = Long.parseLong(String.valueOf(read.column(2)));
              read.reset();
              long high = bounds.atMost.get();
              if (!row.equals(List.of("1000", "10")) || seen < low || seen > high) {
                wrong.add(row + ", " + seen + " not in [" + low + ", " + high + "]");
              }
            } finally {
              bounds.gate.readLock().unlock();
            }
            reads.release();
          }
        }
        String check = db.queryText("PRAGMA integrity_check");
        if (!"ok".equals(check)) {
          wrong.add(String.valueOf(check));
        }
      } catch (RuntimeException e) {
        wrong.add(e.toString());
      } finally {
        reads.release(ROUNDS);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536})
  void everyReadIsOfACommittedState(int pageSize) throws InterruptedException {
    Path source = TestDatabase.create(folder.resolve("leader.db"), Shape.of(pageSize));
    try (SqliteConnection db = TestDatabase.stranger(source)) {
      db.execute("CREATE TABLE counter(user INTEGER); INSERT INTO counter VALUES (0)");
    }
    Path target = folder.resolve("follower.db");
    TestDatabase.copy(source, target);
    Bounds ofLeader = new Bounds();
    Bounds ofFollower = new Bounds();
    try (LeaderUnderTest leader = new LeaderUnderTest(source);
        Publisher follower = Publisher.open(target)) {
      List<Reader> readers = new ArrayList<>();
      try {
        for (int i = 0; i < 2; i++) {
          readers.add(new Reader(source, ofLeader));
          readers.add(new Reader(target, ofFollower));
        }
        new Driver(leader, follower, ofLeader, ofFollower, pageSize).run(readers);
      } finally {
        ofLeader.stop = true;
        ofFollower.stop = true;
        for (Reader reader : readers) {
          reader.join(TimeUnit.SECONDS.toMillis(60));
        }
      }
      assertThat(readers).allSatisfy(reader -> assertThat(reader.wrong).isEmpty());
      assertThat(TestDatabase.image(target)).isEqualTo(TestDatabase.image(source));
    }
  }

  /** Drives leader and follower for some rounds. */
  private static final class Driver {
    private final LeaderUnderTest leader;
    private final Publisher follower;
    private final FrameApplier applier;
    private final Bounds ofLeader;
    private final Bounds ofFollower;
    private final SplittableRandom random;
    private long executed;
    private long published;

    Driver(
        LeaderUnderTest leader, Publisher follower, Bounds ofLeader, Bounds ofFollower, long seed) {
      this.leader = leader;
      this.follower = follower;
      this.applier = new FrameApplier(follower);
      this.ofLeader = ofLeader;
      this.ofFollower = ofFollower;
      this.random = new SplittableRandom(seed);
      leader.settings("PRAGMA cache_size=20");
    }

    void run(List<Reader> readers) throws InterruptedException {
      awaitReads(readers); // to open, they read outside of the gate
      for (int round = 0; round < ROUNDS; round++) {
        int transactions = random.nextInt(5);
        for (int i = 0; i < transactions; i++) {
          execute();
        }
        switch (random.nextInt(10)) {
          case 0, 1 -> {
            leader.discard();
            executed = published;
          }
          case 2 -> {
            leader.publisher.checkpoint();
            follower.checkpoint();
          }
          case 3 -> {
            publish();
            // Done only if no reader happens to need the WAL.
            leader.restartWal();
            follower.restartWal(TestDatabase.KEPT);
          }
          default -> publish();
        }
        if (round % 50 == 0) {
          restartBetweenReads();
          awaitReads(readers);
        }
      }
      publish();
      awaitReads(readers);
    }

    private void execute() {
      List<String> transfer = new ArrayList<>(RandomTransactions.transfer(random));
      transfer.add(1, "UPDATE counter SET user=user+1");
      if (random.nextInt(8) == 0) {
        transfer.add(2, "DELETE FROM t WHERE id%3=0");
      }
      leader.run(transfer);
      executed++;
      if (random.nextInt(20) == 0) {
        leader.run("VACUUM");
      }
    }

    private void publish() {
      ofLeader.atMost.set(executed);
      ofFollower.atMost.set(executed);
      List<CapturedTransaction> transactions = leader.publish();
      ofLeader.atLeast.set(executed);
      for (CapturedTransaction transaction : transactions) {
        applier.apply(transaction.pages(), transaction.databasePages());
      }
      ofFollower.atLeast.set(executed);
      published = executed;
    }

    private void restartBetweenReads() {
      ofLeader.gate.writeLock().lock();
      ofFollower.gate.writeLock().lock();
      try {
        publish();
        assertThat(leader.restartWal()).isTrue();
        assertThat(follower.restartWal(TestDatabase.KEPT)).isTrue();
      } finally {
        ofFollower.gate.writeLock().unlock();
        ofLeader.gate.writeLock().unlock();
      }
    }

    /** Waits until each reader has read once more. */
    private static void awaitReads(List<Reader> readers) throws InterruptedException {
      for (Reader reader : readers) {
        reader.reads.drainPermits();
        assertThat(reader.isAlive()).as(reader.wrong.toString()).isTrue();
        assertThat(reader.reads.tryAcquire(60, TimeUnit.SECONDS)).as("waiting for a read").isTrue();
      }
    }
  }
}
