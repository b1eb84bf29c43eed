package dev.balsa.fsm;

import dev.balsa.raft.Consensus;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.OutcomeSkippedException;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.raft.RaftStoppedException;
import dev.balsa.raft.ReadOutcome;
import dev.balsa.raft.Role;
import dev.balsa.raft.StateMachine;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
  private final EngineDecisions decisions;
  private final PipelineLimits limits;
  private final ExecutorService loop =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "hand-raft");
            thread.setDaemon(true);
            return thread;
          });
  private final List<Entry> log = new ArrayList<>();
  private final List<Proposal> undecided = new ArrayList<>();
  private Leadership leadership = Leadership.NONE;
  private boolean commitAtOnce = true;
  private @Nullable Refusal refuseWith;
  private final List<Runnable> untold = new ArrayList<>();
  private @Nullable Refusal refuseOnceWith;
  private @Nullable Error throwOnce;
  private boolean deposedUnawares;
  private long committed;
  private DatabaseStateMachine machine;
  private volatile @Nullable Throwable failure;

  private HandRaft(FsmConfig config, EngineDecisions decisions, PipelineLimits limits) {
    this.folder = config.folder();
    this.config = config;
    this.decisions = decisions;
    this.limits = limits;
    this.machine = start();
  }

  static HandRaft open(Path folder) {
    return open(FsmConfig.of(folder, "test"));
  }

  static HandRaft open(FsmConfig config) {
    return open(config, EngineDecisions.SOUND, PipelineLimits.DEFAULT);
  }

  static HandRaft open(FsmConfig config, EngineDecisions decisions, PipelineLimits limits) {
    return new HandRaft(config, decisions, limits);
  }

  private DatabaseStateMachine start() {
    DatabaseStateMachine started = DatabaseStateMachine.recover(config, this, decisions, limits);
    started.attach(this, id -> "node-" + id + ":7000");
    long applied =
        started.start(
            new StateMachine.Progress() {
              @Override
              public void applied(long index) {}

              @Override
              public void snapshotTaken(long index) {}

              @Override
              public void failed(Throwable cause) {
                failure = cause;
              }
            });
    if (applied < committed) {
      started.committed(List.copyOf(log.subList((int) applied, (int) committed)));
    }
    return started;
  }

  DatabaseStateMachine machine() {
    return machine;
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
    while (lastIndex() > committed) {
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
    return List.copyOf(log.subList(0, (int) committed));
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
      List<Entry> entries = List.copyOf(log.subList((int) committed, (int) index));
      committed = index;
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
  public long firstIndex() {
    return 1;
  }

  @Override
  public synchronized long lastIndex() {
    return log.size();
  }

  @Override
  public synchronized long term(long index) {
    return log.get((int) index - 1).term();
  }

  @Override
  public synchronized List<Entry> read(long fromIndex, long toIndex, long payloadBytesMax) {
    return List.copyOf(log.subList((int) fromIndex - 1, (int) Math.min(toIndex, fromIndex + 9)));
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

  @Override
  public CompletableFuture<ReadOutcome> readLease() {
    return readIndex();
  }

  @Override
  public SnapshotMark base() {
    return SnapshotMark.NONE;
  }

  @Override
  public List<Entry> configurations() {
    return List.of();
  }

  @Override
  public void compact(SnapshotMark mark) {
    throw new UnsupportedOperationException("this log is never compacted");
  }

  @Override
  public void reset(HardState hardState, SnapshotMark base) {
    throw new UnsupportedOperationException("this log takes no snapshot");
  }
}
