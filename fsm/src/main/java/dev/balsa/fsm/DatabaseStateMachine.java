package dev.balsa.fsm;

import dev.balsa.raft.Consensus;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.raft.StateMachine;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replicated databases of a node, as Raft's state machine.
 *
 * <p>One thread, the apply thread, takes committed entries and changes of leadership in the order
 * in which Raft reports them, and alone touches the databases' state. Everything else is done by
 * the sessions' own threads.
 */
public final class DatabaseStateMachine implements StateMachine, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DatabaseStateMachine.class);

  private final FsmConfig config;
  private final SqlSurface sql;
  private final EngineDecisions decisions;
  private final PipelineLimits limits;
  private final ExecutorService applyThread;
  private final ConcurrentSkipListMap<DatabaseName, Database> databases =
      new ConcurrentSkipListMap<>();
  private final AppliedIndex applied;
  private final AtomicLong transactionCounter = new AtomicLong();
  private final LeadershipView leadership = new LeadershipView();
  private @Nullable Consensus consensus;
  private LongFunction<@Nullable String> addresses = id -> null;
  private volatile @Nullable Progress progress;
  private volatile @Nullable Throwable failure;
  private long lastTerm;

  private DatabaseStateMachine(
      FsmConfig config, Redo.Result recovered, EngineDecisions decisions, PipelineLimits limits) {
    this.config = config;
    this.sql = SqlSurface.of(config);
    this.decisions = decisions;
    this.limits = limits;
    this.applied = new AppliedIndex(recovered.applied());
    this.applyThread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "balsa-apply-" + config.name());
              thread.setDaemon(true);
              return thread;
            });
    recovered
        .databases()
        .forEach(
            (name, state) ->
                databases.put(
                    name, new Database(this, state, config.folder().resolve(name.value()), sql)));
  }

  /**
   * Brings the databases' files to the state that the log says is committed, and opens them.
   *
   * @throws BalsaException if the files cannot be read or written
   */
  public static DatabaseStateMachine recover(FsmConfig config, LogStore store) {
    return recover(config, store, EngineDecisions.SOUND, PipelineLimits.DEFAULT);
  }

  /** As {@link #recover(FsmConfig, LogStore)}, with other decisions or limits: for tests. */
  static DatabaseStateMachine recover(
      FsmConfig config, LogStore store, EngineDecisions decisions, PipelineLimits limits) {
    return new DatabaseStateMachine(config, Redo.run(config.folder(), store), decisions, limits);
  }

  /**
   * Says where proposals go.
   *
   * @param addresses where other nodes reach a node, for {@link NotLeaderException}
   */
  public void attach(Consensus consensus, LongFunction<@Nullable String> addresses) {
    this.consensus = consensus;
    this.addresses = addresses;
  }

  /** Opens a session on a database. The database is made by its first use on the leader. */
  public Session session(String database, SessionOptions options) {
    return new Session(this, new DatabaseName(database), options);
  }

  /** The databases of this node. */
  public List<DatabaseStatus> databases() {
    return databases.values().stream().map(Database::status).toList();
  }

  /** Index of the last entry applied. */
  public long appliedIndex() {
    return applied.get();
  }

  // Called by Raft, on its event loop.

  @Override
  public long start(Progress progress) {
    this.progress = progress;
    return applied.get();
  }

  @Override
  public void committed(List<Entry> entries) {
    onApplyThread(() -> apply(entries));
  }

  @Override
  public void leadership(Leadership now) {
    onApplyThread(() -> changeLeadership(now));
  }

  @Override
  public void failed(Throwable cause) {
    onApplyThread(() -> fail(cause));
  }

  /** Runs something in order with what is applied; not at all once the node has failed. */
  void onApplyThread(Runnable task) {
    try {
      applyThread.execute(
          () -> {
            if (failure != null) {
              return;
            }
            try {
              task.run();
            } catch (Throwable t) { // whatever it is, nothing may be applied after it
              try {
                Objects.requireNonNull(progress).failed(t);
              } finally {
                fail(t);
              }
            }
          });
    } catch (RejectedExecutionException e) {
      log.debug("after close: {}", e.getMessage());
    }
  }

  private void apply(List<Entry> entries) {
    for (Entry entry : entries) {
      if (entry.term() != lastTerm) {
        lastTerm = entry.term();
        databases.values().forEach(database -> database.termBegins(lastTerm));
      }
      if (entry.type() == EntryType.COMMAND) {
        apply(entry.index(), EntryCodec.decode(entry.payload()));
      }
    }
    long index = entries.get(entries.size() - 1).index();
    applied.advance(index);
    Objects.requireNonNull(progress).applied(index);
  }

  private void apply(long index, Command command) {
    Database database = databases.get(command.database());
    if (command instanceof Command.Commit commit) {
      if (database != null) {
        database.apply(commit);
      }
    } else if (command instanceof Command.Create create && database == null) {
      databases.put(
          create.database(),
          new Database(
              this,
              new DatabaseState(index, create, decisions),
              DatabaseFiles.create(config.folder(), create),
              sql));
    }
  }

  private void changeLeadership(Leadership now) {
    Leadership before = leadership.now();
    leadership.change(now); // first: no writer view may be opened for the old term any more
    if (decisions.endsViews(before, now)) {
      String because = "this node lost its leadership of term " + before.term();
      databases.values().forEach(database -> database.leadershipLost(because, null));
    }
  }

  private void fail(Throwable cause) {
    if (failure != null) {
      return;
    }
    failure = cause;
    applied.end();
    leadership.end();
    databases.values().forEach(database -> database.fail(cause));
  }

  // Called by sessions, on their own threads.

  Consensus consensus() {
    return Objects.requireNonNull(consensus, "attach() comes first");
  }

  FsmConfig config() {
    return config;
  }

  EngineDecisions decisions() {
    return decisions;
  }

  PipelineLimits limits() {
    return limits;
  }

  AppliedIndex applied() {
    return applied;
  }

  EntryId nextId(long term) {
    return new EntryId(term, transactionCounter.incrementAndGet());
  }

  /** This node's leadership, as far as the apply thread has got. */
  LeadershipView leadershipView() {
    return leadership;
  }

  /** The refusal of somebody who must ask the leader. */
  NotLeaderException notLeader() {
    Leadership now = consensus().leadership();
    long leader = now.isLeader() ? 0 : now.leaderId();
    return new NotLeaderException(leader, leader == 0 ? null : addresses.apply(leader));
  }

  /** What a proposal's refusal means to a session. */
  NotAppliedException refused(ProposalOutcome outcome) {
    if (outcome instanceof ProposalOutcome.Refused refused
        && refused.reason() == Refusal.OVERLOADED) {
      return new NotAppliedException("too much is waiting to be replicated: try again later");
    }
    return outcome instanceof ProposalOutcome.Refused
        ? notLeader()
        : new NotAppliedException("another leader's entry took its place: " + outcome);
  }

  @Nullable Database find(DatabaseName name) {
    return databases.get(name);
  }

  /** Throws if the node can do nothing more. */
  void requireRunning() {
    Throwable cause = failure;
    if (cause != null) {
      throw new BalsaException("the node has stopped: " + cause.getMessage(), cause);
    }
    if (applyThread.isShutdown()) {
      throw new BalsaException("the node is closed");
    }
  }

  /**
   * Runs something in order with what is applied.
   *
   * @throws BalsaException if the node is closed
   */
  <T> Future<T> submit(Callable<T> task) {
    try {
      return applyThread.submit(task);
    } catch (RejectedExecutionException e) {
      throw new BalsaException("the node is closed", e);
    }
  }

  /**
   * Opens the writer view of a database, or finds it open.
   *
   * @param term of the leadership under which everything before its first entry has been applied
   * @return empty if this node does not lead that term any more
   */
  Future<Optional<WriterView>> writerView(Database database, long term) {
    CompletableFuture<Optional<WriterView>> opened = new CompletableFuture<>();
    var unused = submit(() -> openWriter(database, term, opened));
    return opened;
  }

  private @Nullable Void openWriter(
      Database database, long term, CompletableFuture<Optional<WriterView>> opened) {
    database.onceDecided(
        () -> {
          try {
            requireRunning();
            Leadership now = leadership.now();
            opened.complete(
                now.isLeader() && now.term() == term
                    ? Optional.of(database.openWriter(term))
                    : Optional.empty());
          } catch (RuntimeException | Error e) {
            opened.completeExceptionally(e);
          }
        });
    return null;
  }

  /** Discards a writer view that is in doubt, unless that has been done. */
  void discard(Database database, WriterView view, String because) {
    onApplyThread(() -> database.discardDoubtful(view, because));
  }

  /**
   * Ends all work, rolls back what is open, and closes the databases. Raft must have been closed
   * before.
   */
  @Override
  public void close() {
    if (applyThread.isShutdown()) {
      return;
    }
    applyThread.execute(this::closeDatabases);
    applyThread.shutdown();
    boolean interrupted = false;
    while (true) {
      try {
        if (applyThread.awaitTermination(1, TimeUnit.MINUTES)) {
          break;
        }
        log.warn("still waiting for the databases to close");
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    sql.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeDatabases() {
    leadership.end();
    applied.end();
    for (Map.Entry<DatabaseName, Database> entry : databases.entrySet()) {
      Database database = entry.getValue();
      try {
        database.leadershipLost("the node was closed", failure);
        database.close();
      } catch (RuntimeException | Error e) {
        log.error("closing database {}", entry.getKey(), e);
      }
    }
  }
}
