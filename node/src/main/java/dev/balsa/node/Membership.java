package dev.balsa.node;

import dev.balsa.fsm.NotAppliedException;
import dev.balsa.fsm.NotLeaderException;
import dev.balsa.fsm.OutcomeUnknownException;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.MembershipOutcome;
import dev.balsa.raft.RaftNode;
import dev.balsa.raft.TransferOutcome;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect.Refusal;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Changes who belongs to the cluster and who leads it, as its operators ask; on the leader. */
final class Membership {
  private final RaftNode raft;
  private final LongFunction<@Nullable String> addresses;

  Membership(RaftNode raft, LongFunction<@Nullable String> addresses) {
    this.raft = raft;
    this.addresses = addresses;
  }

  /** Changes the members, and waits until that is certain. */
  void change(String what, UnaryOperator<Configuration> change, Duration timeout) {
    Leadership leadership = requireLeadership();
    Configuration present = raft.status().configuration();
    Configuration target = change.apply(present);
    if (target.equals(present)) {
      return;
    }
    MembershipOutcome outcome =
        await(what, raft.changeMembership(leadership.term(), target), timeout);
    if (outcome instanceof MembershipOutcome.Refused refused) {
      throw refused(what, refused.reason());
    } else if (outcome instanceof MembershipOutcome.Superseded superseded) {
      throw new NotAppliedException(what + ": another leader has taken over: " + superseded);
    }
  }

  /** Lets another node lead. */
  void transfer(long target, Duration timeout) {
    requireLeadership();
    String what = target == 0 ? "another node is to lead" : "node " + target + " is to lead";
    TransferOutcome outcome = await(what, raft.transferLeadership(target), timeout);
    if (outcome instanceof TransferOutcome.Refused refused) {
      throw refused(what, refused.reason());
    }
  }

  private Leadership requireLeadership() {
    Leadership leadership = raft.leadership();
    if (!leadership.isLeader()) {
      long leader = leadership.leaderId();
      throw new NotLeaderException(leader, leader == 0 ? null : addresses.apply(leader));
    }
    return leadership;
  }

  private NotAppliedException refused(String what, Refusal reason) {
    String why =
        switch (reason) {
          case NOT_LEADER, WRONG_TERM -> "this node leads no more";
          case NOT_ESTABLISHED -> "this node has only just been elected: try again";
          case STORAGE_FULL -> "the disk of this node is full";
          case TRANSFERRING -> "leadership is being transferred: try again";
          case CHANGE_PENDING -> "another change of the members is under way: try again";
          case NOT_CAUGHT_UP ->
              "it has not caught up with the log yet: let it be a standby until it has";
          case NOT_A_VOTER -> "it is no voter";
          case INVALID_CONFIGURATION -> "there would be no voter left, or nothing would change";
          case TIMED_OUT -> "it took too long, and was given up";
          case REPLACED -> "another request has taken its place";
          case OVERLOADED -> "too much is waiting to be replicated: try again";
        };
    return new NotAppliedException(what + ": " + why);
  }

  private static <T> T await(String what, CompletableFuture<T> future, Duration timeout) {
    try {
      return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OutcomeUnknownException(what + ": interrupted, and it may still come about", e);
    } catch (TimeoutException | ExecutionException e) {
      throw new OutcomeUnknownException(
          what + ": not decided within " + timeout + ", and it may still come about", e);
    }
  }
}
