package dev.balsa.jepsen.run;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.db.Client;
import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.db.Outcome.Table;
import dev.balsa.jepsen.db.SystemUnderTest;
import dev.balsa.jepsen.db.Transaction;
import dev.balsa.jepsen.db.Transaction.Statement;
import dev.balsa.jepsen.nemesis.Fault;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.SqliteStatement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One SQLite file that pretends to be three nodes. Node 1 leads; all transactions follow one
 * another under a lock. Can be broken in the ways of {@link Defect}.
 */
class FakeSystem implements SystemUnderTest {
  /** What is wrong with it. */
  enum Defect {
    NONE,
    /** Every 20th transaction that writes is acknowledged and forgotten. */
    FORGETS,
    /** Reads show what was there some time ago. */
    READS_OLD,
    /** Every 20th transaction that writes is done and said not to have been. */
    DENIES,
    /** Only the first statement of every 20th transaction is done. */
    TEARS,
    /** Every 20th transaction that writes is done, and nobody is told: no defect at all. */
    KEEPS_SILENT
  }

  private static final int EVERY = 20;

  private final Path folder;
  private final Defect defect;
  private final List<String> events = new ArrayList<>();
  private @Nullable SqliteConnection now;
  private @Nullable SqliteConnection old;
  private int writes;
  private int reads;
  private long bookmark;

  FakeSystem(Path folder, Defect defect) {
    this.folder = folder;
    this.defect = defect;
  }

  @Override
  public void start() throws IOException {
    now = open(folder.resolve("fake.db"));
  }

  private static SqliteConnection open(Path file) {
    SqliteConnection connection =
        SqliteConnection.open(file, OpenFlags.READWRITE | OpenFlags.CREATE, null);
    connection.execute("PRAGMA synchronous = OFF"); // nothing here is to outlive the process
    return connection;
  }

  @Override
  public List<Long> nodes() {
    return List.of(1L, 2L, 3L);
  }

  @Override
  public Client client(long node) {
    return new Client() {
      @Override
      public Outcome execute(Transaction transaction) {
        boolean anywhere = transaction.kind() == Transaction.Kind.STALE_READ;
        return node == 1 || anywhere
            ? perform(transaction)
            : new Outcome.Failed(Outcome.Reason.NOT_LEADER, 1, "ask node 1");
      }

      @Override
      public void close() {}
    };
  }

  private synchronized Outcome perform(Transaction transaction) {
    SqliteConnection connection = now;
    if (connection == null) {
      return new Outcome.Failed(Outcome.Reason.UNREACHABLE, 0, "it is not there");
    }
    if (transaction.kind() != Transaction.Kind.WRITE) {
      return defect == Defect.READS_OLD ? readOld(transaction) : run(connection, transaction);
    }
    boolean odd = !isVacuum(transaction) && ++writes % EVERY == 0; // that is all or nothing
    if (odd && defect == Defect.FORGETS) {
      return forget(connection, transaction);
    } else if (odd && defect == Defect.TEARS) {
      Outcome whole = run(connection, transaction, 1);
      return whole;
    }
    Outcome outcome = run(connection, transaction);
    if (odd && outcome instanceof Outcome.Ok) {
      if (defect == Defect.DENIES) {
        return new Outcome.Failed(Outcome.Reason.NOT_APPLIED, 0, "so it says");
      } else if (defect == Defect.KEEPS_SILENT) {
        return new Outcome.Unknown("silence");
      }
    }
    return outcome;
  }

  private static boolean isVacuum(Transaction transaction) {
    return transaction.statements().get(0).sql().equals("VACUUM");
  }

  private Outcome forget(SqliteConnection connection, Transaction transaction) {
    connection.execute("BEGIN");
    try {
      return all(connection, transaction.statements());
    } catch (SqliteException e) {
      return new Outcome.Failed(Outcome.Reason.SQL, 0, String.valueOf(e.getMessage()));
    } finally {
      connection.execute("ROLLBACK");
    }
  }

  private Outcome readOld(Transaction transaction) {
    try {
      SqliteConnection then = old;
      if (then == null || ++reads % EVERY == 0) {
        if (then != null) {
          then.close();
        }
        Path copy = folder.resolve("old.db");
        Files.copy(folder.resolve("fake.db"), copy, StandardCopyOption.REPLACE_EXISTING);
        then = open(copy);
        old = then;
      }
      return run(then, transaction);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Outcome run(SqliteConnection connection, Transaction transaction) {
    return run(connection, transaction, transaction.statements().size());
  }

  /** Runs all statements, of which only the first ones stay done. */
  private Outcome run(SqliteConnection connection, Transaction transaction, int kept) {
    List<Statement> statements = transaction.statements();
    if (isVacuum(transaction)) {
      connection.execute("VACUUM");
      return new Outcome.Ok(List.of(new Table(List.of())));
    }
    connection.execute("BEGIN");
    try {
      Outcome.Ok first = all(connection, statements.subList(0, kept));
      connection.execute("COMMIT");
      if (kept == statements.size()) {
        return first;
      }
      connection.execute("BEGIN");
      List<Table> tables = new ArrayList<>(first.results());
      tables.addAll(all(connection, statements.subList(kept, statements.size())).results());
      connection.execute("ROLLBACK");
      return new Outcome.Ok(tables, "b" + ++bookmark);
    } catch (SqliteException e) {
      connection.execute("ROLLBACK");
      return new Outcome.Failed(Outcome.Reason.SQL, 0, String.valueOf(e.getMessage()));
    }
  }

  private Outcome.Ok all(SqliteConnection connection, List<Statement> statements) {
    List<Table> tables = new ArrayList<>();
    for (Statement one : statements) {
      try (SqliteStatement statement = connection.prepare(one.sql())) {
        for (int i = 0; i < one.parameters().size(); i++) {
          statement.bind(i + 1, one.parameters().get(i));
        }
        List<List<@Nullable Object>> rows = new ArrayList<>();
        while (statement.step()) {
          List<@Nullable Object> row = new ArrayList<>();
          for (int i = 0; i < statement.columnCount(); i++) {
            row.add(statement.column(i));
          }
          rows.add(row);
        }
        tables.add(new Table(rows));
      }
    }
    return new Outcome.Ok(tables, "b" + ++bookmark);
  }

  @Override
  public Status status() {
    return new Status(1, 7, 3);
  }

  @Override
  public List<Fault> faults(List<String> names) {
    return names.stream().map(FakeFault::new).map(Fault.class::cast).toList();
  }

  /** What was done to it. */
  List<String> events() {
    synchronized (events) {
      return List.copyOf(events);
    }
  }

  private void event(String event) {
    synchronized (events) {
      events.add(event);
    }
  }

  @Override
  public void awaitWhole(Duration guard) {
    event("whole");
  }

  @Override
  public void awaitQuiet(Duration guard) {
    event("quiet");
  }

  @Override
  public void stop() {
    event("stop");
  }

  @Override
  public List<String> problems() {
    return List.of();
  }

  @Override
  public List<Finding> autopsy(Path copies, List<String> excused) {
    return List.of();
  }

  @Override
  public Map<String, Object> facts() {
    return Map.of();
  }

  @Override
  public synchronized void close() {
    event("close");
    SqliteConnection connection = now;
    now = null;
    if (connection != null) {
      connection.close();
    }
    SqliteConnection then = old;
    old = null;
    if (then != null) {
      then.close();
    }
  }

  private final class FakeFault implements Fault {
    private final String name;

    FakeFault(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Optional<String> missing() {
      return name.equals("impossible") ? Optional.of("a miracle is needed") : Optional.empty();
    }

    @Override
    public String begin(RandomGenerator random) {
      event("begin " + name);
      return "begun";
    }

    @Override
    public boolean lasts() {
      return !name.equals("spark");
    }

    @Override
    public String end() {
      event("end " + name);
      return "ended";
    }
  }
}
