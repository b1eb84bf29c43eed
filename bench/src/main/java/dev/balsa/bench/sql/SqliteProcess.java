package dev.balsa.bench.sql;

import dev.balsa.bench.load.ForceDelay;
import dev.balsa.bench.load.NodeConsole;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteLibrary;
import dev.balsa.sqlite.SqliteStatement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The yardstick: plain SQLite in one process, by the same binding, without anything of Balsa's. */
public final class SqliteProcess {
  /** Each thread's wait for another one's lock. */
  private static final int BUSY_MILLIS_MAX = 60_000;

  /** What SQLite calls FULL: each commit forces the WAL. */
  private static final long SYNCHRONOUS_FULL = 2;

  private static final ForceDelay DELAY = ForceDelay.ofThisProcess();

  private final Path folder;

  /**
   * A connection more to each database, which does nothing: without it the last one to be closed
   * would remove the WAL, and each load would begin with one that has to grow.
   */
  private final List<SqliteConnection> held = new ArrayList<>();

  private SqliteProcess(Path folder) {
    this.folder = folder;
  }

  /** How threads use connections. */
  enum Sharing {
    /** One for all, each uses it alone for the whole of an operation. */
    SHARED("one connection for all threads"),
    /** One for each; SQLite's locks and its busy timeout let them wait for each other. */
    OWN("a connection for each thread, BEGIN IMMEDIATE, busy timeout");

    private final String description;

    Sharing(String description) {
      this.description = description;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    String description() {
      return description;
    }
  }

  /** Runs until it is told to close; the argument is the folder of its databases. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    NodeConsole console = NodeConsole.take();
    console.settings(
        SqliteLibrary.describe()
            + "; journal_mode=WAL, synchronous=FULL, checkpoints by SQLite itself every 1000 pages"
            + DELAY.toText());
    console.role(true);
    SqliteProcess process = new SqliteProcess(Path.of(arguments[0]));
    try {
      console.serve(process::answer);
    } finally {
      process.held.forEach(SqliteConnection::close);
    }
  }

  /** As {@link SqlNode}, with a word of {@link Sharing} behind the case. */
  private String answer(List<String> words) throws IOException, InterruptedException {
    Path file = folder.resolve(words.get(1) + "-" + words.get(2));
    return switch (words.get(0)) {
      case SqlNode.MAKE -> make(file);
      case SqlNode.LOAD -> {
        SqlCase which = SqlCase.of(words.get(1));
        Sharing sharing = Sharing.valueOf(words.get(2).toUpperCase(Locale.ROOT));
        yield load(
            which, sharing, file, Long.parseLong(words.get(3)), Long.parseLong(words.get(4)));
      }
      case SqlNode.TOTALS -> totals(file);
      default -> throw new IOException("unknown command: " + words);
    };
  }

  private static SqliteConnection open(Path file) {
    SqliteConnection connection =
        SqliteConnection.open(file, OpenFlags.READWRITE | OpenFlags.CREATE, null);
    connection.execute("PRAGMA busy_timeout=" + BUSY_MILLIS_MAX);
    String mode = connection.queryText("PRAGMA journal_mode=WAL");
    if (!"wal".equals(mode)) {
      throw new IllegalStateException("journal mode " + mode);
    }
    connection.execute("PRAGMA synchronous=FULL");
    long synchronous = connection.queryLong("PRAGMA synchronous");
    if (synchronous != SYNCHRONOUS_FULL) {
      throw new IllegalStateException("synchronous " + synchronous);
    }
    return connection;
  }

  private String make(Path file) {
    SqliteConnection connection = open(file);
    held.add(connection);
    Schema.CREATE.forEach(connection::execute);
    return SqlNode.MADE;
  }

  private static String load(
      SqlCase which, Sharing sharing, Path file, long leadInMillis, long millis)
      throws InterruptedException {
    long leadInNanos = TimeUnit.MILLISECONDS.toNanos(leadInMillis);
    long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
    SqlReport report;
    if (sharing == Sharing.SHARED) {
      try (ConnectionClient.Shared shared = new ConnectionClient.Shared(open(file), DELAY)) {
        report =
            ThreadLoad.run(which, () -> new ConnectionClient(shared, () -> {}), leadInNanos, nanos);
      }
    } else {
      report = ThreadLoad.run(which, () -> own(file), leadInNanos, nanos);
    }
    return report.withGapsMoved(ActivityLog.epochMinusNanoTime()).toLine();
  }

  private static Client own(Path file) {
    ConnectionClient.Shared alone = new ConnectionClient.Shared(open(file), DELAY);
    return new ConnectionClient(alone, alone::close);
  }

  private static String totals(Path file) {
    try (SqliteConnection connection = open(file);
        SqliteStatement totals = connection.prepare(Schema.TOTALS)) {
      if (!totals.step()) {
        throw new IllegalStateException("no totals");
      }
      return String.join(
          " ",
          SqlNode.TOTALS,
          Long.toString(totals.columnLong(0)),
          Long.toString(totals.columnLong(1)),
          "-");
    }
  }
}
