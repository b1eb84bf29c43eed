package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Callers who write to one database, each on a thread of its own, while Raft is played by hand. */
final class Writers implements AutoCloseable {
  static final String DATABASE = "app.db";
  static final SessionOptions HASTY = SessionOptions.DEFAULT.withTimeout(Duration.ofMillis(50));
  private static final int WAL_HEADER_BYTES = 32;
  private static final int FRAME_HEADER_BYTES = 24;
  private static final long PATIENCE_SECONDS = 30;

  final HandRaft raft;
  private final Path folder;
  private final ExecutorService pool =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "writer");
            thread.setDaemon(true);
            return thread;
          });

  /** A node that leads, with a table t(id INTEGER PRIMARY KEY, v). */
  Writers(Path folder, EngineDecisions decisions, PipelineLimits limits) {
    this(folder, FsmConfig.of(folder.resolve("leader"), "test"), decisions, limits);
  }

  Writers(Path folder, FsmConfig config, EngineDecisions decisions, PipelineLimits limits) {
    this.folder = folder;
    this.raft = HandRaft.open(config, decisions, limits).lead();
    now("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
  }

  /** With up to four entries in flight. */
  static Writers open(Path folder) {
    return open(folder, 4);
  }

  static Writers open(Path folder, int entriesInFlightMax) {
    return new Writers(
        folder, EngineDecisions.SOUND, new PipelineLimits(entriesInFlightMax, 64 << 20));
  }

  /** Runs a statement and waits for it. */
  ExecuteResult now(String sql) {
    try (Session session = raft.session(DATABASE)) {
      return session.execute(sql);
    }
  }

  /** Runs a statement, and waits no longer than it takes to have it proposed or queued. */
  ExecuteResult hasty(String sql) {
    try (Session session = raft.session(DATABASE, HASTY)) {
      return session.execute(sql);
    }
  }

  /** Runs a statement that has to be proposed or queued, and is not decided in time. */
  void expectUnknown(String sql) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try {
        hasty(sql);
      } catch (OutcomeUnknownException e) {
        return;
      } catch (NotAppliedException e) {
        // On a busy machine, the time may be up before it begins.
        assertThat(e).hasMessageContaining("timed out");
        assertThat(System.nanoTime()).isLessThan(deadline);
        continue;
      }
      throw new AssertionError("it was decided: " + sql);
    }
  }

  /** Runs a statement on a thread of its own. */
  CompletableFuture<ExecuteResult> later(String sql) {
    return later(session -> session.execute(sql));
  }

  <T> CompletableFuture<T> later(Function<Session, T> work) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (Session session = raft.session(DATABASE)) {
            return work.apply(session);
          }
        },
        pool);
  }

  /** Runs a statement on a thread of its own, and waits until it is proposed as one more entry. */
  CompletableFuture<ExecuteResult> inFlight(String sql) {
    int before = pipeline().entriesInFlight();
    CompletableFuture<ExecuteResult> result = later(sql);
    // It counts before it is proposed.
    awaitThat(() -> pipeline().entriesInFlight() > before && pipeline().isIdle());
    return result;
  }

  /** Runs a statement on a thread of its own, and waits until it is queued. */
  CompletableFuture<ExecuteResult> queued(String sql) {
    int before = pipeline().ticketsQueued();
    CompletableFuture<ExecuteResult> result = later(sql);
    awaitThat(() -> pipeline().ticketsQueued() > before);
    return result;
  }

  Database database() {
    return Objects.requireNonNull(raft.machine().find(new DatabaseName(DATABASE)));
  }

  CommitPipeline pipeline() {
    return view().pipeline();
  }

  WriterView view() {
    return Objects.requireNonNull(database().writer());
  }

  /** What a reader of this node sees. */
  List<Long> ids() {
    try (Session session = raft.session(DATABASE, SessionOptions.STALE)) {
      return session.query("SELECT id FROM t ORDER BY id").stream()
          .map(row -> row.getLong(0))
          .toList();
    }
  }

  static void awaitThat(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** What a caller was told in place of a result. */
  static Throwable failure(CompletableFuture<?> future) throws Exception {
    try {
      get(future);
    } catch (java.util.concurrent.ExecutionException e) {
      return Objects.requireNonNull(e.getCause());
    }
    throw new AssertionError("it succeeded");
  }

  /** Once no writer view is left: the WAL ends with the last published frame. */
  void assertWalIsCut() throws IOException {
    awaitThat(() -> database().writer() == null);
    DatabaseStatus status = database().status();
    long frames = status.walFrames();
    Path wal = raft.folder().resolve(DATABASE + "-wal");
    assertThat(Files.size(wal))
        .isEqualTo(
            frames == 0 ? 0 : WAL_HEADER_BYTES + frames * (FRAME_HEADER_BYTES + status.pageSize()));
  }

  /** A follower that gets the same entries ends with the same pages; so does a recovery. */
  void assertReplicasAreIdentical() throws Exception {
    raft.release();
    raft.awaitApplied();
    assertThat(raft.failure()).isNull();
    Path copies = Files.createTempDirectory(folder, "replica");
    try (HandRaft follower = HandRaft.open(copies)) {
      raft.committedEntries().forEach(follower::receive);
      follower.awaitApplied();
      assertThat(follower.failure()).isNull();
      assertThat(follower.machine().databases().get(0).checksum())
          .isEqualTo(raft.machine().databases().get(0).checksum());
      follower.stop();
      raft.stop(); // the leader's own files, before any recovery
      byte[] own = DatabaseImage.of(raft.folder().resolve(DATABASE), folder);
      assertThat(DatabaseImage.of(copies.resolve(DATABASE), folder)).isEqualTo(own);
    }
  }

  @Override
  public void close() {
    raft.close();
    pool.shutdownNow();
  }
}
