package dev.balsa.fsm;

import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.vfs.Readers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Connections to a database's committed view. Each runs one statement at a time; idle ones are kept
 * for the next, each where the thread that used it last looks first: so a thread mostly has one of
 * its own, whose memory its processor has at hand. Thread-safe.
 */
final class ReaderPool {
  /** As many idle ones are kept; a power of two. */
  private static final int PLACES = 16;

  private static final long LOOK_AGAIN_NANOS = 1_000_000;

  private final Path file;
  private final SqlSurface sql;
  private final AtomicReferenceArray<@Nullable Reader> idle = new AtomicReferenceArray<>(PLACES);

  /** All that are open, but for those of snapshots. Whoever takes one from here closes it. */
  private final Set<Reader> readers = ConcurrentHashMap.newKeySet();

  /** Guarded by this object. */
  private final Set<Snapshot> snapshots = new HashSet<>();

  private volatile @Nullable Supplier<? extends BalsaException> closed;

  ReaderPool(Path file, SqlSurface sql) {
    this.file = file;
    this.sql = sql;
  }

  private static final class Reader implements AutoCloseable {
    private final SqliteConnection connection;
    private final SqlGuard guard = new SqlGuard(false);
    private final StatementCache statements;

    /** Somebody uses it, or is about to find out that he may not any more. */
    private volatile boolean busy;

    Reader(Path file, SqlSurface sql, boolean forSnapshot) {
      connection = Readers.open(file);
      statements = new StatementCache(connection, guard, sql, forSnapshot);
      connection.authorizer(guard);
    }

    Rows query(Duration timeout, String sql, @Nullable Object... parameters) {
      return statements.run(timeout, sql, parameters).rows();
    }

    @Override
    public void close() {
      statements.close();
      connection.close();
    }
  }

  /** One state of the committed view, for as long as it is held. */
  final class Snapshot {
    private final Reader reader;
    private final long takenNanos = System.nanoTime();
    private @Nullable Supplier<? extends BalsaException> ended;

    private Snapshot(Reader reader) {
      this.reader = reader;
    }

    /** Takes the state of this moment; the one before is let go. */
    private void take() {
      reader.guard.engine();
      if (!reader.connection.autocommit()) {
        reader.connection.execute("ROLLBACK");
      }
      reader.connection.execute("BEGIN");
      reader.connection.queryLong("SELECT count(*) FROM sqlite_schema"); // only this takes it
    }

    /** Runs a statement that reads. */
    synchronized Rows query(Duration timeout, String sql, @Nullable Object... parameters) {
      if (ended != null) {
        throw ended.get();
      }
      return reader.query(timeout, sql, parameters);
    }

    /** Lets go of it. */
    void end() {
      end(() -> new BalsaException("the transaction has ended"));
    }

    private void end(Supplier<? extends BalsaException> why) {
      synchronized (ReaderPool.this) {
        snapshots.remove(this);
      }
      close(why);
    }

    private synchronized void close(Supplier<? extends BalsaException> why) {
      if (ended == null) {
        ended = why;
        reader.close();
      }
    }
  }

  /** Takes the present state. It is let go when the pool is closed, at the latest. */
  Snapshot snapshot() {
    Snapshot snapshot = new Snapshot(new Reader(file, sql, true));
    boolean taken = false;
    try {
      snapshot.take();
      synchronized (this) {
        requireOpen();
        snapshots.add(snapshot);
      }
      taken = true;
      return snapshot;
    } finally {
      if (!taken) {
        snapshot.close(() -> new BalsaException("it could not be taken"));
      }
    }
  }

  /** Runs a statement that reads. */
  Rows query(Duration timeout, String sql, @Nullable Object... parameters) {
    Reader reader = borrow();
    boolean keep = false;
    try {
      Rows rows = reader.query(timeout, sql, parameters);
      keep = true;
      return rows;
    } catch (dev.balsa.sqlite.SqliteException | IllegalArgumentException e) {
      keep = true;
      throw e;
    } finally {
      giveBack(reader, keep);
    }
  }

  private Reader borrow() {
    requireOpen();
    Reader reader = takeIdle();
    if (reader == null) {
      reader = new Reader(file, sql, false);
      reader.busy = true;
      readers.add(reader);
    } else {
      reader.busy = true;
    }
    // Whoever closes the pool says so, and then looks who is busy: one of the two sees the other.
    Supplier<? extends BalsaException> why = closed;
    if (why != null) {
      giveBack(reader, false);
      throw why.get();
    }
    return reader;
  }

  private void giveBack(Reader reader, boolean keep) {
    reader.busy = false;
    if (!keep || closed != null || !putIdle(reader)) {
      close(reader);
    }
  }

  /** Closes a connection that nobody uses, unless somebody else does so. */
  private void close(Reader reader) {
    if (readers.remove(reader)) {
      reader.close();
    }
  }

  private static int ownPlace() {
    return (int) Thread.currentThread().getId() & (PLACES - 1);
  }

  private @Nullable Reader takeIdle() {
    int own = ownPlace();
    for (int i = 0; i < PLACES; i++) {
      int place = (own + i) & (PLACES - 1);
      if (idle.get(place) != null) {
        Reader reader = idle.getAndSet(place, null);
        if (reader != null) {
          return reader;
        }
      }
    }
    return null;
  }

  private boolean putIdle(Reader reader) {
    int own = ownPlace();
    for (int i = 0; i < PLACES; i++) {
      if (idle.compareAndSet((own + i) & (PLACES - 1), null, reader)) {
        return true;
      }
    }
    return false;
  }

  private void requireOpen() {
    Supplier<? extends BalsaException> why = closed;
    if (why != null) {
      throw why.get();
    }
  }

  /** Ends transactions that have read one state for longer than that. */
  void endOlderThan(Duration age) {
    List<Snapshot> old;
    synchronized (this) {
      long now = System.nanoTime();
      old = snapshots.stream().filter(each -> now - each.takenNanos > age.toNanos()).toList();
    }
    for (Snapshot snapshot : old) {
      snapshot.reader.connection.interrupt();
      snapshot.end(() -> new SnapshotTooOldException(age));
    }
  }

  /**
   * Interrupts statements that run, waits for them, and closes all connections.
   *
   * @param why told to whoever still comes
   */
  void close(Supplier<? extends BalsaException> why) {
    boolean interrupted = false;
    synchronized (this) {
      closed = why;
    }
    while (interruptBusy()) {
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      interrupted |= Thread.interrupted();
    }
    readers.forEach(this::close);
    endSnapshots(why);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Interrupts statements that run; false if none does, nor will. */
  private boolean interruptBusy() {
    boolean any = false;
    for (Reader reader : readers) {
      if (reader.busy) {
        reader.connection.interrupt();
        any = true;
      }
    }
    return any;
  }

  private void endSnapshots(Supplier<? extends BalsaException> why) {
    List<Snapshot> held;
    synchronized (this) {
      held = List.copyOf(snapshots);
    }
    for (Snapshot snapshot : held) {
      snapshot.reader.connection.interrupt();
      snapshot.end(why);
    }
  }
}
