package dev.balsa.fsm;

import dev.balsa.raft.Consensus;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.raft.SideChannel;
import dev.balsa.raft.Snapshots;
import dev.balsa.raft.StateMachine;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Entry;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
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
  private final EngineParts parts;
  private final SqlSurface sql;
  private final ApplyThread applyThread;
  private final Catalogue catalogue;
  private final Checkpointer checkpointer;
  private final DatabaseSnapshots snapshots;
  private final Scrubber scrubber;
  private final Replicas replicas = new Replicas();
  private final LogApplier applier;

  /** Owned by the apply thread. */
  private long appliedLogBytes;

  private final Damages damages;
  private final Healer healer;
  private final HealingSource healingSource;
  private final RoomWait room;
  private final AppliedIndex applied;
  private final Freshness freshness;
  private final AtomicLong transactionCounter = new AtomicLong();
  private final LeadershipView leadership;
  private @Nullable Consensus consensus;
  private LongFunction<@Nullable String> addresses = id -> null;
  private volatile @Nullable Progress progress;
  private volatile @Nullable SideChannel sideChannel;
  private volatile Configuration configuration = Configuration.EMPTY;

  private DatabaseStateMachine(
      FsmConfig config, EngineParts parts, Recovery.Recovered begun, LogStore store) {
    Redo.Result recovered = begun.databases();
    this.config = config;
    this.parts = parts;
    this.catalogue = begun.catalogue();
    this.sql = SqlSurface.of(config);
    this.applied = new AppliedIndex(parts.threads(), recovered.applied());
    this.freshness =
        new Freshness(() -> consensus().leaderReadIndex(), applied, parts.threads()::nanoTime);
    this.room = new RoomWait(parts.threads());
    this.leadership = new LeadershipView(parts.threads());
    this.applyThread =
        new ApplyThread(
            parts.threads().executor("balsa-apply-" + config.name()), this::failOnApplyThread);
    this.checkpointer = new Checkpointer(this, catalogue, this::snapshotTaken);
    this.applier =
        new LogApplier(
            this,
            catalogue,
            replicas,
            sql,
            checkpointer,
            recovered.lastTerm(),
            index -> progress().applied(index));
    this.damages = new Damages(this, catalogue, store, replicas, applier);
    this.snapshots = new DatabaseSnapshots(this, catalogue, replicas, applier);
    this.scrubber = new Scrubber(this, config.scrubPeriod());
    this.healer = new Healer(this, catalogue, store, replicas, damages);
    this.healingSource = new HealingSource(this, catalogue, replicas, checkpointer);
    recovered.recovering().forEach(replicas::put);
    recovered.damaged().forEach(replicas::put);
    try {
      Recovery.open(config, recovered, applier);
    } catch (RuntimeException | Error e) {
      // It does not start after all: nothing stays open, and the files are left as they are.
      applyThread.fail(e);
      Recovery.closePages(recovered, e);
      close();
      throw e;
    }
  }

  /**
   * Brings the databases' files to the state that the log says is committed, and opens them.
   *
   * @throws BalsaException if the files cannot be read or written; nothing stays open then, and a
   *     later start begins anew
   */
  public static DatabaseStateMachine recover(FsmConfig config, LogStore store) {
    return recover(config, store, EngineParts.PRODUCT);
  }

  /** As {@link #recover(FsmConfig, LogStore)}, with other decisions or limits: for tests. */
  static DatabaseStateMachine recover(
      FsmConfig config, LogStore store, EngineDecisions decisions, PipelineLimits limits) {
    return recover(config, store, new EngineParts(decisions, limits, FileLayer.SYSTEM));
  }

  /** As {@link #recover(FsmConfig, LogStore)}, with other parts: for tests. */
  static DatabaseStateMachine recover(FsmConfig config, LogStore store, EngineParts parts) {
    return new DatabaseStateMachine(config, parts, Recovery.run(config, parts, store), store);
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

  /** Lets damaged databases be healed by other nodes' copies, and theirs by this node's. */
  public void heal(SideChannel others) {
    sideChannel = others;
    healer.connect(others);
  }

  /** Opens a session on a database. The database is made by its first use on the leader. */
  public Session session(String database, SessionOptions options) {
    return new Session(this, new DatabaseName(database), options);
  }

  /**
   * Drops a database on all nodes: its content is gone. Transactions on it that are not committed
   * yet fail. Its name can be used again, for another database.
   *
   * @param timeout how long to wait for Raft
   * @throws NotAppliedException if there is none, or it is certain that it was not dropped; {@link
   *     NotLeaderException} names the leader
   * @throws OutcomeUnknownException if it may still be dropped
   */
  public void drop(String database, Duration timeout) {
    new Gate(this, new DatabaseName(database), new SeenState(this, Bookmark.NONE))
        .drop(Deadline.after(threads(), timeout));
  }

  /** The databases of this node. */
  public List<DatabaseStatus> databases() {
    return replicas.statuses(healer::isCopying);
  }

  /** Whether a copy of a database is on its way. */
  boolean isHealing(DatabaseName name) {
    return healer.isCopying(name);
  }

  /** How far the scrub is. */
  public ScrubStatus scrub() {
    return scrubber.status();
  }

  /** Index of the last entry applied. */
  public long appliedIndex() {
    return applied.get();
  }

  /** Bytes of the log's commands that were applied in this process. On the apply thread. */
  long appliedLogBytes() {
    return appliedLogBytes;
  }

  /** So much of the log is about to be applied. On the apply thread. */
  void applies(long logBytes) {
    appliedLogBytes += logBytes;
  }

  // Called by Raft, on its event loop.

  @Override
  public long start(Progress progress) {
    this.progress = progress;
    long index = catalogue.state().neededAfter();
    if (index > 0) {
      // The main files are a snapshot, and a member that lags may need it before the next one.
      progress.snapshotTaken(index);
    }
    scrubber.start();
    return applied.get();
  }

  @Override
  public Snapshots snapshots() {
    return snapshots;
  }

  @Override
  public void committed(List<Entry> entries) {
    onApplyThread(() -> applier.apply(entries));
  }

  @Override
  public void leadership(Leadership now) {
    onApplyThread(() -> changeLeadership(now));
  }

  @Override
  public void configuration(Configuration now, boolean committed) {
    configuration = now;
  }

  @Override
  public void message(long from, byte[] payload) {
    HealingMessage message;
    try {
      message = HealingMessage.decode(payload);
    } catch (IOException e) {
      log.debug("node {} has sent {}", from, e.getMessage());
      return;
    }
    SideChannel others = sideChannel;
    if (message.isAnswer()) {
      healer.answered(from, message);
    } else if (others != null) {
      if (message instanceof HealingMessage.StateQuestion question) {
        onApplyThread(() -> damages.disputed(from, question));
      }
      healingSource.asked(message, answer -> others.send(from, answer.encode()));
    }
  }

  @Override
  public void failed(Throwable cause) {
    onApplyThread(() -> fail(cause));
  }

  /** Runs something in order with what is applied; not at all once the node has failed. */
  void onApplyThread(Runnable task) {
    applyThread.execute(task);
  }

  /** The node cannot go on. From the apply thread. */
  void failOnApplyThread(Throwable cause) {
    try {
      progress().failed(cause);
    } finally {
      fail(cause);
    }
  }

  private Progress progress() {
    return Objects.requireNonNull(progress, "start() comes first");
  }

  /** Something is damaged: that it heals is due now. */
  void wakeHealer() {
    healer.wake();
  }

  /** A database is not served any more: its file is not kept open for others. Apply thread. */
  void forgetFile(Database database) {
    healingSource.forget(database);
  }

  /** What to do with damaged databases. */
  Damages damages() {
    return damages;
  }

  /** The cluster's members, as last told. */
  Configuration configuration() {
    return configuration;
  }

  private void changeLeadership(Leadership now) {
    Leadership before = leadership.now();
    leadership.change(now); // first: no writer view may be opened for the old term any more
    if (now.isLeader() && now.established()) {
      healer.wake(); // it gives leadership away if anything is damaged
    }
    if (parts.decisions().endsViews(before, now)) {
      String because = "this node lost its leadership of term " + before.term();
      replicas.open().forEach(database -> database.leadershipLost(because, null));
    }
  }

  private void fail(Throwable cause) {
    if (!applyThread.fail(cause)) {
      return;
    }
    applied.end();
    leadership.end();
    replicas.open().forEach(database -> database.fail(cause));
  }

  private void snapshotTaken(long index) {
    progress().snapshotTaken(index);
  }

  /** The node cannot go on. From any thread. */
  void failAsync(Throwable cause) {
    progress().failed(cause);
    onApplyThread(() -> fail(cause));
  }

  /** All databases, in whatever state. */
  Collection<Replica> replicas() {
    return replicas.all();
  }

  FileLayer files() {
    return parts.files();
  }

  EngineThreads threads() {
    return parts.threads();
  }

  RoomWait room() {
    return room;
  }

  /** Index up to which a database's main file is whole, durably; 0 if it is not known. */
  long checkpointIndex(DatabaseName name) {
    DatabaseRecord record = catalogue.state().databases().get(name);
    return record == null ? 0 : record.index();
  }

  // Called by sessions, on their own threads.

  Consensus consensus() {
    return Objects.requireNonNull(consensus, "attach() comes first");
  }

  FsmConfig config() {
    return config;
  }

  EngineDecisions decisions() {
    return parts.decisions();
  }

  PipelineLimits limits() {
    return parts.limits();
  }

  AppliedIndex applied() {
    return applied;
  }

  Freshness freshness() {
    return freshness;
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

  /** The database in whatever state it is; null if there is none on this node. */
  @Nullable Replica replica(DatabaseName name) {
    return replicas.get(name);
  }

  /**
   * The database; null if there is none on this node.
   *
   * @throws DatabaseUnavailableException if there is one, and it is not served at present
   */
  @Nullable Database find(DatabaseName name) {
    return replicas.find(name);
  }

  /** Throws if the node can do nothing more. */
  void requireRunning() {
    applyThread.requireRunning();
  }

  /**
   * Runs something in order with what is applied.
   *
   * @throws BalsaException if the node is closed
   */
  <T> Future<T> submit(Callable<T> task) {
    return applyThread.submit(task);
  }

  /**
   * Opens the writer view of a database, or finds it open.
   *
   * @param term of the leadership under which everything before its first entry has been applied
   * @return empty if this node does not lead that term any more
   */
  Future<Optional<WriterView>> writerView(Database database, long term) {
    CompletableFuture<Optional<WriterView>> opened = new CompletableFuture<>();
    var unused =
        submit(
            () -> {
              database.openWriterOnceDecided(term, opened);
              return null;
            });
    return opened;
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
    room.end();
    scrubber.close();
    healer.close();
    healingSource.close();
    checkpointer.stop();
    DatabasesStop stop =
        new DatabasesStop(config, parts.files(), catalogue, replicas, checkpointer, applyThread);
    CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    applyThread.executeAnyway(
        () -> {
          leadership.end();
          applied.end();
          stop.endWriters();
          ended.complete(null);
        });
    ended.join();
    checkpointer.close();
    applyThread.executeAnyway(stop::closeDatabases);
    boolean interrupted = applyThread.shutdown();
    sql.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
