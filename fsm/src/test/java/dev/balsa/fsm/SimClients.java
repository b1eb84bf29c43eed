package dev.balsa.fsm;

import dev.balsa.sqlite.SqliteException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Clients that transfer money, append to lists, change the schema and read, each with one operation
 * after the other, on whichever node it takes for the leader. Every transaction that writes has a
 * row in a table that numbers them in their order: so the database itself tells where each stands.
 */
final class SimClients {
  static final int ACCOUNTS = 5;
  static final int LISTS = 3;
  static final long BALANCE = 100;
  private static final int CLIENTS = 7;
  private static final long MILLI = 1_000_000;

  private static final String STATE =
      "SELECT (SELECT count(*) FROM history), (SELECT coalesce(max(seq), 0) FROM history),"
          + " (SELECT coalesce(sum(tx), 0) FROM history),"
          + " (SELECT group_concat(balance) FROM (SELECT balance FROM accounts ORDER BY id)),"
          + " (SELECT count(*) FROM sqlite_schema WHERE name LIKE 'x!_%' ESCAPE '!'),"
          + " (SELECT coalesce(group_concat(tx), '') FROM"
          + " (SELECT tx FROM history WHERE kind = 'append' AND a = ?1 ORDER BY seq)),"
          + " (SELECT coalesce(sum(length(v)), 0) FROM large)";

  private static final String HISTORY =
      "INSERT INTO history(tx, kind, a, b, amount) VALUES (?, ?, ?, ?, ?)";

  private final SimCluster cluster;
  private final SimScheduler scheduler;
  private final List<SimOperation> operations = new ArrayList<>();
  private final List<SimOperation> onDropped = new ArrayList<>();
  private long clock;
  private long transactions;
  private int atWork;
  private boolean ready;
  private boolean ending;

  SimClients(SimCluster cluster) {
    this.cluster = cluster;
    this.scheduler = cluster.scheduler();
  }

  List<SimOperation> operations() {
    return operations;
  }

  /** Those on the database that is dropped now and then. */
  List<SimOperation> onDropped() {
    return onDropped;
  }

  void begin() {
    for (int i = 1; i <= CLIENTS; i++) {
      int client = i;
      atWork++;
      scheduler.spawn("client" + i, () -> new Client(client).work());
    }
  }

  /** When all is mended, everything must go on: somebody writes to both databases. */
  void finish() {
    ending = true;
    atWork++;
    scheduler.spawn("last client", () -> new Client(CLIENTS + 1).finish());
  }

  /** The tables are there. */
  boolean isReady() {
    return ready;
  }

  /** No more operations are begun. */
  void end() {
    ending = true;
  }

  boolean haveEnded() {
    return atWork == 0;
  }

  static SimOperation.Seen state(Session session, long list) {
    return seen(session.query(STATE, list).single(), list);
  }

  private static SimOperation.Seen seen(Row row, long list) {
    return new SimOperation.Seen(
        row.getLong(0),
        row.getLong(1),
        row.getLong(2),
        String.valueOf(row.get(3)),
        row.getLong(4),
        list,
        String.valueOf(row.get(5)),
        row.getLong(6));
  }

  private final class Client {
    private final int number;
    private long node;

    /** The last transaction that was acknowledged, and the state that it has led to. */
    private long written;

    private Bookmark bookmark = Bookmark.NONE;

    Client(int number) {
      this.number = number;
      this.node = 1L + scheduler.draw(3);
    }

    void work() {
      if (number == 1) {
        while (!ready && !ending) {
          setUp();
          pause();
        }
      }
      while (!ending) {
        pause();
        if (ready) {
          one();
        }
      }
      atWork--;
    }

    void finish() {
      for (int i = 0; i < 10; i++) {
        pause();
        node = cluster.leader().id();
        write("large", this::large);
        requireSuccess(operations);
        write("append", this::append);
        requireSuccess(operations);
        dropped("insert", ++transactions, this::insert);
        requireSuccess(onDropped);
      }
      atWork--;
    }

    private void requireSuccess(List<SimOperation> of) {
      SimOperation last = of.get(of.size() - 1);
      if (last.outcome != SimOperation.Outcome.ACKNOWLEDGED) {
        throw new AssertionError("not done, although nothing is wrong: " + last);
      }
    }

    private void pause() {
      scheduler.sleep(
          this,
          scheduler.onceIn(10) ? scheduler.draw(0, 80 * MILLI) : scheduler.draw(0, 8 * MILLI));
    }

    private void elsewhere() {
      node = 1L + scheduler.draw(3);
    }

    private SessionOptions options() {
      long millis =
          ending
              ? 10_000
              : scheduler.onceIn(4) ? scheduler.draw(20, 100) : scheduler.draw(300, 2000);
      return SessionOptions.DEFAULT
          .withTimeout(Duration.ofMillis(millis))
          .withStatementTimeout(Duration.ofHours(1));
    }

    private void setUp() {
      SimNode at = cluster.node(node);
      if (!at.isUp()) {
        elsewhere();
        return;
      }
      try (Session session = at.machine().session(SimCluster.DATABASE, options())) {
        session.begin();
        session.execute(
            "CREATE TABLE IF NOT EXISTS history(seq INTEGER PRIMARY KEY AUTOINCREMENT,"
                + " tx INTEGER UNIQUE, kind TEXT, a INTEGER, b INTEGER, amount INTEGER)");
        session.execute(
            "CREATE TABLE IF NOT EXISTS accounts(id INTEGER PRIMARY KEY, balance INTEGER)");
        session.execute("CREATE TABLE IF NOT EXISTS large(v)");
        for (int i = 0; i < ACCOUNTS; i++) {
          session.execute("INSERT OR IGNORE INTO accounts VALUES (?, ?)", i, BALANCE);
        }
        session.commit();
        ready = true;
      } catch (BalsaException | SimThreads.NodeDied e) {
        elsewhere();
      }
    }

    // ---- one operation

    private interface Work {
      void run(Session session, SimOperation operation);
    }

    private void one() {
      int kind = scheduler.draw(39);
      if (kind < 9) {
        write("append", this::append);
      } else if (kind < 14) {
        write("transfer", this::transfer);
      } else if (kind < 16) {
        write("deferred", this::deferred);
      } else if (kind < 18) {
        write("schema", this::schema);
      } else if (kind < 20) {
        write("large", this::large);
      } else if (kind < 22) {
        run("vacuum", 0, node, options(), (session, op) -> session.execute("VACUUM"));
      } else if (kind < 24) {
        run("nothing", 0, node, options(), this::nothing);
      } else if (kind < 25) {
        run("given up", 0, node, options(), this::giveUp);
      } else if (kind < 28) {
        run("read", 0, node, options(), this::read);
      } else if (kind < 31) {
        stale();
      } else if (kind < 35) {
        dropped("insert", ++transactions, this::insert);
      } else if (kind < 36) {
        dropped("select", 0, (session, op) -> op.rows = rows(session));
      } else if (kind < 37) {
        bounded();
      } else if (kind < 38) {
        marked();
      } else {
        for (int i = scheduler.draw(4); i >= 0; i--) {
          dropped("drop", 0, this::drop);
          dropped("insert", ++transactions, this::insert);
        }
      }
    }

    private void write(String kind, Work work) {
      run(kind, ++transactions, node, options(), work);
    }

    private void stale() {
      run(
          "stale",
          0,
          1L + scheduler.draw(3),
          options().withReadMode(ReadMode.STALE),
          (session, op) -> {
            op.stale = true;
            read(session, op);
          });
    }

    /** May see the past, but not for long. */
    private void bounded() {
      Duration bound = Duration.ofMillis(scheduler.draw(5, 200));
      run(
          "bounded",
          0,
          1L + scheduler.draw(3),
          options().withReadMode(ReadMode.staleAtMost(bound)),
          (session, op) -> {
            op.stale = true;
            op.boundNanos = bound.toNanos();
            read(session, op);
          });
    }

    /** Reads its own last write, anywhere. */
    private void marked() {
      run(
          "marked",
          0,
          1L + scheduler.draw(3),
          options().withReadMode(ReadMode.STALE).withBookmark(bookmark),
          (session, op) -> {
            op.stale = true;
            op.after = written;
            read(session, op);
          });
    }

    private void run(String kind, long transaction, long where, SessionOptions options, Work work) {
      run(SimCluster.DATABASE, kind, transaction, where, options, work);
    }

    private void dropped(String kind, long transaction, Work work) {
      run(SimCluster.DROPPED, kind, transaction, node, options(), work);
    }

    private void run(
        String database,
        String kind,
        long transaction,
        long where,
        SessionOptions options,
        Work work) {
      SimNode at = cluster.node(where);
      if (!at.isUp()) {
        elsewhere();
        return;
      }
      SimOperation operation = new SimOperation(kind, number, at, ++clock, transaction);
      operation.begunNanos = scheduler.now();
      (database.equals(SimCluster.DATABASE) ? operations : onDropped).add(operation);
      try (Session session = at.machine().session(database, options)) {
        perform(session, operation, work);
        if (operation.outcome == SimOperation.Outcome.ACKNOWLEDGED
            && transaction != 0
            && database.equals(SimCluster.DATABASE)) {
          written = transaction;
          bookmark = session.bookmark();
        }
      } catch (SimThreads.NodeDied e) {
        operation.outcome = SimOperation.Outcome.UNKNOWN;
        elsewhere();
      }
      operation.ended = ++clock;
      operation.endedNanos = scheduler.now();
      cluster.totals().count("told " + operation.outcome);
      cluster.totals().count(kind + " " + operation.outcome);
      scheduler.happened(operation.toString());
    }

    private void perform(Session session, SimOperation operation, Work work) {
      try {
        work.run(session, operation);
        operation.outcome = SimOperation.Outcome.ACKNOWLEDGED;
      } catch (OutcomeUnknownException e) {
        operation.told = e;
      } catch (NotAppliedException | SqliteException e) {
        operation.outcome = SimOperation.Outcome.NOT_APPLIED;
        operation.told = e;
        if (e instanceof NotLeaderException notLeader && notLeader.leaderId() != 0) {
          node = notLeader.leaderId();
        } else if (scheduler.onceIn(2)) {
          elsewhere();
        }
      } catch (BalsaException e) {
        operation.told = e;
        elsewhere();
      }
    }

    private void append(Session session, SimOperation op) {
      Rows rows =
          session
              .execute(
                  HISTORY + " RETURNING seq",
                  op.transaction,
                  "append",
                  scheduler.draw(LISTS),
                  0,
                  scheduler.draw(10))
              .rows();
      op.position = rows.single().getLong(0);
    }

    private void history(Session session, SimOperation op, String kind, long a, long b, long c) {
      session.execute(HISTORY, op.transaction, kind, a, b, c);
    }

    private void transfer(Session session, SimOperation op) {
      long from = scheduler.draw(ACCOUNTS);
      long to = (from + 1 + scheduler.draw(ACCOUNTS - 1)) % ACCOUNTS;
      long amount = scheduler.draw(20);
      session.begin();
      linger();
      op.seen = state(session, scheduler.draw(LISTS));
      linger();
      session.execute("UPDATE accounts SET balance = balance - ? WHERE id = ?", amount, from);
      linger();
      session.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", amount, to);
      history(session, op, "transfer", from, to, amount);
      session.commit();
    }

    /** Others may come in between, and the node may die. */
    private void linger() {
      if (scheduler.onceIn(8)) {
        scheduler.sleep(this, scheduler.draw(0, 3 * MILLI));
      }
    }

    private void deferred(Session session, SimOperation op) {
      session.beginDeferred();
      long list = scheduler.draw(LISTS);
      SimOperation.Seen seen = state(session, list);
      op.seen = seen;
      linger();
      if (!seen.equals(state(session, list))) {
        throw new AssertionError("a deferred transaction saw two states");
      }
      history(session, op, "append", scheduler.draw(LISTS), 0, 0);
      session.commit();
    }

    private void schema(Session session, SimOperation op) {
      session.begin();
      op.seen = state(session, scheduler.draw(LISTS));
      Rows tables =
          session.query(
              "SELECT name FROM sqlite_schema WHERE name LIKE 'x!_%' ESCAPE '!' ORDER BY name");
      if (!tables.isEmpty() && scheduler.onceIn(2)) {
        session.execute("DROP TABLE " + tables.get(scheduler.draw(tables.size())).get(0));
        history(session, op, "drop", 0, 0, 0);
      } else {
        session.execute("CREATE TABLE x_" + op.transaction + "(id INTEGER PRIMARY KEY, v)");
        linger();
        history(session, op, "create", 0, 0, 0);
      }
      session.commit();
    }

    private void large(Session session, SimOperation op) {
      session.begin();
      SimOperation.Seen seen = state(session, scheduler.draw(LISTS));
      op.seen = seen;
      if (seen.bytes() > 40_000 || (seen.bytes() > 0 && scheduler.onceIn(4))) {
        session.execute("DELETE FROM large");
        history(session, op, "clear", 0, 0, 0);
      } else {
        long bytes = scheduler.draw(500, scheduler.onceIn(4) ? 3_000 : 30_000);
        session.execute("INSERT INTO large VALUES (randomblob(?))", bytes);
        history(session, op, "large", bytes, 0, 0);
      }
      session.commit();
    }

    /** Writes nothing, but may have read what is still on its way. */
    private void nothing(Session session, SimOperation op) {
      session.begin();
      op.seen = state(session, scheduler.draw(LISTS));
      session.execute("UPDATE accounts SET balance = 0 WHERE id = -1");
      session.commit();
    }

    private void giveUp(Session session, SimOperation op) {
      session.begin();
      op.seen = state(session, scheduler.draw(LISTS));
      session.execute("UPDATE accounts SET balance = 0");
      linger();
      session.rollback();
    }

    private void insert(Session session, SimOperation op) {
      session.begin();
      session.execute("CREATE TABLE IF NOT EXISTS t(tx INTEGER PRIMARY KEY, v)");
      op.rows = rows(session);
      linger();
      session.execute(
          "INSERT INTO t VALUES (?, randomblob(?))", op.transaction, scheduler.draw(3_000));
      session.commit();
    }

    private void drop(Session session, SimOperation op) {
      cluster.node(op.node).machine().drop(SimCluster.DROPPED, options().timeout());
    }

    private void read(Session session, SimOperation op) {
      op.seen = state(session, scheduler.draw(LISTS));
    }
  }

  static Set<Long> rows(Session session) {
    return session.query("SELECT tx FROM t").stream()
        .map(row -> row.getLong(0))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The whole history, as a database tells it. */
  static List<Written> history(Session session) {
    return session.query("SELECT seq, tx, kind, a, b, amount FROM history ORDER BY seq").stream()
        .map(
            row ->
                new Written(
                    row.getLong(0),
                    row.getLong(1),
                    String.valueOf(row.get(2)),
                    row.getLong(3),
                    row.getLong(4),
                    row.getLong(5)))
        .toList();
  }

  /** A row of the history. */
  record Written(long position, long transaction, String kind, long a, long b, long amount) {}
}
