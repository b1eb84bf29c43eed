package dev.balsa.raft.core;

import static dev.balsa.raft.core.Solo.voters;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.ConfigurationChanged;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.PreVoteRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a leader changes the configuration, and what a joint one demands (thesis 4.3). */
class MembershipTest {
  private static final Configuration FIVE =
      voters(1L, 2L, 3L).with(4, MemberRole.STANDBY).with(5, MemberRole.STANDBY);

  /** Leads voters 1, 2, 3 and standbys 4, 5, which all have the whole log; entry 1 is committed. */
  private static Solo leaderOfFive() {
    Solo node = Solo.in(FIVE);
    node.becomeEstablishedLeader();
    node.acceptAll(2, 3, 4, 5);
    node.sent();
    return node;
  }

  /** In {1,2,3} -> {1,4,5}, the joint configuration appended at 2, durable on this node only. */
  private static Solo leaderInJoint() {
    Solo node = leaderOfFive();
    node.propose(voters(1L, 4L, 5L));
    node.force();
    assertThat(node.raft().configuration().isJoint()).isTrue();
    return node;
  }

  @Test
  void aChangeOfVotersGoesThroughAJointConfigurationWhichIsLeftByItself() {
    Solo node = leaderOfFive();
    long proposal = node.propose(voters(1L, 4L, 5L));
    Configuration joint = FIVE.towards(voters(1L, 4L, 5L));
    assertThat(joint.isJoint()).isTrue();
    assertThat(node.effects())
        .containsExactly(
            new ConfigurationChanged(2, joint, false), new Effect.ProposalAppended(proposal, 2, 1));
    node.force();
    node.acceptAll(2, 4);
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 4L, 5L));
    assertThat(node.raft().lastIndex()).isEqualTo(3);
    assertThat(node.effects(ConfigurationChanged.class))
        .containsExactly(
            new ConfigurationChanged(2, joint, true),
            new ConfigurationChanged(3, voters(1L, 4L, 5L), false));
    node.force();
    node.acceptAll(4);
    assertThat(node.effects(ConfigurationChanged.class))
        .containsExactly(new ConfigurationChanged(3, voters(1L, 4L, 5L), true));
    assertThat(node.raft().isConfigurationCommitted()).isTrue();
    assertThat(node.raft().lastIndex()).isEqualTo(3);
  }

  @Test
  void aJointConfigurationIsNotLeftBeforeItIsCommitted() {
    Solo node = leaderInJoint();
    node.acceptAll(4, 5);
    node.ticks(Solo.HEARTBEAT_TICKS);
    assertThat(node.raft().configuration().isJoint()).isTrue();
    assertThat(node.raft().lastIndex()).isEqualTo(2);
  }

  @Test
  void inAJointConfigurationTheNewMajorityAloneCommitsNothing() {
    Solo node = leaderInJoint();
    node.acceptAll(4, 5);
    assertThat(node.raft().committedIndex()).isEqualTo(1);
    node.acceptAll(3);
    assertThat(node.raft().committedIndex()).isEqualTo(2);
  }

  @Test
  void inAJointConfigurationTheOldMajorityAloneCommitsNothing() {
    Solo node = leaderInJoint();
    node.acceptAll(2, 3);
    assertThat(node.raft().committedIndex()).isEqualTo(1);
    node.acceptAll(5);
    assertThat(node.raft().committedIndex()).isEqualTo(2);
  }

  /** It has the joint configuration of {1,2,3} and {1,4,5} from the leader of term 1. */
  private static Solo followerInJoint() {
    Solo node = Solo.fresh(3);
    Configuration joint = voters(1L, 2L, 3L).towards(voters(1L, 4L, 5L));
    node.append(2, 1, 0, 0, List.of(Solo.entry(1, 1), Solo.entry(2, 1, joint)));
    node.force();
    node.sent();
    return node;
  }

  @Test
  void aPendingConfigurationBindsACandidateToBothMajorities() {
    Solo node = followerInJoint();
    node.becomePreCandidate();
    assertThat(node.sent()).extracting(Effect.Send::to).containsExactly(2L, 3L, 4L, 5L);
    node.receive(2, new PreVoteResponse(2, true));
    node.receive(3, new PreVoteResponse(2, true));
    assertThat(node.role()).isEqualTo(Role.PRE_CANDIDATE);
    node.receive(4, new PreVoteResponse(2, true));
    assertThat(node.role()).isEqualTo(Role.CANDIDATE);
    node.force();
    assertThat(node.sent()).contains(new Effect.Send(5, new VoteRequest(2, 2, 1)));
    node.receive(4, new VoteResponse(2, true));
    node.receive(5, new VoteResponse(2, true));
    assertThat(node.role()).isEqualTo(Role.CANDIDATE);
    node.receive(3, new VoteResponse(2, true));
    assertThat(node.role()).isEqualTo(Role.LEADER);
  }

  @Test
  void refusalsByEitherMajorityEndACandidacyInAJointConfiguration() {
    Solo node = followerInJoint();
    node.becomePreCandidate();
    node.receive(4, new PreVoteResponse(1, false));
    assertThat(node.role()).isEqualTo(Role.PRE_CANDIDATE);
    node.receive(5, new PreVoteResponse(1, false));
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void aLeaderInAJointConfigurationStepsDownIfItHearsOneMajorityOnly() {
    Solo node = leaderInJoint();
    node.ticks(Solo.ELECTION_TICKS); // what was heard before counts up to here
    for (int i = 0; i < Solo.ELECTION_TICKS; i++) {
      node.answer(2, 0);
      node.answer(3, 0);
      node.ticks(1);
    }
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    Solo other = leaderInJoint();
    for (int i = 0; i < 3 * Solo.ELECTION_TICKS; i++) {
      other.answer(3, 0);
      other.answer(4, 0);
      other.ticks(1);
    }
    assertThat(other.role()).isEqualTo(Role.LEADER);
  }

  @Test
  void aReadInAJointConfigurationIsConfirmedByBothMajorities() {
    Solo node = leaderInJoint();
    long read = node.read();
    long round = node.sentTo(2, Message.Heartbeat.class).get(0).round();
    node.effects();
    node.answer(4, round);
    node.answer(5, round);
    assertThat(node.effects(Effect.ReadReady.class)).isEmpty();
    node.answer(2, round);
    assertThat(node.effects(Effect.ReadReady.class)).containsExactly(new Effect.ReadReady(read, 1));
  }

  @Test
  void aReadIsConfirmedByTheVotersOfNowWhenTheQuorumShrinksMeanwhile() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.propose(voters(1L, 2L));
    node.force();
    long read = node.read();
    long round = node.sentTo(3, Message.Heartbeat.class).get(0).round();
    node.effects();
    node.acceptAll(2); // the joint configuration is committed, and left
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L));
    node.answer(3, round); // no voter any more
    assertThat(node.effects(Effect.ReadReady.class)).isEmpty();
    node.answer(2, round);
    assertThat(node.effects(Effect.ReadReady.class)).containsExactly(new Effect.ReadReady(read, 1));
  }

  @Test
  void thereIsOneChangeAtATime() {
    Solo node = leaderInJoint();
    node.effects();
    node.propose(FIVE.with(6, MemberRole.SPARE)); // joint
    assertThat(node.refusals()).containsExactly(Refusal.CHANGE_PENDING);
    node.acceptAll(2, 4);
    node.effects();
    node.propose(voters(1L, 4L)); // left, and that is not committed
    assertThat(node.refusals()).containsExactly(Refusal.CHANGE_PENDING);
    node.force();
    node.acceptAll(4);
    node.effects();
    node.propose(voters(1L, 4L));
    assertThat(node.refusals()).isEmpty();
  }

  @Test
  void aChangeOfOthersThanVotersIsOneEntry() {
    Solo node = leaderOfFive();
    Configuration target = FIVE.without(5).with(6, MemberRole.SPARE);
    node.propose(target);
    assertThat(node.raft().configuration()).isEqualTo(target);
    node.propose(target.without(6));
    assertThat(node.refusals()).containsExactly(Refusal.CHANGE_PENDING);
    node.force();
    node.acceptAll(2);
    assertThat(node.raft().isConfigurationCommitted()).isTrue();
    assertThat(node.raft().lastIndex()).isEqualTo(2);
  }

  @Test
  void aTargetThatIsNoConfigurationOrTheSameIsRefused() {
    Solo node = leaderOfFive();
    node.propose(FIVE);
    node.force();
    node.acceptAll(2, 3);
    node.effects();
    node.propose(FIVE);
    node.propose(FIVE.towards(voters(1L, 2L)));
    node.propose(Configuration.EMPTY);
    assertThat(node.refusals())
        .containsExactly(
            Refusal.INVALID_CONFIGURATION,
            Refusal.INVALID_CONFIGURATION,
            Refusal.INVALID_CONFIGURATION);
    assertThat(node.raft().lastIndex()).isEqualTo(2);
  }

  @Test
  void theConfigurationThatTheNodesWereStartedWithIsWrittenIntoTheLogOnce() {
    Solo node = leaderOfFive();
    assertThat(node.raft().configurationIndex()).isZero();
    long proposal = node.propose(FIVE);
    assertThat(node.effects())
        .containsExactly(
            new ConfigurationChanged(2, FIVE, false), new Effect.ProposalAppended(proposal, 2, 1));
    assertThat(node.raft().configurationIndex()).isEqualTo(2);
    node.propose(FIVE);
    assertThat(node.refusals()).containsExactly(Refusal.CHANGE_PENDING);
    assertThat(node.sentTo(4, AppendRequest.class))
        .singleElement()
        .satisfies(
            request -> assertThat(request.entries()).containsExactly(Solo.entry(2, 1, FIVE)));
    node.force();
    node.acceptAll(2);
    assertThat(node.effects(ConfigurationChanged.class))
        .containsExactly(new ConfigurationChanged(2, FIVE, true));
    node.propose(FIVE);
    assertThat(node.refusals()).containsExactly(Refusal.INVALID_CONFIGURATION);
    assertThat(node.raft().lastIndex()).isEqualTo(2);
  }

  @Test
  void theFirstConfigurationIsRefusedWhileWhatAnyChangeNeedsIsNotThere() {
    Solo early = Solo.fresh(3);
    early.becomeLeader();
    early.propose(voters(1L, 2L, 3L));
    assertThat(early.refusals()).containsExactly(Refusal.NOT_ESTABLISHED);
    Solo node = Solo.fresh(1);
    node.becomeEstablishedLeader();
    node.step(new Input.StorageFull(true));
    node.propose(voters(1L));
    assertThat(node.refusals()).containsExactly(Refusal.STORAGE_FULL);
    node.step(new Input.StorageFull(false));
    node.propose(voters(1L));
    assertThat(node.refusals()).isEmpty();
    assertThat(node.raft().configurationIndex()).isEqualTo(2);
  }

  @Test
  void aVoterBecomesAStandbyThroughAJointConfigurationAndKeepsGettingTheLog() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.acceptAll(3);
    node.propose(voters(1L, 2L, 3L).with(3, MemberRole.STANDBY));
    assertThat(node.raft().configuration().isVoter(3)).isTrue(); // of the old one
    node.force();
    node.acceptAll(3);
    assertThat(node.raft().committedIndex()).isEqualTo(1); // the new one is 1 and 2
    node.acceptAll(2);
    assertThat(node.raft().configuration().isVoter(3)).isFalse();
    node.force();
    node.acceptAll(3);
    assertThat(node.raft().committedIndex()).isEqualTo(2);
    node.acceptAll(2);
    assertThat(node.raft().committedIndex()).isEqualTo(3);
    node.sent();
    node.propose("a");
    assertThat(node.sentTo(3, AppendRequest.class)).hasSize(1);
  }

  @Test
  void whatWaitedForARemovedNodesCopyIsCommittedWhenItIsGone() {
    Solo node = Solo.fresh(2);
    node.becomeEstablishedLeader();
    node.propose(voters(1L));
    node.propose("a");
    node.force();
    assertThat(node.raft().committedIndex()).isEqualTo(1);
    node.accept(2, 2); // it has the joint configuration, and not the command
    node.force();
    assertThat(node.raft().committedIndex()).isEqualTo(4);
    assertThat(node.raft().configuration()).isEqualTo(voters(1L));
  }

  @Test
  void aNewLeaderLeavesTheJointConfigurationThatItFinds() {
    Solo node = followerInJoint();
    node.becomeLeader();
    assertThat(node.raft().lastIndex()).isEqualTo(3); // its no-op
    node.acceptAll(2, 4);
    assertThat(node.raft().committedIndex()).isEqualTo(3);
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 4L, 5L));
    assertThat(node.raft().configurationIndex()).isEqualTo(4);
  }

  @Test
  void aConfigurationWhoseEntryIsTruncatedIsNotInForceAnyMore() {
    Solo node = followerInJoint();
    node.effects();
    node.append(3, 2, 1, 1, 2);
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L, 3L));
    assertThat(node.raft().configurationIndex()).isZero();
    assertThat(node.effects(ConfigurationChanged.class))
        .containsExactly(new ConfigurationChanged(0, voters(1L, 2L, 3L), true));
    node.force();
    node.sent();
    node.becomePreCandidate();
    assertThat(node.sent()).extracting(Effect.Send::to).containsExactly(2L, 3L);
  }

  @Test
  void oneConfigurationIsReplacedByAnotherInTheSameRequest() {
    Solo node = followerInJoint();
    node.append(3, 2, 1, 1, List.of(Solo.entry(2, 2), Solo.entry(3, 2, voters(1L, 2L, 3L, 6L))));
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L, 3L, 6L));
    assertThat(node.raft().configurationIndex()).isEqualTo(3);
    node.force();
    node.crashAndRestart();
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L, 3L, 6L));
    assertThat(node.raft().configurationIndex()).isEqualTo(3);
  }

  @Test
  void aConfigurationThatWasNotDurableIsForgottenInACrash() {
    Solo node = Solo.fresh(3);
    node.append(2, 1, 0, 0, List.of(Solo.entry(1, 1, voters(1L, 2L))));
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L));
    node.crashAndRestart();
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L, 3L));
  }

  @Test
  void theConfigurationOfARestartedNodeIsThatOfItsLogsBaseIfItsEntryIsCompacted() {
    Configuration kept = voters(1L, 7L);
    Solo node = Solo.after(new SnapshotMark(9, 2, kept), 2, 2, 2);
    assertThat(node.raft().configuration()).isEqualTo(kept);
    assertThat(node.raft().isConfigurationCommitted()).isTrue();
    node.becomePreCandidate();
    assertThat(node.sentTo(7)).containsExactly(new PreVoteRequest(3, 11, 2));
  }

  @Test
  void votesAreCountedForOneWhomTheVoterDoesNotKnowAsAMember() {
    Solo voter = Solo.fresh(3);
    voter.receive(4, new VoteRequest(2, 2, 1));
    voter.force();
    assertThat(voter.sentTo(4)).contains(new VoteResponse(2, true));
  }
}
