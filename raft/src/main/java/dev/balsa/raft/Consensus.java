package dev.balsa.raft;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What a state machine asks of Raft. Thread-safe. */
public interface Consensus {
  /**
   * Proposes a command. It is appended to the log only if this node leads in the expected term, and
   * never proposed again by Raft itself.
   *
   * @param expectedTerm the term in which the command was made
   * @param payload the command, at most {@link dev.balsa.raft.core.Entry#PAYLOAD_BYTES_MAX} bytes;
   *     not to be modified any more
   * @return completes, on the event loop, once the outcome is certain: also long after leadership
   *     was lost, when another leader has committed or superseded the entry. A committed entry has
   *     then been given to {@link StateMachine#committed}. Fails with {@link RaftStoppedException}
   *     if this node stops before that, or with {@link OutcomeSkippedException} if a snapshot takes
   *     the place of that part of the log: the outcome is then unknown.
   * @throws IllegalArgumentException if the payload is too long
   */
  CompletableFuture<ProposalOutcome> propose(long expectedTerm, byte[] payload);

  /**
   * Confirms that this node leads, and tells the index that a linearizable read must wait for
   * (thesis 6.4).
   *
   * @return completes on the event loop; fails with {@link RaftStoppedException} if this node stops
   */
  CompletableFuture<ReadOutcome> readIndex();

  /**
   * Tells the index that a linearizable read must wait for, by the leader's lease where it holds
   * (thesis 6.4.1), else as {@link #readIndex()}. Right as long as the nodes' clocks run at rates
   * that differ by no more than the configured bound.
   */
  CompletableFuture<ReadOutcome> readLease();

  /**
   * Tells, on whatever node, the index that holds all that was committed, anywhere, when this was
   * called: a leader confirms it as for {@link #readIndex()}, a follower asks its leader to. So
   * whoever notes the time before the call knows how old the state at that index is at most, by
   * this node's own clock, whatever time the messages took.
   *
   * @return completes on the event loop, at the latest after an election timeout of the node's own
   *     time where it follows; refused where no leader is known or none answers. Fails with {@link
   *     RaftStoppedException} if this node stops.
   */
  CompletableFuture<ReadOutcome> leaderReadIndex();

  /** The cluster's id; null as long as this node does not know it, and has applied nothing. */
  @Nullable UUID clusterId();

  /** This node's present view of who leads. */
  Leadership leadership();
}
