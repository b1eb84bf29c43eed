package dev.balsa.raft.core;

import static dev.balsa.raft.core.Solo.voters;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.ReadReady;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.PreVoteRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reads by the leader's lease (thesis 6.4.1), and what ends it. */
class LeaseTest {
  private static final int LEASE_TICKS = Solo.ELECTION_TICKS - 1;

  /** An established leader of that many, with a lease that has just begun. */
  private static Solo leader(int size) {
    Solo node = Solo.withLease(size, LEASE_TICKS);
    node.becomeEstablishedLeader();
    renew(node);
    return node;
  }

  /**
   * A new round is answered by as many as it takes; the ticks until then are those of the lease.
   */
  private static void renew(Solo node) {
    node.sent();
    node.ticks(Solo.HEARTBEAT_TICKS);
    long round = lastRound(node, 2);
    for (long voter : node.raft().configuration().voters()) {
      if (voter != 1) {
        node.answer(voter, round);
      }
    }
    node.sent();
    node.effects();
  }

  private static long lastRound(Solo node, long peer) {
    List<Heartbeat> heartbeats = node.sentTo(peer, Heartbeat.class);
    return heartbeats.get(heartbeats.size() - 1).round();
  }

  private static boolean readsAtOnce(Solo node) {
    node.effects();
    node.leaseRead();
    return !node.effects(ReadReady.class).isEmpty();
  }

  @Test
  void aReadIsAnsweredAtOnceAndWithoutAMessage() {
    Solo node = leader(3);
    long read = node.leaseRead();
    assertThat(node.effects()).containsExactly(new ReadReady(read, 1));
    assertThat(node.sent()).isEmpty();
  }

  @Test
  void theLeaseCountsFromTheBeginningOfTheRoundThatProvedIt() {
    Solo node = leader(3);
    node.ticks(LEASE_TICKS - 1);
    assertThat(readsAtOnce(node)).isTrue();
    node.ticks(1);
    assertThat(readsAtOnce(node)).isFalse();
  }

  @Test
  void aLateAnswerProvesOnlyTheRoundThatItAnswers() {
    Solo node = leader(3);
    node.ticks(Solo.HEARTBEAT_TICKS);
    long round = lastRound(node, 2);
    node.ticks(LEASE_TICKS - 1);
    node.answer(2, round);
    assertThat(readsAtOnce(node)).isTrue();
    node.ticks(1);
    assertThat(readsAtOnce(node)).isFalse();
  }

  @Test
  void withoutALeaseAReadIsConfirmedLikeAnyOther() {
    Solo node = leader(3);
    node.ticks(LEASE_TICKS);
    node.sent();
    node.effects();
    long read = node.leaseRead();
    assertThat(node.effects()).isEmpty();
    node.answer(2, lastRound(node, 2));
    assertThat(node.effects()).containsExactly(new ReadReady(read, 1));
  }

  @Test
  void whereLeasesAreOffEveryReadIsConfirmed() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    renew(node);
    assertThat(readsAtOnce(node)).isFalse();
  }

  @Test
  void oneOfFourOthersIsNoQuorumForALease() {
    Solo node = Solo.withLease(5, LEASE_TICKS);
    node.becomeEstablishedLeader();
    node.sent();
    node.ticks(Solo.HEARTBEAT_TICKS);
    long round = lastRound(node, 2);
    node.answer(2, round);
    assertThat(readsAtOnce(node)).isFalse();
    node.answer(3, round);
    assertThat(readsAtOnce(node)).isTrue();
  }

  @Test
  void beforeTheFirstCommitOfTheTermThereIsNoRead() {
    Solo node = Solo.withLease(3, LEASE_TICKS);
    node.becomeLeader();
    node.ticks(Solo.HEARTBEAT_TICKS);
    node.answer(2, lastRound(node, 2));
    node.leaseRead();
    assertThat(node.refusals()).containsExactly(Refusal.NOT_ESTABLISHED);
  }

  @Test
  void othersThanTheLeaderRefuse() {
    Solo node = Solo.withLease(3, LEASE_TICKS);
    node.leaseRead();
    assertThat(node.refusals()).containsExactly(Refusal.NOT_LEADER);
  }

  @Test
  void theLeaseIsGivenUpBeforeATargetIsToldToStandAndForTheRestOfTheTerm() {
    Solo node = leader(3);
    node.propose("a");
    node.force();
    node.accept(2, 2);
    assertThat(readsAtOnce(node)).isTrue();
    node.transfer(2);
    assertThat(readsAtOnce(node)).isFalse();
    node.answer(3, 0);
    node.ticks(Solo.ELECTION_TICKS); // the transfer is given up
    assertThat(node.role()).isEqualTo(Role.LEADER);
    renew(node);
    assertThat(readsAtOnce(node)).isFalse(); // the target may still stand at any time
  }

  @Test
  void aTransferThatHasToldNobodyYetLeavesTheLease() {
    Solo node = leader(3);
    node.propose("a");
    node.transfer(2);
    assertThat(readsAtOnce(node)).isTrue();
  }

  @Test
  void anOfferOfItsPlaceForWantOfRoomEndsTheLeaseToo() {
    Solo node = leader(3);
    node.step(new Input.StorageFull(true));
    assertThat(readsAtOnce(node)).isFalse();
  }

  @Test
  void timeThatWasNotCountedEndsTheLeaseUntilANewRoundIsAnswered() {
    Solo node = leader(3);
    node.ticks(Solo.HEARTBEAT_TICKS);
    long before = lastRound(node, 2);
    node.step(new Input.TimeLost());
    assertThat(readsAtOnce(node)).isFalse();
    node.sent();
    node.answer(2, before); // began before
    assertThat(readsAtOnce(node)).isFalse();
    renew(node);
    assertThat(readsAtOnce(node)).isTrue();
  }

  @Test
  void anotherConfigurationEndsTheLeaseUntilItsVotersHaveAnswered() {
    Solo node = leader(3);
    node.propose(voters(1L, 2L));
    node.force();
    assertThat(node.raft().configuration().isJoint()).isTrue();
    assertThat(readsAtOnce(node)).isFalse();
    node.sent();
    node.acceptAll(2, 3);
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L));
    assertThat(readsAtOnce(node)).isFalse();
    renew(node);
    assertThat(readsAtOnce(node)).isTrue();
  }

  @Test
  void anAnswerToARoundOfTheConfigurationBeforeDoesNotBringTheLeaseBack() {
    Solo node = leader(3);
    node.ticks(Solo.HEARTBEAT_TICKS);
    long before = lastRound(node, 2);
    node.propose(voters(1L, 2L));
    node.answer(2, before);
    node.answer(3, before);
    assertThat(readsAtOnce(node)).isFalse();
  }

  @Test
  void aLeaderThatSteppedDownForWantOfAQuorumHasNoLease() {
    Solo node = leader(3);
    node.ticks(2 * Solo.ELECTION_TICKS);
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    node.leaseRead();
    assertThat(node.refusals()).containsExactly(Refusal.NOT_LEADER);
  }

  @Test
  void theLeaseOfAnEarlierTermIsNoLease() {
    Solo node = leader(3);
    node.receive(2, new Message.HeartbeatResponse(5, 0));
    node.becomeLeader();
    node.acceptAll(2);
    assertThat(node.leadership().established()).isTrue();
    assertThat(readsAtOnce(node)).isFalse();
  }

  @Test
  void aRestartedNodeVotesForNobodyForAnElectionTimeout() {
    // It may have answered a heartbeat just before: somebody's lease may hang on it.
    Solo node = Solo.withLease(3, LEASE_TICKS);
    node.ticks(Solo.ELECTION_TICKS - 1);
    node.receive(2, new PreVoteRequest(3, 2, 2));
    node.receive(2, new VoteRequest(3, 2, 2));
    node.force();
    assertThat(node.sentTo(2)).containsExactly(new PreVoteResponse(0, false));
    node.ticks(1);
    node.receive(2, new PreVoteRequest(3, 2, 2));
    node.receive(2, new VoteRequest(3, 2, 2));
    node.force();
    assertThat(node.sentTo(2))
        .containsExactly(new PreVoteResponse(3, true), new VoteResponse(3, true));
  }

  @Test
  void aNodeKeepsItsPromiseWhateverBecomesOfItsRoleMeanwhile() {
    Solo node = Solo.withLease(3, LEASE_TICKS);
    node.ticks(Solo.ELECTION_TICKS);
    node.receive(2, new Heartbeat(4, 0, 1));
    node.receive(3, new PreVoteResponse(6, false)); // a newer term, and no leader known in it
    assertThat(node.term()).isEqualTo(6);
    node.receive(3, new VoteRequest(6, 9, 4));
    node.receive(3, new VoteRequest(7, 9, 4));
    node.force();
    assertThat(node.sentTo(3)).containsExactly(new VoteResponse(6, false));
    node.ticks(Solo.ELECTION_TICKS);
    node.receive(3, new VoteRequest(8, 9, 4));
    node.force();
    assertThat(node.sentTo(3)).contains(new VoteResponse(8, true));
  }

  @Test
  void theBoundOfALeaseLeavesRoomForTheDriftOfClocks() {
    assertThat(CoreConfig.leaseTicks(10, 1.0)).isEqualTo(9);
    assertThat(CoreConfig.leaseTicks(10, 1.1)).isEqualTo(8);
    assertThat(CoreConfig.leaseTicks(10, 3)).isEqualTo(3);
    assertThat(CoreConfig.leaseTicks(10, 100)).isZero();
    assertThatThrownBy(() -> CoreConfig.leaseTicks(10, 0.9))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CoreConfig.leaseTicks(10, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aSingleVoterHoldsItsLeaseByItself() {
    Solo node = Solo.withLease(1, LEASE_TICKS);
    node.becomeEstablishedLeader();
    node.ticks(Solo.HEARTBEAT_TICKS);
    assertThat(readsAtOnce(node)).isTrue();
  }
}
