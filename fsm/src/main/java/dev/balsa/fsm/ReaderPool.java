package dev.balsa.fsm;

import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.vfs.Readers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections to a database's committed view. Each runs one statement at a time; those that nobody
 * uses are kept for the next, each where the thread that used it last looks first: so a thread
 * mostly has one of its own, whose memory its processor has at hand. Thread-safe.
 *
 * <p>A connection stays in its place while it is used, and belongs to whoever has {@linkplain
 * Reader#take taken} it: he alone uses, moves or closes it. So a query writes nothing that another
 * processor's queries write or read, which would cost as much as all else here.
 *
 * <p>Each also keeps the state that it has read, as long as there is no other: {@link
 * KeptSnapshot}.
 */
final class ReaderPool {
  private static final Logger log = LoggerFactory.getLogger(ReaderPool.class);

  /** As many are kept; a power of two. */
  private static final int PLACES = 16;

  private static final int NOWHERE = -1;
  private static final long LOOK_AGAIN_NANOS = 1_000_000;

  private final Path file;
  private final SqlSurface sql;
  private final LongSupplier published;

  /** How often all connections were told to let go of what they have read. */
  private final AtomicLong lettings = new AtomicLong();

  /** Only who has taken a connection puts it here, or takes it away. */
  private final AtomicReferenceArray<@Nullable Reader> places = new AtomicReferenceArray<>(PLACES);

  /** All that are open, but for those of snapshots. */
  private final Set<Reader> readers = ConcurrentHashMap.newKeySet();

  /** Guarded by this object. */
  private final Set<Snapshot> snapshots = new HashSet<>();

  private volatile @Nullable Supplier<? extends BalsaException> closed;

  /**
   * Connections to a database; none is open yet.
   *
   * @param published changes whenever readers see another state, before anybody is told of that;
   *     never decreases
   */
  ReaderPool(Path file, SqlSurface sql, LongSupplier published) {
    this.file = file;
    this.sql = sql;
    this.published = published;
  }

  /** A number that changes with what readers see, and when they are to let go of that. */
  private long state() {
    return published.getAsLong() + lettings.get(); // neither of them decreases
  }

  private final class Reader implements AutoCloseable {
    /** Further from either end than what processors take from one another at a time. */
    private static final int TAKEN = 32;

    private final SqliteConnection connection;
    private final SqlGuard guard = new SqlGuard(false);
    private final KeptSnapshot kept;
    private final StatementCache statements;

    /** 1 while somebody has it: in the middle of memory that nothing else is in. */
    private final AtomicIntegerArray taken = new AtomicIntegerArray(2 * TAKEN);

    /** Where it is kept, for who has it. */
    private int place = NOWHERE;

    /** One that the caller has. */
    Reader(boolean forSnapshot) {
      connection = Readers.open(file);
      kept = new KeptSnapshot(connection, guard, ReaderPool.this::state);
      statements =
          forSnapshot
              ? new StatementCache(connection, guard, sql)
              : new StatementCache(connection, guard, sql, kept);
      connection.authorizer(guard);
      taken.set(TAKEN, 1);
    }

    /** Whether it is the caller's from now on, until {@link #giveBack}. */
    boolean take() {
      return taken.get(TAKEN) == 0 && taken.compareAndSet(TAKEN, 0, 1);
    }

    void giveBack() {
      taken.set(TAKEN, 0); // before what follows
    }

    Rows query(Duration timeout, String sql, @Nullable Object... parameters) {
      return statements.run(timeout, sql, parameters).rows();
    }

    @Override
    public void close() {
      statements.close();
      kept.close();
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
    Snapshot snapshot = new Snapshot(new Reader(true));
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
    } catch (SqliteException | IllegalArgumentException e) {
      keep = letsGo(reader);
      throw e;
    } finally {
      giveBack(reader, keep);
    }
  }

  private Reader borrow() {
    requireOpen();
    Reader reader = takeKept();
    if (reader == null) {
      reader = new Reader(false);
      readers.add(reader);
    }
    // Whoever closes the pool says so, and then takes what he finds: one of the two sees the other.
    Supplier<? extends BalsaException> why = closed;
    if (why != null) {
      close(reader);
      throw why.get();
    }
    return reader;
  }

  private void giveBack(Reader reader, boolean good) {
    if (good && (reader.place == ownPlace() || keep(reader))) {
      boolean kept = reader.kept.isKept();
      long state = reader.kept.latest();
      reader.giveBack();
      // Whoever has all let go says so, and then takes what he finds: one of the two sees the
      // other.
      if (kept && state != state()) {
        letGo(reader);
      }
    } else {
      close(reader);
    }
  }

  /**
   * No connection that is not in use keeps what it has read when this returns, and those in use do
   * not once they are given back; {@link #snapshot}s stay. Needed before whatever readers hold up.
   */
  void letGo() {
    lettings.incrementAndGet();
    readers.forEach(this::letGo);
  }

  private void letGo(Reader reader) {
    if (!reader.take()) {
      return; // who has it sees to it
    }
    if (letsGo(reader)) {
      reader.giveBack();
    } else {
      close(reader);
    }
  }

  /** False if it cannot, since it was interrupted: it is to be closed, which is the same. */
  private boolean letsGo(Reader reader) {
    try {
      reader.kept.letGo();
      return true;
    } catch (SqliteException e) {
      log.debug("{}: a reader is closed", file, e);
      return false;
    }
  }

  /** Closes a connection that the caller has. It stays taken for ever. */
  private void close(Reader reader) {
    if (reader.place != NOWHERE) {
      places.set(reader.place, null);
    }
    try {
      reader.close();
    } finally {
      readers.remove(reader); // not before: who closes the pool waits for it
    }
  }

  private static int ownPlace() {
    return (int) Thread.currentThread().getId() & (PLACES - 1);
  }

  private @Nullable Reader takeKept() {
    int own = ownPlace();
    for (int i = 0; i < PLACES; i++) {
      Reader reader = places.get((own + i) & (PLACES - 1));
      if (reader != null && reader.take()) {
        return reader;
      }
    }
    return null;
  }

  /** Puts a connection that the caller has where he looks first; false if there is no place. */
  private boolean keep(Reader reader) {
    int own = ownPlace();
    int before = reader.place;
    int tries = before == NOWHERE ? PLACES : 1; // else it may as well stay where it is
    for (int i = 0; i < tries; i++) {
      int place = (own + i) & (PLACES - 1);
      if (places.get(place) == null && places.compareAndSet(place, null, reader)) {
        reader.place = place;
        if (before != NOWHERE) {
          places.set(before, null);
        }
        return true;
      }
    }
    return before != NOWHERE;
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
    while (!closeReaders()) {
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      interrupted |= Thread.interrupted();
    }
    endSnapshots(why);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes those that nobody has, and interrupts what runs on the others. */
  private boolean closeReaders() {
    boolean all = true;
    for (Reader reader : readers) {
      if (reader.take()) {
        close(reader);
      } else {
        reader.connection.interrupt();
        all = false;
      }
    }
    return all;
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
