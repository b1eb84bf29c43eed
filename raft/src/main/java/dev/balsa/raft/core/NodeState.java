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
import org.jspecify.annotations.Nullable;

/**
 * What a node is and has in every role: term and vote, log, configuration, snapshot, and the
 * effects that the present step has produced so far. Roles change it through these methods only.
 */
final class NodeState {
  final CoreConfig config;
  final RaftLog log;
  final PendingWrites writes;
  final Decisions decisions;
  final TraceSink trace;
  private final RandomGenerator random;
  private final Configurations configurations;
  private Membership membership;
  private boolean toldCommitted;
  private Configurations.@Nullable At notice;
  private SnapshotMark snapshot = SnapshotMark.NONE;
  private long lastSnapshotSequence;
  private @Nullable SnapshotReceipt receipt;
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
    this.configurations = new Configurations(config.initialConfiguration(), extent);
    this.membership =
        new Membership(decisions.deciding(configurations, config.nodeId()), decisions);
    this.toldCommitted = configurations.latest().index() <= log.committed();
    this.log = log;
    this.random = random;
    this.trace = trace;
    this.term = hardState.term();
    this.votedFor = decisions.voteAfterRestart(hardState);
    this.lastSnapshotSequence = random.nextLong() >>> 2;
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
    configurations = new Configurations(from.configurations);
    membership = new Membership(from.membership);
    toldCommitted = from.toldCommitted;
    notice = from.notice;
    snapshot = from.snapshot;
    lastSnapshotSequence = from.lastSnapshotSequence;
    receipt = from.receipt == null ? null : new SnapshotReceipt(from.receipt);
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
    sink.flag("toldCommitted", toldCommitted);
    log.describe(sink);
    writes.describe(sink);
    sink.begin("membership");
    sink.configuration(membership.configuration());
    sink.end();
    configurations.describe(sink);
    sink.flag("notice", notice != null);
    if (notice != null) {
      notice.describe(sink);
    }
    sink.mark(snapshot);
    sink.flag("receipt", receipt != null);
    if (receipt != null) {
      receipt.describe(sink);
    }
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

  Membership membership() {
    return membership;
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

  /**
   * Whether this node may stand for election: whether it votes, by all that it knows, and could
   * write its vote. One that is no voter of a configuration not yet committed stands as well if it
   * was one before: it may be the only one with that entry, and then the others, who need its vote,
   * cannot outdo its log (thesis 4.2.2).
   */
  boolean mayCampaign() {
    Configurations.At latest = configurations.latest();
    Configurations.At told = notice;
    boolean removed =
        told != null && told.index() >= latest.index() && !told.configuration().isVoter(id());
    boolean votes =
        membership.isVoter(id())
            || configurations.at(log.committed()).configuration().isVoter(id());
    return votes && !removed && !storageFull;
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
      configurations.append(entry);
      configurationTaken();
    }
  }

  void truncateFrom(long index) {
    Invariant.check(role.role() != Role.LEADER, "a leader truncates its log at %s", index);
    log.truncateFrom(index);
    writes.truncateFrom(index);
    trace.transition(new Transition.Truncated(index));
    if (configurations.latest().index() >= index) {
      decisions.truncate(configurations, index);
      configurationTaken();
    }
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
      tellCommittedConfiguration();
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

  // ---- configuration

  /** The configuration in force, and the index of its entry. */
  Configurations.At configuration() {
    return configurations.latest();
  }

  boolean isConfigurationCommitted() {
    return configurations.latest().index() <= log.committed();
  }

  private void configurationTaken() {
    Configurations.At taken = configurations.latest();
    membership = new Membership(decisions.deciding(configurations, id()), decisions);
    toldCommitted = taken.index() <= log.committed();
    trace.transition(new Transition.ConfigurationTaken(taken.index(), taken.configuration()));
    emit(new Effect.ConfigurationChanged(taken.index(), taken.configuration(), toldCommitted));
    role.configurationChanged();
  }

  private void tellCommittedConfiguration() {
    if (!toldCommitted && isConfigurationCommitted()) {
      toldCommitted = true;
      Configurations.At latest = configurations.latest();
      emit(new Effect.ConfigurationChanged(latest.index(), latest.configuration(), true));
    }
  }

  /** The leader says which committed configuration is in force: this node's log may not have it. */
  void noticed(long index, Configuration configuration) {
    Configurations.At before = notice;
    long latest = configurations.latest().index();
    if (index >= latest && (before == null || index > before.index())) {
      notice = new Configurations.At(index, configuration);
      if (index > latest) {
        emit(new Effect.ConfigurationChanged(index, configuration, true));
      }
      if (!mayCampaign()) {
        role.mayNotCampaign();
      }
    }
  }

  // ---- snapshots

  /** The newest that the state machine has, {@link SnapshotMark#NONE} if it never said so. */
  SnapshotMark snapshot() {
    return snapshot;
  }

  /** A number that this node gives to no other sending of a snapshot. */
  long nextSnapshotSequence() {
    lastSnapshotSequence++;
    return lastSnapshotSequence;
  }

  /** The state machine has a snapshot: the log before it may go, as far as nobody needs it. */
  void snapshotTaken(long index) {
    Invariant.check(
        index <= log.applied(), "snapshot at %s, applied up to %s", index, log.applied());
    if (index < log.baseIndex() || index <= snapshot.index()) {
      return; // of before another one was installed, or old news
    }
    if (!knowsMembersAt(index)) {
      return;
    }
    snapshot = markAt(index);
    long target = Math.min(Math.min(index, log.compactableTo()), role.logNeededFrom());
    if (target > log.baseIndex() && knowsMembersAt(target)) {
      SnapshotMark mark = markAt(target);
      log.compactTo(target);
      configurations.compactTo(target);
      trace.transition(new Transition.Compacted(target));
      emit(new Effect.CompactLog(mark));
    }
  }

  /**
   * Not so on a node that joins, up to the first entry that tells it who the members are: a mark
   * there would stand for a cluster without any.
   */
  private boolean knowsMembersAt(long index) {
    return !configurations.at(index).configuration().members().isEmpty();
  }

  private SnapshotMark markAt(long index) {
    return new SnapshotMark(index, log.termAt(index), decisions.inSnapshot(configurations, index));
  }

  /** Checks the snapshot's place in the log. */
  void check() {
    Invariant.check(
        snapshot.index() == 0
            || (log.baseIndex() <= snapshot.index() && snapshot.index() <= log.applied()),
        "snapshot at %s, log after %s, applied up to %s",
        snapshot.index(),
        log.baseIndex(),
        log.applied());
  }

  @Nullable SnapshotReceipt receipt() {
    return receipt;
  }

  void receipt(@Nullable SnapshotReceipt next) {
    receipt = next;
  }

  /**
   * Whether a snapshot would bring nothing: this node has committed, or holds, what it contains.
   */
  boolean hasContentOf(SnapshotMark mark) {
    return mark.index() <= log.committed() || decisions.holds(log, mark);
  }

  /**
   * Replaces the log by a snapshot that is here completely, and promises its sender to have it.
   * What this step has appended so far is written before.
   */
  void install(SnapshotId snapshotId, SnapshotMark mark) {
    write();
    handOver();
    log.reset(mark);
    writes.truncateFrom(mark.index() + 1);
    configurations.reset(mark);
    snapshot = mark;
    long number = writes.start(mark.index());
    HardState kept = new HardState(term, votedFor, mark.index());
    Send accepted = new Send(snapshotId.sender(), new AppendAccepted(term, mark.index()));
    trace.transition(new Transition.SnapshotInstalled(mark.index(), mark.term()));
    emit(new Effect.InstallSnapshot(number, kept, snapshotId, mark, List.of(accepted)));
    configurationTaken();
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
  private void write() {
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
