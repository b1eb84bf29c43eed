package dev.balsa.raft.core;

import static dev.balsa.raft.core.Solo.voters;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Effect.TransferDone;
import dev.balsa.raft.core.Effect.TransferRefused;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.TimeoutNow;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;
import org.junit.jupiter.api.Test;

/** Leadership transfer (thesis 3.10). */
class TransferTest {
  private static Solo leader() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.sent();
    return node;
  }

  @Test
  void aTargetThatHasTheWholeLogIsToldToStandAtOnce() {
    Solo node = leader();
    node.transfer(2);
    assertThat(node.sentTo(2)).containsExactly(new TimeoutNow(1));
    assertThat(node.sentTo(3, TimeoutNow.class)).isEmpty();
    assertThat(node.role()).isEqualTo(Role.LEADER);
  }

  @Test
  void aTargetThatLagsIsBroughtUpFirst() {
    Solo node = leader();
    node.propose("a");
    node.force();
    node.transfer(2);
    assertThat(node.sentTo(2)).noneMatch(TimeoutNow.class::isInstance);
    node.ticks(Solo.HEARTBEAT_TICKS);
    assertThat(node.sentTo(2)).noneMatch(TimeoutNow.class::isInstance);
    node.accept(2, 1); // an older answer
    assertThat(node.sentTo(2)).noneMatch(TimeoutNow.class::isInstance);
    node.accept(2, 2);
    assertThat(node.sentTo(2, TimeoutNow.class)).hasSize(1);
  }

  @Test
  void aTargetWhoseLogIsNotKnownIsProbedFirst() {
    Solo node = leader(); // nothing was ever heard of 3
    node.transfer(3);
    assertThat(node.sentTo(3)).isEmpty(); // its probe is on its way
    node.accept(3, 1);
    assertThat(node.sentTo(3, TimeoutNow.class)).containsExactly(new TimeoutNow(1));
  }

  @Test
  void toItselfIsDoneAlready() {
    Solo node = leader();
    long transfer = node.transfer(1);
    assertThat(node.effects()).containsExactly(new TransferDone(transfer));
    node.propose("a");
    assertThat(node.refusals()).isEmpty();
  }

  @Test
  void onlyAVoterIsATarget() {
    Solo node = Solo.in(voters(1L, 2L).with(3, MemberRole.STANDBY).with(4, MemberRole.SPARE));
    node.becomeEstablishedLeader();
    node.acceptAll(3);
    node.transfer(3);
    node.transfer(4);
    node.transfer(9);
    assertThat(node.refusals())
        .containsExactly(Refusal.NOT_A_VOTER, Refusal.NOT_A_VOTER, Refusal.NOT_A_VOTER);
    assertThat(node.sent())
        .extracting(Effect.Send::message)
        .noneMatch(TimeoutNow.class::isInstance);
  }

  @Test
  void aVoterThatIsBeingRemovedOrDemotedIsNoTarget() {
    Solo node = leader();
    node.acceptAll(3);
    node.propose(voters(1L, 2L).with(3, MemberRole.STANDBY));
    node.effects();
    node.transfer(3);
    assertThat(node.refusals()).containsExactly(Refusal.NOT_A_VOTER);
    node.transfer(2);
    assertThat(node.refusals()).isEmpty();
  }

  @Test
  void aTransferThatIsUnderWayKeepsItsTargetInTheConfiguration() {
    // So a target is not removed or demoted meanwhile: the change is refused.
    Solo node = leader();
    node.transfer(3);
    node.propose(voters(1L, 2L));
    assertThat(node.refusals()).containsExactly(Refusal.TRANSFERRING);
  }

  @Test
  void withoutATargetTheLongestLogIsChosen() {
    Solo node = Solo.fresh(4);
    node.becomeEstablishedLeader();
    node.propose("a");
    node.force();
    node.acceptAll(3);
    node.sent();
    node.transfer(0);
    assertThat(node.sentTo(3)).containsExactly(new TimeoutNow(1));
  }

  @Test
  void withoutATargetASilentVoterIsNotChosenHoweverLongItsLog() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.propose("a");
    node.force();
    node.accept(2, 1);
    node.accept(3, node.raft().lastIndex());
    for (int i = 0; i < Solo.ELECTION_TICKS; i++) {
      node.accept(2, 1);
      node.ticks(1);
    }
    node.sent();
    node.transfer(0);
    node.accept(2, node.raft().lastIndex());
    assertThat(node.sentTo(2, TimeoutNow.class)).containsExactly(new TimeoutNow(1));
  }

  @Test
  void withoutAnotherVoterThereIsNoTarget() {
    Solo node = Solo.fresh(1);
    node.becomeEstablishedLeader();
    node.transfer(0);
    assertThat(node.refusals()).containsExactly(Refusal.NOT_A_VOTER);
  }

  @Test
  void proposalsAreRefusedMeanwhile() {
    Solo node = leader();
    node.transfer(3);
    node.propose("a");
    assertThat(node.refusals()).containsExactly(Refusal.TRANSFERRING);
    assertThat(node.raft().lastIndex()).isEqualTo(1);
  }

  @Test
  void whatWasLostIsSaidAgainWithEveryHeartbeat() {
    Solo node = leader();
    node.transfer(2);
    node.sent();
    node.ticks(Solo.HEARTBEAT_TICKS);
    assertThat(node.sentTo(2, TimeoutNow.class)).hasSize(1);
    node.ticks(Solo.HEARTBEAT_TICKS - 1);
    assertThat(node.sentTo(2, TimeoutNow.class)).isEmpty();
  }

  @Test
  void aTransferThatTakesLongerThanAnElectionTimeoutIsGivenUp() {
    Solo node = leader();
    long transfer = node.transfer(3);
    node.effects();
    node.ticks(Solo.ELECTION_TICKS - 1);
    node.answer(2, 0);
    assertThat(node.effects()).isEmpty();
    node.ticks(1);
    assertThat(node.effects()).containsExactly(new TransferRefused(transfer, Refusal.TIMED_OUT));
    node.propose("a");
    assertThat(node.refusals()).isEmpty();
    node.sent();
    node.acceptAll(3);
    assertThat(node.sentTo(3, TimeoutNow.class)).isEmpty();
  }

  @Test
  void aSecondTransferReplacesTheFirst() {
    Solo node = leader();
    long first = node.transfer(3);
    node.ticks(Solo.ELECTION_TICKS / 2);
    node.effects();
    node.transfer(2);
    assertThat(node.effects()).containsExactly(new TransferRefused(first, Refusal.REPLACED));
    assertThat(node.sentTo(2, TimeoutNow.class)).hasSize(1);
    node.acceptAll(3);
    assertThat(node.sentTo(3, TimeoutNow.class)).isEmpty();
    node.answer(3, 0);
    node.ticks(Solo.ELECTION_TICKS / 2); // its time counts anew
    assertThat(node.effects()).isEmpty();
  }

  @Test
  void aSecondTransferToANodeThatCannotLeadDoesNotEndTheFirst() {
    Solo node = leader();
    node.transfer(3);
    node.transfer(9);
    assertThat(node.refusals()).containsExactly(Refusal.NOT_A_VOTER);
    node.acceptAll(3);
    assertThat(node.sentTo(3, TimeoutNow.class)).hasSize(1);
  }

  @Test
  void theTargetsRequestForVotesEndsLeadershipAndTheTransferIsDone() {
    Solo node = leader();
    long transfer = node.transfer(2);
    node.effects();
    node.receive(2, new VoteRequest(2, 1, 1, true));
    assertThat(node.effects()).contains(new TransferDone(transfer));
    node.force();
    assertThat(node.sentTo(2, VoteResponse.class)).containsExactly(new VoteResponse(2, true));
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void aNewerTermOfAnotherNodeDuringATransferEndsItToo() {
    Solo node = leader();
    long transfer = node.transfer(3);
    node.effects();
    node.receive(2, new Message.HeartbeatResponse(4, 0));
    assertThat(node.effects()).contains(new TransferDone(transfer));
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    node.becomeLeader();
    node.acceptAll(2);
    node.effects();
    node.propose("a"); // nothing is left of it
    assertThat(node.refusals()).isEmpty();
  }

  @Test
  void aTransferEndsWithoutSuccessIfItsLeaderStepsDownByItself() {
    Solo node = leader();
    node.ticks(2 * Solo.ELECTION_TICKS - 1); // nobody answers
    long transfer = node.transfer(3);
    node.ticks(1);
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.effects()).contains(new TransferRefused(transfer, Refusal.NOT_LEADER));
  }

  @Test
  void othersThanTheLeaderRefuse() {
    Solo node = Solo.fresh(3);
    node.transfer(2);
    assertThat(node.refusals()).containsExactly(Refusal.NOT_LEADER);
  }

  @Test
  void theTargetStandsAtOnceWithoutAskingFirst() {
    Solo node = Solo.withLog(1, 1);
    node.follow(1);
    node.receive(2, new TimeoutNow(1));
    assertThat(node.role()).isEqualTo(Role.CANDIDATE);
    assertThat(node.term()).isEqualTo(2);
    node.force();
    assertThat(node.sent())
        .containsExactly(
            new Effect.Send(2, new VoteRequest(2, 2, 1, true)),
            new Effect.Send(3, new VoteRequest(2, 2, 1, true)));
  }

  @Test
  void votersGiveATargetTheirVoteThoughTheyHearTheLeader() {
    Solo node = Solo.withLog(1);
    node.follow(1);
    node.receive(3, new VoteRequest(2, 1, 1, false));
    assertThat(node.term()).isEqualTo(1);
    node.receive(3, new VoteRequest(2, 1, 1, true));
    node.force();
    assertThat(node.sentTo(3)).contains(new VoteResponse(2, true));
  }

  @Test
  void aTargetThatIsNotElectedStandsLikeAnyOtherAfterwards() {
    Solo node = Solo.withLog(1);
    node.follow(1);
    node.receive(2, new TimeoutNow(1));
    node.force();
    node.tickUntil(Role.PRE_CANDIDATE);
    node.receive(2, new Message.PreVoteResponse(3, true));
    node.sent();
    node.force();
    assertThat(node.sentTo(3)).containsExactly(new VoteRequest(3, 1, 1, false));
  }

  @Test
  void aLateTimeoutNowOfAnOlderTermIsIgnored() {
    Solo node = Solo.withLog(1);
    node.follow(3);
    node.receive(3, new TimeoutNow(2));
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.term()).isEqualTo(3);
  }

  @Test
  void aLeaderWithoutRoomForItsLogOffersItsPlace() {
    Solo node = leader();
    node.step(new Input.StorageFull(true));
    assertThat(node.sentTo(2)).containsExactly(new TimeoutNow(1));
    node.ticks(Solo.HEARTBEAT_TICKS);
    assertThat(node.effects()).isEmpty(); // nobody has asked
    node.propose("a");
    assertThat(node.refusals()).containsExactly(Refusal.TRANSFERRING);
    node.step(new Input.StorageFull(false));
    node.ticks(Solo.ELECTION_TICKS - Solo.HEARTBEAT_TICKS); // the offer is given up
    node.propose("a");
    assertThat(node.refusals()).isEmpty();
  }

  @Test
  void aTransferToANodeThatNeedsASnapshotWaitsForThat() {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.cutOff(3L);
    story.propose(leader, "a");
    story.propose(leader, "b");
    leader.takeSnapshot();
    story.propose(leader, "c");
    story.heal();
    long transfer = story.transfer(leader, 3);
    story.runUntil("node 3 leads", () -> story.node(3).leadership().established());
    assertThat(story.answers()).contains(new TransferDone(transfer));
    assertThat(story.node(3).state()).containsExactly("a", "b", "c");
    assertThat(story.node(3).raft().firstIndex()).isGreaterThan(1);
  }

  @Test
  void aRequestDuringATransferStillReachesTheTargetOnly() {
    Solo node = leader();
    node.propose("a");
    node.transfer(3);
    node.force();
    node.acceptAll(2);
    assertThat(node.sentTo(2, TimeoutNow.class)).isEmpty();
    assertThat(node.sentTo(3, AppendRequest.class)).isNotNull();
    node.acceptAll(3);
    assertThat(node.sentTo(3, TimeoutNow.class)).hasSize(1);
  }
}
