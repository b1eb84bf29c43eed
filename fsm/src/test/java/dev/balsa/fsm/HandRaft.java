package dev.balsa.fsm;

import dev.balsa.raft.Consensus;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.OutcomeSkippedException;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.raft.RaftStoppedException;
import dev.balsa.raft.ReadOutcome;
import dev.balsa.raft.Role;
import dev.balsa.raft.Snapshots;
import dev.balsa.raft.StateMachine;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.SnapshotMark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Raft as the test plays it for one node: outcomes are told on a thread of its own. The test
 * decides when this node leads, and when what it proposed is committed, refused or superseded. Also
 * a log in memory, for recovery.
 */
final class HandRaft implements Consensus, LogStore, AutoCloseable {
  /** What a node under test proposed and Raft has not decided. */
  record Proposal(Entry entry, CompletableFuture<ProposalOutcome> outcome) {}

  private final Path folder;
  private final FsmConfig config;
  private final EngineParts parts;
  private final ExecutorService loop =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "hand-raft");
            thread.setDaemon(true);
            return thread;
          });
  private final List<Entry> log;
  private final List<Proposal> undecided = new ArrayList<>();
  private Leadership leadership = Leadership.NONE;
  private boolean commitAtOnce = true;
  private @Nullable Refusal refuseWith;
  private final List<Runnable> untold = new ArrayList<>();
  private @Nullable Refusal refuseOnceWith;
  private @Nullable Error throwOnce;
  private boolean deposedUnawares;
  private boolean leaseHeld;
  private int leaseReads;
  private long leaderSays;
  private int leaderReads;
  private volatile @Nullable UUID clusterId = new UUID(1, 2);
  private long committed;
  private DatabaseStateMachine machine;
  private volatile @Nullable Throwable failure;
  private volatile long snapshotTaken;
  private SnapshotMark base = SnapshotMark.NONE;

  private final Watch watch;

  /** Is told of what the state machine could notice of the log, before it can. */
  interface Watch {
    Watch NOBODY = new Watch() {};

    /** The log is that long, durably, and begins there. */
    default void log(SnapshotMark base, long lastIndex) {}

    /** What is up to there can be discarded from now on. */
    default void free(long index) {}
  }

  private HandRaft(FsmConfig config, EngineParts parts, Watch watch) {
    this(config, parts, watch, SnapshotMark.NONE, new ArrayList<>(), 0);
  }

  private HandRaft(
      FsmConfig config,
      EngineParts parts,
      Watch watch,
      SnapshotMark base,
      List<Entry> log,
      long committed) {
    this.log = log;
    this.folder = config.folder();
    this.config = config;
    this.parts = parts;
    this.watch = watch;
    this.base = base;
    this.committed = committed;
    if (lastIndex() > 0) {
      this.leadership = new Leadership(Role.FOLLOWER, lastTerm(), 0, false);
    }
    this.machine = start();
  }

  private long lastTerm() {
    return log.isEmpty() ? base.term() : log.get(log.size() - 1).term();
  }

  /**
   * A node is started with a log that another one has left.
   *
   * @param base where the log begins
   * @param entries all of it
   * @param committed what of it is known to be committed
   */
  static HandRaft reopen(
      FsmConfig config, EngineParts parts, SnapshotMark base, List<Entry> entries, long committed) {
    return new HandRaft(config, parts, Watch.NOBODY, base, new ArrayList<>(entries), committed);
  }

  static HandRaft open(FsmConfig config, EngineParts parts, Watch watch) {
    return new HandRaft(config, parts, watch);
  }

  static HandRaft open(Path folder) {
    return open(FsmConfig.of(folder, "test"));
  }

  static HandRaft open(FsmConfig config) {
    return open(config, EngineDecisions.SOUND, PipelineLimits.DEFAULT);
  }

  static HandRaft open(FsmConfig config, EngineDecisions decisions, PipelineLimits limits) {
    return open(config, new EngineParts(decisions, limits, FileLayer.SYSTEM));
  }

  static HandRaft open(FsmConfig config, EngineParts parts) {
    return open(config, parts, new ArrayList<>());
  }

  /** With its log in a list of the test's. */
  static HandRaft open(FsmConfig config, EngineParts parts, List<Entry> log) {
    return new HandRaft(config, parts, Watch.NOBODY, SnapshotMark.NONE, log, 0);
  }

  private DatabaseStateMachine start() {
    DatabaseStateMachine started = DatabaseStateMachine.recover(config, this, parts);
    snapshotTaken = 0;
    started.attach(this, id -> "node-" + id + ":7000");
    long applied =
        started.start(
            new StateMachine.Progress() {
              @Override
              public void applied(long index) {}

              @Override
              public void snapshotTaken(long index) {
                watch.free(index);
                snapshotTaken = index;
              }

              @Override
              public void failed(Throwable cause) {
                failure = cause;
              }
            });
    adopt(started, applied);
    if (applied < committed) {
      started.committed(between(applied, committed));
    }
    return started;
  }

  /** What Raft does at a start. */
  private void adopt(DatabaseStateMachine started, long applied) {
    SnapshotMark installed = started.snapshots().installed();
    if (installed != null
        && base.index() < installed.index()
        && (lastIndex() < installed.index() || term(installed.index()) != installed.term())) {
      begin(installed); // a crash came between the two
    }
    if (applied < base.index() || applied > lastIndex()) {
      started.close();
      throw new AssertionError(
          "applied " + applied + ", with a log after " + base + " up to " + lastIndex());
    }
    committed = Math.max(committed, applied);
  }

  DatabaseStateMachine machine() {
    return machine;
  }

  /** The entries after one index up to another one. */
  private List<Entry> between(long after, long to) {
    return List.copyOf(log.subList((int) (after - base.index()), (int) (to - base.index())));
  }

  /** Index up to which the state machine does not need the log any more; 0 if it never said so. */
  long snapshotTaken() {
    return snapshotTaken;
  }

  /** Discards the log as far as the state machine lets it. */
  synchronized HandRaft compact() {
    SnapshotMark mark = markAt(snapshotTaken);
    log.subList(0, (int) (mark.index() - base.index())).clear();
    base = mark;
    return this;
  }

  /** The place of a snapshot in the log. */
  synchronized SnapshotMark markAt(long index) {
    return index == base.index() ? base : new SnapshotMark(index, term(index), Configuration.EMPTY);
  }

  /** The whole log is replaced by what another node's begins with; then its entries come. */
  void install(HandRaft sender) throws Exception {
    SnapshotMark mark = sender.markAt(sender.snapshotTaken());
    SnapshotId id = new SnapshotId(9, mark.index(), mark.term(), 1);
    transfer(sender, id, mark);
    machine.snapshots().install(id, mark).get(30, TimeUnit.SECONDS);
    begin(mark);
  }

  /** Sends a snapshot, as far as its last byte. */
  void transfer(HandRaft sender, SnapshotId id, SnapshotMark mark) throws Exception {
    try (Snapshots.Source source = sender.machine.snapshots().open(mark.index());
        Snapshots.Sink sink = machine.snapshots().receive(id, mark)) {
      boolean last = false;
      while (!last) {
        Snapshots.Source.Part part = source.read(sink.offset(), 100_000);
        sink.write(part.content());
        last = part.last();
      }
      sink.complete();
    }
  }

  /** The log begins after a snapshot that is installed. */
  synchronized void begin(SnapshotMark mark) {
    log.clear();
    base = mark;
    committed = mark.index();
    watch.log(base, lastIndex());
  }

  Path folder() {
    return folder;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  Session session(String database) {
    return machine.session(database, SessionOptions.DEFAULT);
  }

  Session session(String database, SessionOptions options) {
    return machine.session(database, options);
  }

  /** This node wins an election, and its first entry is committed. */
  synchronized HandRaft lead() {
    long term = leadership.term() + 1;
    change(new Leadership(Role.LEADER, term, 1, false));
    append(new Entry(lastIndex() + 1, term, EntryType.NO_OP, new byte[0]));
    commitUpTo(lastIndex());
    change(new Leadership(Role.LEADER, term, 1, true));
    return this;
  }

  /** Node 2 leads from now on; the fate of what is undecided stays open. */
  synchronized HandRaft follow() {
    change(new Leadership(Role.FOLLOWER, leadership.term() + 1, 2, false));
    return this;
  }

  /** Another leads, as no heartbeat has told this node yet: only asking a quorum shows it. */
  synchronized HandRaft deposeUnawares() {
    deposedUnawares = true;
    return this;
  }

  /** What is proposed stays undecided from now on. */
  synchronized HandRaft hold() {
    commitAtOnce = false;
    return this;
  }

  /** What is proposed is refused from now on. */
  synchronized HandRaft refuse(@Nullable Refusal reason) {
    refuseWith = reason;
    return this;
  }

  /** Tells of the refusals by {@link #refuseOnce}. */
  synchronized HandRaft tellRefusals() {
    List<Runnable> telling = List.copyOf(untold);
    untold.clear();
    telling.forEach(loop::execute);
    return this;
  }

  /** Commits up to so many of the oldest undecided proposals. */
  synchronized HandRaft commitSome(int proposals) {
    if (!undecided.isEmpty()) {
      commit(Math.min(proposals, undecided.size()));
    }
    return this;
  }

  /** How many proposals are undecided. */
  synchronized int undecided() {
    return undecided.size();
  }

  /** Commits what is undecided; what is proposed later is held. */
  synchronized HandRaft commitAll() {
    commitUpTo(lastIndex());
    return this;
  }

  /** The next proposal is refused, which is told when the test says so. */
  synchronized HandRaft refuseOnce(Refusal reason) {
    refuseOnceWith = reason;
    return this;
  }

  /** The next proposal fails to be made. */
  synchronized HandRaft throwOnce(Error error) {
    throwOnce = error;
    return this;
  }

  /** Commits the oldest undecided proposals; the rest, and what is proposed later, is held. */
  synchronized HandRaft commit(int proposals) {
    commitUpTo(undecided.get(proposals - 1).entry().index());
    return this;
  }

  /** Nobody will be told what became of what is undecided. */
  synchronized HandRaft skipOutcomes() {
    fail(new OutcomeSkippedException(1, 1));
    return this;
  }

  /** Commits what is undecided, and from now on at once. */
  synchronized HandRaft release() {
    commitAtOnce = true;
    commitUpTo(lastIndex());
    return this;
  }

  /** Raft stops on this node: nothing that is undecided ever will be. */
  synchronized HandRaft crash() {
    fail(new RaftStoppedException("stopped", null));
    return this;
  }

  private void fail(RuntimeException why) {
    List<Proposal> lost = List.copyOf(undecided);
    undecided.clear();
    loop.execute(() -> lost.forEach(proposal -> proposal.outcome().completeExceptionally(why)));
  }

  /** The next leader does not have what is undecided: its own first entry takes the place. */
  synchronized HandRaft supersede() {
    List<Proposal> lost = List.copyOf(undecided);
    undecided.clear();
    while (lastIndex() > committed) { // from the end
      log.remove(log.size() - 1);
    }
    append(new Entry(lastIndex() + 1, leadership.term(), EntryType.NO_OP, new byte[0]));
    commitUpTo(lastIndex());
    long term = leadership.term();
    loop.execute(
        () ->
            lost.forEach(
                proposal ->
                    proposal
                        .outcome()
                        .complete(new ProposalOutcome.Superseded(proposal.entry().index(), term))));
    return this;
  }

  /** Up to where this node knows the log to be committed. */
  synchronized long committed() {
    return committed;
  }

  /** Another leader's entry arrives, committed. */
  synchronized void receive(Entry entry) {
    append(new Entry(lastIndex() + 1, entry.term(), entry.type(), entry.payload()));
    commitUpTo(lastIndex());
  }

  /** How many commands are committed. */
  synchronized long commands() {
    return committedEntries().stream().filter(e -> e.type() == EntryType.COMMAND).count();
  }

  /** The log so far, as far as it is committed. */
  synchronized List<Entry> committedEntries() {
    return between(base.index(), committed);
  }

  /** Waits until this many proposals are undecided. */
  synchronized void awaitUndecided(int count) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (undecided.size() < count) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError("only " + undecided.size() + " proposals");
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /** Waits until everything committed has been applied. */
  void awaitApplied() throws InterruptedException {
    if (!machine.applied().await(committed, TimeUnit.SECONDS.toNanos(30))) {
      throw new AssertionError("applied " + machine.appliedIndex() + " of " + committed, failure);
    }
  }

  /** As after kill -9: nothing is closed in order; a new state machine recovers from the log. */
  HandRaft restart() {
    machine.close();
    leadership = new Leadership(Role.FOLLOWER, leadership.term(), 0, false);
    machine = start();
    return this;
  }

  private void change(Leadership to) {
    leadership = to;
    machine.leadership(to);
  }

  private void append(Entry entry) {
    log.add(entry);
  }

  private void commitUpTo(long index) {
    if (index > committed) {
      List<Entry> entries = between(committed, index);
      committed = index;
      watch.log(base, lastIndex());
      machine.committed(entries);
      List<Proposal> decided = undecided.stream().filter(p -> p.entry().index() <= index).toList();
      undecided.removeAll(decided);
      loop.execute(
          () ->
              decided.forEach(
                  p ->
                      p.outcome()
                          .complete(
                              new ProposalOutcome.Committed(p.entry().index(), p.entry().term()))));
    }
  }

  @Override
  public synchronized CompletableFuture<ProposalOutcome> propose(
      long expectedTerm, byte[] payload) {
    Error failure = throwOnce;
    if (failure != null) {
      throwOnce = null;
      throw failure;
    }
    Refusal once = refuseOnceWith;
    if (once != null) {
      refuseOnceWith = null;
      CompletableFuture<ProposalOutcome> refused = new CompletableFuture<>();
      untold.add(() -> refused.complete(new ProposalOutcome.Refused(once)));
      return refused;
    }
    Refusal refusal =
        refuseWith != null
            ? refuseWith
            : !leadership.isLeader()
                ? Refusal.NOT_LEADER
                : leadership.term() != expectedTerm ? Refusal.WRONG_TERM : null;
    CompletableFuture<ProposalOutcome> outcome = new CompletableFuture<>();
    if (refusal != null) {
      loop.execute(() -> outcome.complete(new ProposalOutcome.Refused(refusal)));
      return outcome;
    }
    Entry entry = new Entry(lastIndex() + 1, expectedTerm, EntryType.COMMAND, payload);
    append(entry);
    undecided.add(new Proposal(entry, outcome));
    notifyAll();
    if (commitAtOnce) {
      commitUpTo(lastIndex());
    }
    return outcome;
  }

  @Override
  public synchronized CompletableFuture<ReadOutcome> readIndex() {
    return CompletableFuture.completedFuture(
        leadership.isLeader() && !deposedUnawares
            ? new ReadOutcome.Ready(committed)
            : new ReadOutcome.Refused(Refusal.NOT_LEADER));
  }

  @Override
  public synchronized Leadership leadership() {
    return leadership;
  }

  @Override
  public synchronized HardState hardState() {
    return new HardState(leadership.term(), 0, committed);
  }

  @Override
  public synchronized long firstIndex() {
    return base.index() + 1;
  }

  @Override
  public synchronized long lastIndex() {
    return base.index() + log.size();
  }

  @Override
  public synchronized long term(long index) {
    return log.get((int) (index - base.index()) - 1).term();
  }

  @Override
  public synchronized List<Entry> read(long fromIndex, long toIndex, long payloadBytesMax) {
    return between(fromIndex - 1, Math.min(toIndex, fromIndex + 9));
  }

  @Override
  public void append(HardState hardState, List<Entry> entries) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isPreparedFor(List<Entry> newEntries) {
    return true;
  }

  @Override
  public void force() {
    throw new UnsupportedOperationException();
  }

  @Override
  public long sizeBytes() {
    return 0;
  }

  /** Closes the state machine: its files can then be looked at. */
  void stop() {
    machine.close();
  }

  @Override
  public void close() {
    stop();
    loop.shutdown();
  }

  /** As long as the test lets the lease last, a leader that is deposed unawares answers by it. */
  @Override
  public synchronized CompletableFuture<ReadOutcome> readLease() {
    leaseReads++;
    return leadership.isLeader() && leaseHeld
        ? CompletableFuture.completedFuture(new ReadOutcome.Ready(committed))
        : readIndex();
  }

  /** From now on the lease holds, or not. */
  synchronized HandRaft lease(boolean held) {
    leaseHeld = held;
    return this;
  }

  /** How often was asked by the lease. */
  synchronized int leaseReads() {
    return leaseReads;
  }

  /**
   * A follower's leader answers only when the test lets it; a leader answers as to {@link
   * #readIndex}.
   */
  @Override
  public synchronized CompletableFuture<ReadOutcome> leaderReadIndex() {
    leaderReads++;
    if (leadership.isLeader()) {
      return readIndex();
    }
    CompletableFuture<ReadOutcome> answer = new CompletableFuture<>();
    if (leadership.leaderId() == 0) {
      answer.complete(new ReadOutcome.Refused(Refusal.NOT_LEADER));
    } else if (leaderSays != 0) {
      answer.complete(new ReadOutcome.Ready(leaderSays));
    }
    return answer;
  }

  /** The leader answers a follower that all is committed up to there; 0: it does not answer. */
  synchronized HandRaft leaderSays(long index) {
    leaderSays = index;
    return this;
  }

  /** How often the leader was asked. */
  synchronized int leaderReads() {
    return leaderReads;
  }

  @Override
  public @Nullable UUID clusterId() {
    return clusterId;
  }

  /** Which cluster this node belongs to; null if it does not know. */
  HandRaft clusterId(@Nullable UUID id) {
    clusterId = id;
    return this;
  }

  @Override
  public synchronized SnapshotMark base() {
    return base;
  }

  @Override
  public List<Entry> configurations() {
    return List.of();
  }

  @Override
  public void compact(SnapshotMark mark) {
    throw new UnsupportedOperationException("see compact()");
  }

  @Override
  public void reset(HardState hardState, SnapshotMark base) {
    throw new UnsupportedOperationException("see install()");
  }
}
