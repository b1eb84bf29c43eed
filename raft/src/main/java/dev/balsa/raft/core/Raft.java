package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.ConfigurationNotice;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.Message.PreVoteRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;
import dev.balsa.raft.core.Message.ReadRequest;
import dev.balsa.raft.core.Message.ReadResponse;
import dev.balsa.raft.core.Message.SnapshotChunk;
import dev.balsa.raft.core.Message.SnapshotStatus;
import dev.balsa.raft.core.Message.TimeoutNow;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One node of Raft. Takes inputs, changes its state and tells what is to be done; it does nothing
 * itself. Used by one thread.
 *
 * <p>This class holds what is alike in all roles: which term a message belongs to (thesis 3.3), who
 * gets a vote (3.4, 3.6.1, 4.2.3, 9.6), and the checks after every step. What a role does with a
 * message is in the role's class.
 *
 * <p>A step that throws leaves the node in no defined state: it must not be used again.
 */
public final class Raft {
  private final NodeState node;
  private long checkedTerm;
  private long checkedCommitted;
  private long checkedApplied;

  /**
   * Starts or restarts a node, as a follower.
   *
   * @param config its part in the cluster
   * @param hardState as last made durable
   * @param extent what its log holds, durably
   * @param applied the last index that the state machine has applied, not below what the log begins
   *     after: it is told of those above
   * @param durableEntries where old entries are read
   * @param random the source of the election timeouts
   * @param trace takes all transitions
   */
  public Raft(
      CoreConfig config,
      HardState hardState,
      LogExtent extent,
      long applied,
      EntrySource durableEntries,
      RandomGenerator random,
      TraceSink trace) {
    this(config, hardState, extent, applied, durableEntries, random, trace, Decisions.SOUND);
  }

  /** One that may decide otherwise, for tests. */
  Raft(
      CoreConfig config,
      HardState hardState,
      LogExtent extent,
      long applied,
      EntrySource durableEntries,
      RandomGenerator random,
      TraceSink trace,
      Decisions decisions) {
    long base = extent.base().index();
    long committed = Math.max(base, Math.max(applied, hardState.committed()));
    Invariant.check(
        applied >= base && committed <= extent.lastIndex(),
        "applied %s, committed %s, in a log from %s to %s",
        applied,
        committed,
        extent.firstIndex(),
        extent.lastIndex());
    RaftLog log =
        new RaftLog(extent, committed, applied, durableEntries, config.limits(), decisions);
    node = new NodeState(config, hardState, extent, log, random, trace, decisions);
    check();
  }

  private Raft(Raft from, EntrySource durableEntries, RandomGenerator random, TraceSink trace) {
    node = new NodeState(from.node, durableEntries, random, trace);
    checkedTerm = from.checkedTerm;
    checkedCommitted = from.checkedCommitted;
    checkedApplied = from.checkedApplied;
  }

  /**
   * A node in the same state, which goes on independently of this one.
   *
   * @param durableEntries where it reads old entries: with the same content as this node's, and
   *     independent of it
   * @param random its source of election timeouts
   * @param trace takes its transitions
   */
  public Raft copy(EntrySource durableEntries, RandomGenerator random, TraceSink trace) {
    return new Raft(this, durableEntries, random, trace);
  }

  /**
   * Describes this node's state. Two nodes with equal descriptions, and with equal contents of
   * their log stores, do the same from now on when given the same.
   */
  public void describe(StateSink sink) {
    node.describe(sink);
  }

  /** Takes one input. See {@link #step(List)}. */
  public List<Effect> step(Input input) {
    return step(List.of(input));
  }

  /**
   * Takes inputs in order, and answers with what is to be done, in order. Inputs that have arrived
   * together should be given together: what they call for is written at once and sent in fewer
   * messages.
   */
  public List<Effect> step(List<Input> inputs) {
    for (Input input : inputs) {
      take(input);
    }
    node.role().finishStep();
    node.log.release(node.role().sentTo());
    List<Effect> effects = node.takeEffects();
    check();
    return effects;
  }

  private void take(Input input) {
    if (input instanceof Input.Received received) {
      receive(received.from(), received.message());
    } else if (input instanceof Input.Proposed proposed) {
      node.role().proposed(proposed);
    } else if (input instanceof Input.LogDurable durable) {
      node.durable(durable.write());
      node.role().durable(durable.write());
    } else if (input instanceof Input.Applied applied) {
      node.log.appliedTo(applied.index());
    } else if (input instanceof Input.ReadRequested read) {
      node.role().readRequested(read.read());
    } else if (input instanceof Input.LeaseReadRequested read) {
      node.role().leaseReadRequested(read.read());
    } else if (input instanceof Input.LeaderReadRequested read) {
      node.role().leaderReadRequested(read.read());
    } else if (input instanceof Input.Tick) {
      node.tick();
    } else {
      takeRare(input);
    }
  }

  private void takeRare(Input input) {
    if (input instanceof Input.TimeLost) {
      node.role().timeLost();
    } else if (input instanceof Input.ConfigurationProposed proposed) {
      node.role().configurationProposed(proposed);
    } else if (input instanceof Input.TransferRequested request) {
      node.role().transferRequested(request);
    } else if (input instanceof Input.StorageFull storage) {
      node.storageFull(storage.full());
      node.role().storageChanged();
    } else if (input instanceof Input.SnapshotTaken taken) {
      node.snapshots.taken(taken.index());
    } else if (input instanceof Input.SnapshotChunkRead read) {
      node.role().snapshotChunkRead(read);
    } else if (input instanceof Input.SnapshotReadFailed failed) {
      node.role().snapshotReadFailed(failed);
    } else if (input instanceof Input.SnapshotChunkStored stored) {
      chunkStored(stored);
    } else {
      storeFailed((Input.SnapshotStoreFailed) input);
    }
  }

  private void chunkStored(Input.SnapshotChunkStored stored) {
    SnapshotReceipt receipt = node.snapshots.answered(stored.id());
    if (receipt != null && node.role() instanceof Follower follower) {
      follower.chunkStored(receipt, stored.offset(), stored.complete());
    }
  }

  private void storeFailed(Input.SnapshotStoreFailed failed) {
    if (node.snapshots.answered(failed.id()) != null) {
      node.snapshots.receipt(null);
      if (node.role() instanceof Follower follower) {
        follower.storeFailed(failed.id());
      }
    }
  }

  private void receive(long from, Message message) {
    if (message instanceof PreVoteRequest request) {
      answerPreVote(from, request);
      return;
    }
    if (message instanceof VoteRequest request
        && request.term() > node.term()
        && !request.transfer()
        && node.hearsLeader()) {
      return; // without even taking its term
    }
    if (message.term() < node.term()) {
      answerLate(from, message);
      return;
    }
    boolean fromLeader = isFromLeader(message);
    boolean aboutNextTerm = message instanceof PreVoteResponse response && response.granted();
    if (message.term() > node.term() && !aboutNextTerm) {
      node.becomeFollower(message.term(), fromLeader ? from : 0);
    }
    if (fromLeader) {
      receiveFromLeader(from, message);
    } else {
      receiveFromMember(from, message);
    }
  }

  private static boolean isFromLeader(Message message) {
    return message instanceof AppendRequest
        || message instanceof Heartbeat
        || message instanceof SnapshotChunk
        || message instanceof ConfigurationNotice
        || message instanceof TimeoutNow;
  }

  private void receiveFromLeader(long from, Message message) {
    long known = node.role().leaderId();
    Invariant.check(
        known == 0 || known == from, "nodes %s and %s lead in term %s", known, from, node.term());
    if (known == 0) {
      node.becomeFollower(node.term(), from);
    }
    Follower follower = (Follower) node.role();
    if (message instanceof AppendRequest request) {
      follower.appendRequest(request);
    } else if (message instanceof Heartbeat heartbeat) {
      follower.heartbeat(heartbeat);
    } else if (message instanceof SnapshotChunk chunk) {
      follower.snapshotChunk(chunk);
    } else if (message instanceof ConfigurationNotice notice) {
      follower.configurationNotice(notice);
    } else {
      follower.timeoutNow();
    }
  }

  private void receiveFromMember(long from, Message message) {
    if (message instanceof VoteRequest request) {
      answerVote(from, request);
    } else if (message instanceof PreVoteResponse response) {
      node.role().preVoteResponse(from, response);
    } else if (message instanceof VoteResponse response) {
      node.role().voteResponse(from, response);
    } else if (message instanceof AppendAccepted accepted) {
      node.role().appendAccepted(from, accepted);
    } else if (message instanceof AppendRejected rejected) {
      node.role().appendRejected(from, rejected);
    } else if (message instanceof HeartbeatResponse response) {
      node.role().heartbeatResponse(from, response);
    } else if (message instanceof ReadRequest request) {
      node.role().readRequest(from, request);
    } else if (message instanceof ReadResponse response) {
      node.role().readResponse(from, response);
    } else {
      node.role().snapshotStatus(from, (SnapshotStatus) message);
    }
  }

  /**
   * Grants if this node would vote so; changes nothing. The answer to a node whose term is behind
   * carries this node's term, so that a node with a long log and an old term catches up and can
   * stand.
   */
  private void answerPreVote(long from, PreVoteRequest request) {
    boolean granted =
        request.term() > node.term()
            && !node.hearsLeader()
            && node.decisions.isUpToDate(node.log, request.lastIndex(), request.lastTerm());
    node.send(from, new PreVoteResponse(granted ? request.term() : node.term(), granted));
    node.role().askedBy(from);
  }

  /**
   * Whether the candidate is a member does not matter: this node's configuration may be older than
   * the candidate's, which is the one that counts (thesis 4.1).
   */
  private void answerVote(long from, VoteRequest request) {
    boolean sticky = node.hearsLeader() && !request.transfer(); // of an earlier term, perhaps
    boolean free = node.votedFor() == from || (node.votedFor() == 0 && !knowsLeader() && !sticky);
    if (free && node.decisions.isUpToDate(node.log, request.lastIndex(), request.lastTerm())) {
      node.voteFor(from);
      node.role().voted();
      node.decisions.tellVote(node, from, new VoteResponse(node.term(), true));
    } else {
      node.send(from, new VoteResponse(node.term(), false));
    }
  }

  private boolean knowsLeader() {
    return node.role().leaderId() != 0;
  }

  /**
   * Tells a candidate or leader of an older term about this one. To a leader this matters: a node
   * whose term has run ahead accepts nothing from it, and it would never learn why. But what is
   * committed is so in any term: a removed node whose term has run ahead learns that it is removed,
   * and leaves the leader alone.
   */
  private void answerLate(long from, Message message) {
    if (message instanceof ConfigurationNotice notice) {
      node.members.noticed(notice.index(), notice.configuration());
    } else if (message instanceof VoteRequest) {
      node.send(from, new VoteResponse(node.term(), false));
    } else if (isFromLeader(message)) {
      node.send(from, new HeartbeatResponse(node.term(), 0));
    }
  }

  private void check() {
    if (!node.decisions.checksItself()) {
      return;
    }
    node.log.check();
    node.snapshots.check();
    node.role().check();
    Invariant.check(
        node.term() >= checkedTerm
            && node.log.committed() >= checkedCommitted
            && node.log.applied() >= checkedApplied
            && node.log.lastTerm() <= node.term(),
        "term %s after %s, committed %s after %s, applied %s after %s, log's last term %s",
        node.term(),
        checkedTerm,
        node.log.committed(),
        checkedCommitted,
        node.log.applied(),
        checkedApplied,
        node.log.lastTerm());
    checkedTerm = node.term();
    checkedCommitted = node.log.committed();
    checkedApplied = node.log.applied();
  }

  /** Role, term, and who leads. */
  public Leadership leadership() {
    return node.leadership();
  }

  /** The configuration in force. */
  public Configuration configuration() {
    return node.members.inForce().configuration();
  }

  /** Index of the entry of {@link #configuration}, 0 for the one that the node started with. */
  public long configurationIndex() {
    return node.members.inForce().index();
  }

  /** Whether {@link #configuration} is committed. */
  public boolean isConfigurationCommitted() {
    return node.members.isCommitted();
  }

  /** On a leader, what it knows of the other members that have the log; else none. */
  public List<PeerStatus> peers() {
    return node.role() instanceof Leader leader ? leader.peerStatus() : List.of();
  }

  /** Index of the first entry in the log. */
  public long firstIndex() {
    return node.log.firstIndex();
  }

  /** Index of the last entry in the log, durable or not. */
  public long lastIndex() {
    return node.log.lastIndex();
  }

  /** Highest index known committed. */
  public long committedIndex() {
    return node.log.committed();
  }

  /** Highest index that the state machine has applied. */
  public long appliedIndex() {
    return node.log.applied();
  }

  /** Term of the entry at an index from before {@link #firstIndex} to {@link #lastIndex}. */
  public long termAt(long index) {
    return node.log.termAt(index);
  }
}
