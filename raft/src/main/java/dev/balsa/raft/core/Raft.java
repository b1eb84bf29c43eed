package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.Message.PreVoteRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;
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
   * @param applied the last index that the state machine has applied: it is told of those above
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
    Invariant.check(
        applied <= hardState.committed() && hardState.committed() <= extent.lastIndex(),
        "applied %s, committed %s, in a log up to %s",
        applied,
        hardState.committed(),
        extent.lastIndex());
    RaftLog log =
        new RaftLog(extent, hardState.committed(), applied, durableEntries, config.limits());
    node = new NodeState(config, hardState, log, random, trace);
    check();
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
    } else {
      Invariant.check(input instanceof Input.Tick, "unknown input %s", input);
      node.role().tick();
    }
  }

  private void receive(long from, Message message) {
    if (!node.membership.isPeer(from)) {
      return; // membership is fixed: it is no member, and will not become one
    }
    if (message instanceof PreVoteRequest request) {
      answerPreVote(from, request);
      return;
    }
    if (message instanceof VoteRequest
        && message.term() > node.term()
        && node.role().hearsLeader()) {
      return; // without even taking its term
    }
    if (message.term() < node.term()) {
      answerLate(from, message);
      return;
    }
    boolean fromLeader = message instanceof AppendRequest || message instanceof Heartbeat;
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
    } else {
      follower.heartbeat((Heartbeat) message);
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
    } else {
      node.role().heartbeatResponse(from, (HeartbeatResponse) message);
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
            && !node.role().hearsLeader()
            && node.log.isUpToDate(request.lastIndex(), request.lastTerm());
    node.send(from, new PreVoteResponse(granted ? request.term() : node.term(), granted));
  }

  private void answerVote(long from, VoteRequest request) {
    boolean free = node.votedFor() == from || (node.votedFor() == 0 && !knowsLeader());
    if (free && node.log.isUpToDate(request.lastIndex(), request.lastTerm())) {
      node.voteFor(from);
      node.role().voted();
      node.promise(from, new VoteResponse(node.term(), true));
    } else {
      node.send(from, new VoteResponse(node.term(), false));
    }
  }

  private boolean knowsLeader() {
    return node.role().leaderId() != 0;
  }

  /**
   * Tells a candidate or leader of an older term about this one. To a leader this matters: a node
   * whose term has run ahead accepts nothing from it, and it would never learn why.
   */
  private void answerLate(long from, Message message) {
    if (message instanceof VoteRequest) {
      node.send(from, new VoteResponse(node.term(), false));
    } else if (message instanceof AppendRequest || message instanceof Heartbeat) {
      node.send(from, new HeartbeatResponse(node.term(), 0));
    }
  }

  private void check() {
    node.log.check();
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

  /** Term of the entry at an index from {@link #firstIndex} to {@link #lastIndex}. */
  public long termAt(long index) {
    return node.log.termAt(index);
  }
}
