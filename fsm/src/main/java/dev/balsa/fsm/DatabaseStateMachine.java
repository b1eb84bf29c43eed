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
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.SnapshotMark;
import dev.balsa.sqlite.SqliteException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.function.Supplier;
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
  private final ExecutorService applyThread;
  private final Catalogue catalogue;
  private final Checkpointer checkpointer;
  private final DatabaseSnapshots snapshots;
  private final Scrubber scrubber;
  private final LogStore store;
  private final Healer healer;
  private final HealingSource healingSource;
  private final Disputes disputes = new Disputes();
  private final RoomWait room;
  private final ConcurrentSkipListMap<DatabaseName, Replica> replicas =
      new ConcurrentSkipListMap<>();

  /** Held while the log is read for a damaged database, and while one goes. */
  private final Object logReadersGate = new Object();

  private final AppliedIndex applied;
  private final Freshness freshness;
  private final AtomicLong transactionCounter = new AtomicLong();
  private final LeadershipView leadership;
  private final Set<Database> touched = new LinkedHashSet<>();
  private @Nullable Consensus consensus;
  private LongFunction<@Nullable String> addresses = id -> null;
  private volatile @Nullable Progress progress;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable SideChannel sideChannel;
  private volatile Configuration configuration = Configuration.EMPTY;
  private long lastTerm;

  private DatabaseStateMachine(
      FsmConfig config,
      EngineParts parts,
      Catalogue catalogue,
      LogStore store,
      Redo.Result recovered) {
    this.config = config;
    this.parts = parts;
    this.catalogue = catalogue;
    this.sql = SqlSurface.of(config);
    this.applied = new AppliedIndex(parts.threads(), recovered.applied());
    this.lastTerm = recovered.lastTerm();
    this.freshness =
        new Freshness(() -> consensus().leaderReadIndex(), applied, parts.threads()::nanoTime);
    this.room = new RoomWait(parts.threads());
    this.leadership = new LeadershipView(parts.threads());
    this.applyThread = parts.threads().executor("balsa-apply-" + config.name());
    this.checkpointer = new Checkpointer(this, catalogue, this::snapshotTaken);
    this.snapshots = new DatabaseSnapshots(this, catalogue);
    this.scrubber = new Scrubber(this, config.scrubPeriod());
    this.store = store;
    this.healer = new Healer(this, catalogue);
    this.healingSource = new HealingSource(this, catalogue, checkpointer);
    recovered.recovering().forEach(each -> replicas.put(each.name(), each));
    recovered.damaged().forEach(each -> replicas.put(each.name(), each));
    try {
      recovered.ready().forEach(this::openAtStart);
    } catch (RuntimeException | Error e) {
      abandon(recovered, e);
      throw e;
    }
  }

  private void openAtStart(Redo.Ready ready) {
    try {
      resume(open(ready.state()), ready.openPages());
    } catch (SqliteException e) {
      throw new BalsaException(
          "cannot open database '" + ready.state().name() + "' in " + config.folder() + ": " + e,
          e);
    }
  }

  /** It does not start after all: nothing stays open, and the files are left as they are. */
  private void abandon(Redo.Result recovered, Throwable because) {
    failure = because;
    for (Redo.Ready ready : recovered.ready()) {
      try {
        ready.openPages().close();
      } catch (IOException e) {
        because.addSuppressed(e);
      }
    }
    close();
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
    Catalogue catalogue = Catalogue.open(parts.files(), config.folder());
    try {
      Incoming.completeInstallation(parts.files(), config.folder(), catalogue);
    } catch (IOException | Catalogue.NoRoomException e) {
      throw new BalsaException(
          "cannot complete the installation of a snapshot in "
              + config.folder()
              + ": "
              + e.getMessage(),
          e);
    }
    Redo.Result recovered =
        Redo.run(parts.files(), config.folder(), parts.decisions(), catalogue, store);
    return new DatabaseStateMachine(config, parts, catalogue, store, recovered);
  }

  /** Lets SQLite open a database; replaces what stands for it so far. */
  private Database open(DatabaseState state) {
    Path path = config.folder().resolve(state.name().value());
    Database opened = new Database(this, state, path, sql, applied.get());
    replicas.put(state.name(), opened);
    return opened;
  }

  /** Gives a database that was opened the pages of an open transaction, if there are any. */
  private static void resume(Database database, PartsFile openPages) {
    try (openPages) {
      database.resume(openPages);
    } catch (IOException e) {
      throw new BalsaException(database.name() + ": " + e.getMessage(), e);
    }
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
    return replicas.values().stream()
        .map(
            each ->
                each instanceof DamagedDatabase && isHealing(each.name())
                    ? each.status().in(DatabaseStatus.Phase.HEALING)
                    : each.status())
        .toList();
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
    onApplyThread(() -> apply(entries));
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
        onApplyThread(() -> disputed(from, question));
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
    applied.begin(entries.get(entries.size() - 1).index());
    for (Entry entry : entries) {
      if (entry.term() != lastTerm) {
        termBegins(entry.term());
      }
      if (entry.type() == EntryType.COMMAND) {
        apply(entry.index(), EntryCodec.decode(entry.payload()));
      }
    }
    long index = entries.get(entries.size() - 1).index();
    openRecovered(index);
    applied.advance(index);
    Objects.requireNonNull(progress).applied(index);
    List<Database> changed = List.copyOf(touched);
    touched.clear();
    for (Database database : changed) {
      if (!database.isClosed()) {
        checkpointer.consider(database, index);
      }
    }
  }

  private void termBegins(long term) {
    lastTerm = term;
    for (Replica replica : replicas.values()) {
      if (replica instanceof Database database) {
        database.termBegins(term);
      } else if (replica instanceof RecoveringDatabase recovering) {
        recovering.termBegins(term);
      }
    }
  }

  private void apply(long index, Command command) {
    Replica replica = replicas.get(command.database());
    if (command instanceof Command.Commit commit) {
      if (replica instanceof Database database) {
        database.apply(index, commit);
        touched.add(database);
      } else if (replica instanceof RecoveringDatabase recovering) {
        room.await(commit.database().value(), () -> recovering.redo(index, commit));
      }
    } else if (catalogue.state().hasMember(index)) {
      log.debug("the snapshot that was installed has it already: {}", command);
    } else if (command instanceof Command.Create create) {
      if (replica == null) {
        room.await(create.database().value(), () -> create(index, create));
      }
    } else if (command instanceof Command.Drop drop
        && replica != null
        && replica.incarnation() == drop.incarnation()) {
      drop(index, replica);
    }
  }

  private void create(long index, Command.Create create) throws IOException {
    DatabaseFiles.create(parts.files(), config.folder(), create);
    DatabaseState state = new DatabaseState(index, create, parts.decisions());
    catalogue.update(known -> known.with(state.record(index)).through(index));
    open(state);
  }

  /** First the catalogue, then the files: a crash in between leaves files that recovery removes. */
  private void drop(long index, Replica replica) {
    DatabaseName name = replica.name();
    if (replica instanceof Database database) {
      database.dropped(() -> new NotAppliedException("database '" + name + "' was dropped"));
      healingSource.forget(database);
    } else if (replica instanceof RecoveringDatabase recovering) {
      closeFile(recovering);
    }
    room.await(name.value(), () -> catalogue.update(known -> known.without(name).through(index)));
    synchronized (logReadersGate) {
      replicas.remove(name);
    }
    room.await(name.value(), () -> DatabaseFiles.delete(parts.files(), config.folder(), name));
    log.info("database {} is dropped", name);
  }

  private static void closeFile(RecoveringDatabase recovering) {
    try {
      recovering.close();
    } catch (IOException e) {
      throw new BalsaException(recovering.path() + ": " + e.getMessage(), e);
    }
  }

  /** What waited for entries that have now come is whole, and served. */
  private void openRecovered(long index) {
    for (Replica replica : replicas.values()) {
      if (replica instanceof RecoveringDatabase recovering
          && parts.decisions().mayOpen(recovering.begun(), index)) {
        openRecovered(recovering, index);
      }
    }
  }

  /** Each step is waited for by itself: what is done is not repeated. */
  private void openRecovered(RecoveringDatabase recovering, long index) {
    DatabaseState state = recovering.state();
    String name = state.name().value();
    boolean[] good = new boolean[1];
    room.await(name, () -> good[0] = recovering.complete(null));
    PartsFile openPages = recovering.handOverParts();
    closeFile(recovering);
    if (good[0]) {
      room.await(name, () -> catalogue.update(known -> known.with(state.record(index))));
      Database[] opened = new Database[1];
      room.await(name, () -> opened[0] = open(state));
      resume(opened[0], openPages);
      log.info("database {} is recovered, and served", state.name());
    } else {
      room.await(name, openPages::close);
      replicas.put(
          state.name(), DamagedDatabase.of(state, "what came with a snapshot, and was redone,"));
      healer.wake();
    }
  }

  /** A database's content is not what the log says: it is not served any more. Apply thread. */
  void damaged(Database database, String reason) {
    damaged(database, reason, null, new TreeSet<>());
  }

  /** As above, with what {@link DamagedDatabase} tells of it. */
  void damaged(
      Database database,
      String reason,
      RecentStates.@Nullable State found,
      SortedSet<Long> overruledBy) {
    DamagedDatabase damaged =
        DamagedDatabase.found(
            database.name(),
            database.incarnation(),
            database.pageSize(),
            reason,
            found,
            overruledBy);
    replicas.put(database.name(), damaged);
    database.unserved(() -> unavailable(damaged));
    healingSource.forget(database);
    healer.wake();
  }

  /** A node whose database is damaged may be right, and this one wrong. Apply thread. */
  private void disputed(long from, HealingMessage.StateQuestion question) {
    RecentStates.State found = question.found();
    if (found == null
        || !(replicas.get(question.database()) instanceof Database database)
        || database.incarnation() != question.incarnation()) {
      return;
    }
    SortedSet<Long> against =
        disputes.note(database.name(), from, found, database.recent(), configuration.voters());
    if (!against.isEmpty()) {
      damaged(
          database,
          String.format(
              "a majority of the voters, the nodes %s, computes checksum %016x for transaction %s,"
                  + " and this node another one",
              against, found.checksum(), found.last()),
          null,
          against);
    }
  }

  /** Databases whose content on this node is not what the log says. */
  List<DamagedDatabase> damagedDatabases() {
    return replicas.values().stream()
        .filter(DamagedDatabase.class::isInstance)
        .map(DamagedDatabase.class::cast)
        .toList();
  }

  /** The cluster's members, as last told. */
  Configuration configuration() {
    return configuration;
  }

  /**
   * A good copy of a damaged database is here: takes its place, and gets what was applied since.
   * Apply thread.
   *
   * @param copy holds what {@code state} says, durably
   * @param through index of the last entry that is in it
   * @return false if the damaged one is not there any more
   * @throws IOException if the file cannot be moved; it is damaged still
   */
  boolean healed(DamagedDatabase damaged, DatabaseState state, Path copy, long through)
      throws IOException {
    FileLayer files = parts.files();
    DatabaseName name = damaged.name();
    if (replicas.get(name) != damaged) {
      files.delete(copy);
      return false;
    }
    Path mainFile = config.folder().resolve(name.value());
    // First: if it ends here, recovery redoes the log that far on whichever of the two it finds.
    catalogue.update(
        known -> known.change(name, damaged.incarnation(), record -> record.begunTo(through)));
    DatabaseFiles.deleteCompanions(files, mainFile);
    files.rename(copy, mainFile);
    files.forceFolder(config.folder());
    catalogue.update(known -> known.with(state.record(through)));
    open(state);
    Database database = Objects.requireNonNull(find(name));
    LogEntries.give(
        store::read,
        name,
        through,
        applied.get(),
        new LogEntries.Target() {
          @Override
          public void termBegins(long term) {
            database.termBegins(term);
          }

          @Override
          public void commit(long index, Command.Commit commit) {
            if (!database.isClosed()) {
              database.apply(index, commit);
            }
          }
        });
    return true;
  }

  /**
   * Reads the log after a damaged database's record, as long as that database is there: what it
   * needs is not discarded, and the whole log not replaced, before it is gone.
   *
   * @throws IOException if it was dropped, or replaced by a snapshot
   */
  List<Entry> readLogFor(DamagedDatabase damaged, long from, long to, long payloadBytesMax)
      throws IOException {
    synchronized (logReadersGate) {
      if (replicas.get(damaged.name()) != damaged) {
        throw new IOException("it was dropped, or replaced by a snapshot");
      }
      return store.read(from, to, payloadBytesMax);
    }
  }

  private static DatabaseUnavailableException unavailable(Replica replica) {
    return new DatabaseUnavailableException(
        replica instanceof DamagedDatabase damaged
            ? "database '"
                + damaged.name()
                + "' is damaged on this node, and not served here: "
                + damaged.reason()
            : "database '" + replica.name() + "' is being recovered on this node");
  }

  /**
   * Everything is replaced by a snapshot that is here completely. Apply thread.
   *
   * @param mark its place in the log
   */
  void install(SnapshotMark mark) {
    Supplier<DatabaseUnavailableException> why =
        () -> new DatabaseUnavailableException("a snapshot is being installed on this node");
    for (Replica replica : replicas.values()) {
      if (replica instanceof Database database) {
        database.unserved(why);
        healingSource.forget(database);
      } else if (replica instanceof RecoveringDatabase recovering) {
        closeFile(recovering);
      }
    }
    synchronized (logReadersGate) {
      replicas.clear();
    }
    FileLayer files = parts.files();
    room.await("the snapshot", () -> catalogue.update(known -> known.installing(mark)));
    room.await(
        "the snapshot", () -> Incoming.completeInstallation(files, config.folder(), catalogue));
    lastTerm = mark.term();
    applied.begin(mark.index());
    applied.advance(mark.index());
    for (DatabaseRecord record : catalogue.state().databases().values()) {
      room.await(
          record.name().value(),
          () ->
              replicas.put(
                  record.name(),
                  new RecoveringDatabase(files, config.folder(), record, parts.decisions())));
    }
    openRecovered(mark.index());
    log.info("{} databases came with the snapshot at index {}", replicas.size(), mark.index());
  }

  private void changeLeadership(Leadership now) {
    Leadership before = leadership.now();
    leadership.change(now); // first: no writer view may be opened for the old term any more
    if (now.isLeader() && now.established()) {
      healer.wake(); // it gives leadership away if anything is damaged
    }
    if (parts.decisions().endsViews(before, now)) {
      String because = "this node lost its leadership of term " + before.term();
      openDatabases().forEach(database -> database.leadershipLost(because, null));
    }
  }

  private void fail(Throwable cause) {
    if (failure != null) {
      return;
    }
    failure = cause;
    applied.end();
    leadership.end();
    openDatabases().forEach(database -> database.fail(cause));
  }

  private List<Database> openDatabases() {
    return replicas.values().stream()
        .filter(Database.class::isInstance)
        .map(Database.class::cast)
        .toList();
  }

  private void snapshotTaken(long index) {
    Objects.requireNonNull(progress).snapshotTaken(index);
  }

  /** The node cannot go on. From any thread. */
  void failAsync(Throwable cause) {
    Objects.requireNonNull(progress).failed(cause);
    onApplyThread(() -> fail(cause));
  }

  /** All databases, in whatever state. */
  Collection<Replica> replicas() {
    return replicas.values();
  }

  /** Whether a database of the catalogue is open. */
  boolean isServed(DatabaseRecord record) {
    return replicas.get(record.name()) instanceof Database database
        && !database.isClosed()
        && database.incarnation() == record.incarnation();
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
    Replica replica = replicas.get(name);
    if (replica == null || replica instanceof Database) {
      return (Database) replica;
    }
    throw unavailable(replica);
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
                now.isLeader() && now.term() == term && !database.isClosed()
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
    room.end();
    scrubber.close();
    healer.close();
    healingSource.close();
    checkpointer.stop();
    CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    applyThread.execute(
        () -> {
          endWriters();
          ended.complete(null);
        });
    ended.join();
    checkpointer.close();
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

  private void endWriters() {
    leadership.end();
    applied.end();
    for (Database database : openDatabases()) {
      try {
        database.leadershipLost("the node was closed", failure);
      } catch (RuntimeException | Error e) {
        log.error("closing database {}", database.name(), e);
      }
    }
  }

  private void closeDatabases() {
    for (Replica replica : replicas.values()) {
      try {
        if (replica instanceof Database database) {
          close(database);
        } else if (replica instanceof RecoveringDatabase recovering) {
          recovering.close();
        }
      } catch (IOException | RuntimeException | Error e) {
        log.error("closing database {}", replica.name(), e);
      }
    }
  }

  private void close(Database database) {
    boolean whole = false;
    try {
      whole = failure == null && checkpointer.last(database);
    } finally {
      database.close(() -> new BalsaException("the node is closed"));
    }
    if (whole) {
      CleanStop.keep(parts.files(), config.folder(), database, catalogue);
    }
  }
}
