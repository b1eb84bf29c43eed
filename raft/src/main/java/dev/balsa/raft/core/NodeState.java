package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.TraceSink.Transition;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a node is and has in every role: term and vote, log, {@linkplain KnownMembers members},
 * {@linkplain NodeSnapshots snapshots}, and the effects that the present step has produced so far.
 * Roles change it through these methods only.
 */
final class NodeState {
  final CoreConfig config;
  final RaftLog log;
  final PendingWrites writes;
  final KnownMembers members;
  final NodeSnapshots snapshots;
  final Decisions decisions;
  final TraceSink trace;
  private final RandomGenerator random;
  private boolean storageFull;

  /** Ticks since this node last heard a leader of its term, in whatever roles since. */
  private int ticksSinceLeader;

  private long term;
  private long votedFor;
  private boolean mustWrite;
  private RoleState role;
  private List<Effect> effects = new ArrayList<>();
  private List<Send> promises = new ArrayList<>();

  NodeState(
      CoreConfig config,
      HardState hardState,
      LogExtent extent,
      RaftLog log,
      RandomGenerator random,
      TraceSink trace,
      Decisions decisions) {
    this.config = config;
    this.decisions = decisions;
    this.writes = new PendingWrites(decisions);
    this.log = log;
    this.members =
        new KnownMembers(this, new Configurations(config.initialConfiguration(), extent));
    this.random = random;
    this.trace = trace;
    this.term = hardState.term();
    this.votedFor = decisions.voteAfterRestart(hardState);
    this.snapshots = new NodeSnapshots(this, random.nextLong() >>> 2);
    // A restarted node does not know whether it has just extended a leader's lease.
    this.ticksSinceLeader = decisions.ticksSinceLeaderAtStart(config);
    this.role = new Follower(this, 0);
    Invariant.check(term >= log.lastTerm(), "term %s, log's last %s", term, log.lastTerm());
  }

  NodeState(NodeState from, EntrySource durableEntries, RandomGenerator random, TraceSink trace) {
    Invariant.check(from.effects.isEmpty() && from.promises.isEmpty(), "copied within a step");
    config = from.config;
    decisions = from.decisions;
    log = new RaftLog(from.log, durableEntries);
    writes = new PendingWrites(from.writes);
    this.trace = trace;
    this.random = random;
    members = new KnownMembers(from.members, this);
    snapshots = new NodeSnapshots(from.snapshots, this);
    storageFull = from.storageFull;
    ticksSinceLeader = from.ticksSinceLeader;
    term = from.term;
    votedFor = from.votedFor;
    mustWrite = from.mustWrite;
    role = from.role.copy(this);
  }

  void describe(StateSink sink) {
    sink.node("id", id());
    sink.kind("role", role.role());
    sink.number("term", term);
    sink.node("votedFor", votedFor);
    sink.flag("mustWrite", mustWrite);
    sink.flag("hearsLeader", hearsLeader());
    sink.clock("ticksSinceLeader", ticksSinceLeader);
    sink.flag("storageFull", storageFull);
    log.describe(sink);
    writes.describe(sink);
    members.describe(sink);
    snapshots.describe(sink);
    role.describe(sink);
  }

  long id() {
    return config.nodeId();
  }

  long term() {
    return term;
  }

  long votedFor() {
    return votedFor;
  }

  RoleState role() {
    return role;
  }

  Leadership leadership() {
    return new Leadership(role.role(), term, role.leaderId(), role.isEstablished());
  }

  boolean isStorageFull() {
    return storageFull;
  }

  void storageFull(boolean full) {
    storageFull = full;
  }

  // ---- time

  void tick() {
    if (ticksSinceLeader < config.electionTimeoutTicks()) {
      ticksSinceLeader++;
    }
    role.tick();
  }

  /** The leader of this node's term was heard. */
  void heardLeader() {
    ticksSinceLeader = 0;
  }

  /**
   * Whether this node leads, or has heard a leader within the minimum election timeout, whatever
   * has become of its own role since: then it votes for nobody, so that a server that comes back
   * from a partition, or was removed, cannot depose a leader that works (thesis 4.2.3), and a lease
   * holds.
   */
  boolean hearsLeader() {
    return role.role() == Role.LEADER
        || decisions.isSticky(ticksSinceLeader, config.electionTimeoutTicks());
  }

  /** Whether this node may stand for election: it votes, and could write its vote. */
  boolean mayCampaign() {
    return members.mayVote() && !storageFull;
  }

  ElectionTimer newElectionTimer() {
    return new ElectionTimer(config.electionTimeoutTicks(), random);
  }

  // ---- roles

  /** Follows in that term; leader 0 if none is known. */
  void becomeFollower(long newTerm, long leaderId) {
    enterTerm(newTerm, 0);
    take(new Follower(this, leaderId));
  }

  void becomePreCandidate() {
    PreCandidate next = new PreCandidate(this);
    take(next);
    next.begin();
  }

  /**
   * Stands for election.
   *
   * @param transfer whether the leader itself has asked for it
   */
  void becomeCandidate(boolean transfer) {
    enterTerm(term + 1, id());
    Candidate next = new Candidate(this, transfer);
    take(next);
    next.begin();
  }

  void becomeLeader() {
    Leader next = new Leader(this);
    take(next);
    next.begin();
  }

  /** Gives this node's vote in the present term. */
  void voteFor(long candidate) {
    Invariant.check(
        votedFor == 0 || votedFor == candidate,
        "second vote in term %s, for %s after %s",
        term,
        candidate,
        votedFor);
    if (votedFor == 0) {
      votedFor = candidate;
      mustWrite = true;
      trace.transition(new Transition.VoteGiven(term, candidate));
    }
  }

  private void enterTerm(long newTerm, long vote) {
    Invariant.check(newTerm >= term, "term %s after %s", newTerm, term);
    if (newTerm > term) {
      term = newTerm;
      votedFor = 0;
      mustWrite = true;
    }
    if (vote != 0) {
      voteFor(vote);
    }
  }

  private void take(RoleState next) {
    handOver(); // what was committed so far was so under the old role
    role.leave();
    role = next;
    trace.transition(new Transition.RoleTaken(next.role(), term, next.leaderId()));
    emit(new Effect.LeadershipChanged(leadership()));
  }

  // ---- log

  void append(Entry entry) {
    Invariant.check(entry.term() <= term, "%s in term %s", entry, term);
    log.append(entry);
    trace.transition(new Transition.Appended(entry.index(), entry.term()));
    if (entry.type() == EntryType.CONFIGURATION) {
      members.append(entry);
    }
  }

  void truncateFrom(long index) {
    Invariant.check(role.role() != Role.LEADER, "a leader truncates its log at %s", index);
    log.truncateFrom(index);
    writes.truncateFrom(index);
    trace.transition(new Transition.Truncated(index));
    members.truncateFrom(index);
  }

  void durable(long write) {
    long before = log.durable();
    log.durableTo(writes.durable(write));
    if (log.durable() > before) {
      trace.transition(new Transition.Durable(log.durable()));
    }
  }

  /** Commits up to that index; what is below the commit index is no news. */
  void commitTo(long index) {
    if (index > log.committed()) {
      log.commitTo(index);
      trace.transition(new Transition.Committed(index));
      members.tellIfCommitted();
    }
  }

  /** Gives the state machine all that it may have. */
  void handOver() {
    for (List<Entry> entries = log.takeCommitted();
        !entries.isEmpty();
        entries = log.takeCommitted()) {
      emit(new Effect.Apply(entries));
      trace.transition(new Transition.HandedOver(log.handed()));
    }
  }

  // ---- effects

  void emit(Effect effect) {
    effects.add(effect);
  }

  /** Sends a message that promises nothing. */
  void send(long to, Message message) {
    effects.add(new Send(to, message));
  }

  /**
   * Sends a message once all that this step and those before it wrote is durable: a vote, or that
   * entries are there.
   */
  void promise(long to, Message message) {
    if (message instanceof AppendAccepted accepted && !promises.isEmpty()) {
      Send last = promises.get(promises.size() - 1);
      if (last.to() == to
          && last.message() instanceof AppendAccepted before
          && before.term() == accepted.term()) {
        // Several requests in one step: the last answer says it all.
        long match = Math.max(before.matchIndex(), accepted.matchIndex());
        promises.set(promises.size() - 1, new Send(to, new AppendAccepted(accepted.term(), match)));
        return;
      }
    }
    promises.add(new Send(to, message));
  }

  /** Ends a step: writes what has changed, and answers with all effects in order. */
  List<Effect> takeEffects() {
    handOver();
    write();
    List<Effect> result = effects;
    effects = new ArrayList<>();
    return result;
  }

  /** Writes what has changed, with the promises that wait for it. */
  void write() {
    boolean changed = mustWrite || log.hasUnwritten();
    boolean waits = !promises.isEmpty() && !writes.isEmpty();
    if (changed || (waits && !storageFull)) {
      List<Entry> entries = log.takeUnwritten();
      long number = writes.start(log.lastIndex());
      emit(new AppendToLog(number, hardState(), entries, promises));
      mustWrite = false;
    } else if (!waits) {
      effects.addAll(promises);
    } // else: without room for the log, what is queued for it must not grow with every repetition
    if (!promises.isEmpty()) {
      promises = new ArrayList<>();
    }
  }

  /**
   * What is to be kept. Its commit index is one that is durable here already: whatever part of this
   * write survives a crash, the entries up to it do.
   */
  private HardState hardState() {
    return new HardState(term, votedFor, Math.min(log.committed(), log.durable()));
  }
}
