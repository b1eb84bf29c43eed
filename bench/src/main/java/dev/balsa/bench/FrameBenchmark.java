package dev.balsa.bench;

import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteStatement;
import dev.balsa.sqlite.vfs.CapturedTransaction;
import dev.balsa.sqlite.vfs.FrameApplier;
import dev.balsa.sqlite.vfs.Publisher;
import dev.balsa.sqlite.vfs.WriterConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Transactions of one or several pages through the files: executed and captured on the leader,
 * published there, applied on a follower. Nothing here waits for a disk. Each iteration takes a
 * fixed number of transactions, since the WAL grows with them; the score is for one. The states are
 * of the benchmark's scope, though one thread uses them: JMH makes those of a thread's scope once
 * for each place where they are asked for.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 8)
@Measurement(iterations = 12)
@Fork(1)
@State(Scope.Benchmark)
public class FrameBenchmark {
  private static final int TRANSACTIONS = 1000;

  /** Rows, each of which fills a page of its own. */
  private static final int ROWS = 500;

  /** Pages that a transaction writes. */
  @Param({"1", "10"})
  public int pages;

  private BenchFolder folder;
  private Path source;
  private Path copy;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // JMH calls the set-up first
  public FrameBenchmark() {}

  /** Makes a database, and a copy that begins alike. */
  @Setup(Level.Iteration)
  public void prepare() throws IOException {
    folder = BenchFolder.make();
    source = create(folder.path().resolve("source"));
    copy = create(folder.path().resolve("copy"));
  }

  /** Removes both. */
  @TearDown(Level.Iteration)
  public void cleanUp() throws IOException {
    folder.close();
  }

  private static Path create(Path file) {
    try (SqliteConnection db =
        SqliteConnection.open(file, OpenFlags.READWRITE | OpenFlags.CREATE, null)) {
      db.queryText("PRAGMA journal_mode=WAL");
      db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
      db.execute(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<"
              + ROWS
              + ") INSERT INTO t SELECT i, zeroblob(3000) FROM n");
    }
    return file;
  }

  /** The leader's files: a writer ahead of what is published. */
  @State(Scope.Benchmark)
  public static class Leader {
    private Publisher publisher;
    private WriterConnection writer;
    private SqliteStatement update;

    /** Called by JMH. */
    @SuppressWarnings("NullAway.Init") // JMH calls the set-up first
    public Leader() {}

    /** Opens them. */
    @Setup(Level.Iteration)
    public void open(FrameBenchmark benchmark) {
      publisher = Publisher.open(benchmark.source);
      writer = WriterConnection.open(benchmark.source, publisher);
      update = writer.connection().prepare("UPDATE t SET v=randomblob(3000) WHERE id>=? AND id<?");
    }

    CapturedTransaction transaction(int number, int pages) {
      int from = 1 + number * pages % (ROWS - pages);
      update.bind(1, from);
      update.bind(2, from + pages);
      while (update.step()) {
        throw new IllegalStateException("a row of an update");
      }
      update.reset();
      return Objects.requireNonNull(writer.takeCaptured(), "nothing captured");
    }

    /** Closes them. */
    @TearDown(Level.Iteration)
    public void close() {
      update.close();
      writer.close();
      publisher.close();
    }
  }

  /** What a leader has executed and not yet published. */
  @State(Scope.Benchmark)
  public static class Ahead {
    private final List<CapturedTransaction> captured = new ArrayList<>();

    /** Executes transactions. */
    @Setup(Level.Iteration)
    public void execute(FrameBenchmark benchmark, Leader leader) {
      captured.clear();
      for (int i = 0; i < TRANSACTIONS; i++) {
        captured.add(leader.transaction(i, benchmark.pages));
      }
    }
  }

  /** A follower's files. */
  @State(Scope.Benchmark)
  public static class Follower {
    private Publisher publisher;
    private FrameApplier applier;

    /** Called by JMH. */
    @SuppressWarnings("NullAway.Init") // JMH calls the set-up first
    public Follower() {}

    /** Opens them. */
    @Setup(Level.Iteration)
    public void open(FrameBenchmark benchmark) {
      publisher = Publisher.open(benchmark.copy);
      applier = new FrameApplier(publisher);
    }

    /** Closes them. */
    @TearDown(Level.Iteration)
    public void close() {
      publisher.close();
    }
  }

  /** The leader's writer executes transactions, and what they wrote is captured. */
  @Benchmark
  @OperationsPerInvocation(TRANSACTIONS)
  public int executeAndCapture(Leader leader) {
    int frame = 0;
    for (int i = 0; i < TRANSACTIONS; i++) {
      frame = leader.transaction(i, pages).lastFrame();
    }
    return frame;
  }

  /** The leader publishes its own frames. */
  @Benchmark
  @OperationsPerInvocation(TRANSACTIONS)
  public void publishOwn(Leader leader, Ahead ahead) {
    for (CapturedTransaction transaction : ahead.captured) {
      leader.publisher.publish(transaction);
    }
  }

  /** A follower writes another node's pages as frames, and publishes them. */
  @Benchmark
  @OperationsPerInvocation(TRANSACTIONS)
  public void apply(Ahead ahead, Follower follower) {
    for (CapturedTransaction transaction : ahead.captured) {
      follower.applier.apply(transaction.pages(), transaction.databasePages());
    }
  }
}
