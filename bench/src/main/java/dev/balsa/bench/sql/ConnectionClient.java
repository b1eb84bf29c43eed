package dev.balsa.bench.sql;

import dev.balsa.bench.load.ForceDelay;
import dev.balsa.raft.Invariant;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteStatement;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Plain SQLite: a connection, with its statements prepared. Several clients may share one, each for
 * the whole of an operation.
 */
final class ConnectionClient implements Client {
  private final Shared shared;
  private final Runnable close;

  ConnectionClient(Shared shared, Runnable close) {
    this.shared = shared;
    this.close = close;
  }

  /** A connection, its statements, and the lock that whoever uses them holds. */
  static final class Shared implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final SqliteConnection connection;
    private final ForceDelay delay;
    private final SqliteStatement begin;
    private final SqliteStatement commit;
    private final SqliteStatement insert;
    private final SqliteStatement select;
    private final SqliteStatement update;

    /**
     * Prepares the statements.
     *
     * @param delay how much longer the force of each commit takes, with the lock held
     */
    Shared(SqliteConnection connection, ForceDelay delay) {
      this.connection = connection;
      this.delay = delay;
      begin = connection.prepare("BEGIN IMMEDIATE");
      commit = connection.prepare("COMMIT");
      insert = connection.prepare(Schema.INSERT);
      select = connection.prepare(Schema.SELECT);
      update = connection.prepare(Schema.UPDATE);
    }

    private void insert(int writer, String text) {
      insert.bindLong(1, writer);
      insert.bindText(2, text);
      run(insert);
    }

    private long select(int item) {
      select.bindLong(1, item);
      Invariant.check(select.step(), "item %d is missing", item);
      long sold = select.columnLong(0);
      Invariant.check(select.columnText(1) != null, "item %d has no text", item);
      select.reset();
      return sold;
    }

    private void commit() {
      run(commit);
      delay.await();
    }

    private static void run(SqliteStatement statement) {
      try {
        Invariant.check(!statement.step(), "a row of %s", statement);
      } finally {
        statement.reset();
      }
    }

    @Override
    public void close() {
      begin.close();
      commit.close();
      insert.close();
      select.close();
      update.close();
      connection.close();
    }
  }

  @Override
  public void insert(int writer, String text) {
    shared.lock.lock();
    try {
      shared.insert(writer, text);
      shared.delay.await();
    } finally {
      shared.lock.unlock();
    }
  }

  @Override
  public void transaction(int writer, String text, int item) {
    shared.lock.lock();
    try {
      Shared.run(shared.begin);
      long sold = shared.select(item);
      shared.insert(writer, text);
      shared.update.bindLong(1, sold + 1);
      shared.update.bindLong(2, item);
      Shared.run(shared.update);
      shared.commit();
    } finally {
      shared.lock.unlock();
    }
  }

  @Override
  public void bulk(int writer, Draw draw) {
    shared.lock.lock();
    try {
      Shared.run(shared.begin);
      for (int i = 0; i < SqlCase.BULK_ROWS; i++) {
        shared.insert(writer, draw.text());
      }
      shared.commit();
    } finally {
      shared.lock.unlock();
    }
  }

  @Override
  public void select(int item) {
    shared.lock.lock();
    try {
      shared.select(item);
    } finally {
      shared.lock.unlock();
    }
  }

  @Override
  public void close() {
    close.run();
  }
}
