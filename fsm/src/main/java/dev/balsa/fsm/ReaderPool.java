package dev.balsa.fsm;

import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.vfs.Readers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Connections to a database's committed view. Each runs one statement at a time; idle ones are kept
 * for the next. Thread-safe.
 */
final class ReaderPool {
  private static final int IDLE_MAX = 16;

  private final Path file;
  private final SqlSurface sql;
  private final ArrayDeque<Reader> idle = new ArrayDeque<>();
  private final Set<Reader> busy = new HashSet<>();
  private final Set<Snapshot> snapshots = new HashSet<>();
  private @Nullable Supplier<? extends BalsaException> closed;

  ReaderPool(Path file, SqlSurface sql) {
    this.file = file;
    this.sql = sql;
  }

  private static final class Reader implements AutoCloseable {
    private final SqliteConnection connection;
    private final SqlGuard guard = new SqlGuard(false);
    private final StatementCache statements;

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
        ReaderPool.this.notifyAll();
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
    synchronized (this) {
      requireOpen();
      Reader reader = idle.pollFirst();
      if (reader != null) {
        busy.add(reader);
        return reader;
      }
    }
    Reader reader = new Reader(file, sql, false);
    synchronized (this) {
      if (closed == null) {
        busy.add(reader);
        return reader;
      }
    }
    reader.close();
    throw closed.get();
  }

  private void giveBack(Reader reader, boolean keep) {
    boolean close;
    synchronized (this) {
      busy.remove(reader);
      close = closed != null || !keep || idle.size() >= IDLE_MAX;
      if (!close) {
        idle.addFirst(reader);
      }
      notifyAll();
    }
    if (close) {
      reader.close();
    }
  }

  private void requireOpen() {
    if (closed != null) {
      throw closed.get();
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
      while (!busy.isEmpty()) {
        busy.forEach(reader -> reader.connection.interrupt());
        try {
          wait(10);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    idle.forEach(Reader::close);
    idle.clear();
    endSnapshots(why);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
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
