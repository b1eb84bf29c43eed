package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.Message.PreVoteRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Elections (thesis 3.4, 3.6.1) and what keeps them from disturbing (4.2.3, 9.6, 6.2). */
class VotingTest {
  @Test
  void aVoteIsAnsweredOnlyOnceItIsDurable() {
    Solo node = Solo.fresh(3);
    node.receive(2, new VoteRequest(1, 0, 0));
    assertThat(node.sent()).isEmpty();
    node.force();
    assertThat(node.disk.hardState()).isEqualTo(new HardState(1, 2, 0));
    assertThat(node.sent()).containsExactly(new Send(2, new VoteResponse(1, true)));
  }

  @Test
  void thereIsOneVoteATerm() {
    Solo node = Solo.fresh(3);
    node.receive(2, new VoteRequest(1, 0, 0));
    node.force();
    node.sent();
    node.receive(3, new VoteRequest(1, 5, 1));
    assertThat(node.sent()).containsExactly(new Send(3, new VoteResponse(1, false)));
  }

  @Test
  void aVoteIsRepeatedToTheSameCandidateAndWaitsForTheFirstToBeDurable() {
    Solo node = Solo.fresh(3);
    node.receive(2, new VoteRequest(1, 0, 0));
    node.receive(2, new VoteRequest(1, 0, 0));
    assertThat(node.sent()).isEmpty();
    node.force();
    assertThat(node.sent())
        .containsExactly(
            new Send(2, new VoteResponse(1, true)), new Send(2, new VoteResponse(1, true)));
    node.receive(2, new VoteRequest(1, 0, 0));
    assertThat(node.sent()).containsExactly(new Send(2, new VoteResponse(1, true)));
    assertThat(node.disk.pendingWrites()).isZero();
  }

  @Test
  void aVoteIsRememberedAcrossACrash() {
    Solo node = Solo.fresh(3);
    node.receive(2, new VoteRequest(1, 0, 0));
    node.force();
    node.crashAndRestart();
    node.receive(3, new VoteRequest(1, 0, 0));
    assertThat(node.sent()).containsExactly(new Send(3, new VoteResponse(1, false)));
  }

  @Test
  void noVoteForALogThatIsBehind() {
    Solo node = Solo.withLog(1, 1, 3);
    node.receive(2, new VoteRequest(4, 9, 2)); // longer, but of an older term
    assertThat(node.sent()).containsExactly(new Send(2, new VoteResponse(4, false)));
    node.receive(2, new VoteRequest(5, 2, 3)); // same term, shorter
    assertThat(node.sent()).containsExactly(new Send(2, new VoteResponse(5, false)));
    node.receive(2, new VoteRequest(6, 3, 3));
    node.force();
    assertThat(node.sent()).contains(new Send(2, new VoteResponse(6, true)));
  }

  @Test
  void votesAreJudgedByTheWholeLogDurableOrNot() {
    Solo node = Solo.fresh(3);
    node.append(3, 1, 0, 0, 1, 1);
    node.ticks(Solo.ELECTION_TICKS);
    node.receive(2, new VoteRequest(2, 1, 1));
    assertThat(node.sentTo(2)).contains(new VoteResponse(2, false));
  }

  @Test
  void aPreCandidateKeepsItsTermAndWritesNothing() {
    Solo node = Solo.withLog(1, 2);
    node.becomePreCandidate();
    assertThat(node.term()).isEqualTo(2);
    assertThat(node.disk.pendingWrites()).isZero();
    assertThat(node.sent())
        .containsExactly(
            new Send(2, new PreVoteRequest(3, 2, 2)), new Send(3, new PreVoteRequest(3, 2, 2)));
  }

  @Test
  void aCandidateAsksOthersOnlyOnceItsOwnVoteIsDurable() {
    Solo node = Solo.fresh(3);
    node.becomePreCandidate();
    node.sent();
    node.receive(2, new PreVoteResponse(1, true));
    assertThat(node.role()).isEqualTo(Role.CANDIDATE);
    assertThat(node.sent()).isEmpty();
    node.force();
    assertThat(node.disk.hardState()).isEqualTo(new HardState(1, 1, 0));
    assertThat(node.sent())
        .containsExactly(
            new Send(2, new VoteRequest(1, 0, 0)), new Send(3, new VoteRequest(1, 0, 0)));
  }

  @Test
  void aCandidatesOwnVoteCountsOnlyOnceItIsDurable() {
    Solo node = Solo.fresh(3);
    node.becomePreCandidate();
    node.receive(2, new PreVoteResponse(1, true));
    node.receive(3, new VoteResponse(1, true)); // an answer to itself before the crash
    assertThat(node.role()).isEqualTo(Role.CANDIDATE);
    node.force();
    assertThat(node.role()).isEqualTo(Role.LEADER);
  }

  @Test
  void aMajorityOfRefusalsEndsACandidacy() {
    Solo node = Solo.fresh(3);
    node.becomeCandidate();
    node.receive(2, new VoteResponse(1, false));
    assertThat(node.role()).isEqualTo(Role.CANDIDATE);
    node.receive(3, new VoteResponse(1, false));
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.term()).isEqualTo(1);
  }

  @Test
  void aMajorityOfRefusalsEndsAPreCandidacy() {
    Solo node = Solo.withLog(1);
    node.becomePreCandidate();
    node.receive(2, new PreVoteResponse(1, false));
    node.receive(3, new PreVoteResponse(1, false));
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void aVoteThatComesTwiceCountsOnce() {
    Solo node = Solo.fresh(5);
    node.becomeCandidate();
    node.receive(2, new VoteResponse(1, true));
    node.receive(2, new VoteResponse(1, true));
    assertThat(node.role()).isEqualTo(Role.CANDIDATE);
    node.receive(3, new VoteResponse(1, true));
    assertThat(node.role()).isEqualTo(Role.LEADER);
  }

  @Test
  void aSplitVoteLeadsToANewPreVoteInTheSameTerm() {
    Solo node = Solo.fresh(5);
    node.becomeCandidate();
    node.receive(2, new VoteResponse(1, true));
    node.receive(3, new VoteResponse(1, false));
    node.tickUntil(Role.PRE_CANDIDATE);
    assertThat(node.term()).isEqualTo(1);
  }

  @Test
  void preVotesThatComeLateMeanNothing() {
    Solo node = Solo.fresh(5);
    node.becomeCandidate();
    node.receive(2, new PreVoteResponse(1, true));
    node.receive(3, new PreVoteResponse(1, true));
    assertThat(node.role()).isEqualTo(Role.CANDIDATE);
    assertThat(node.term()).isEqualTo(1);
    node.tickUntil(Role.PRE_CANDIDATE);
    node.receive(4, new PreVoteResponse(1, true)); // it asks for term 2 now
    node.receive(5, new PreVoteResponse(1, true));
    assertThat(node.role()).isEqualTo(Role.PRE_CANDIDATE);
  }

  @Test
  void aPreCandidateThatVotesForAnotherNoLongerStandsItself() {
    Solo node = Solo.withLog(1);
    node.becomePreCandidate();
    node.receive(2, new VoteRequest(1, 1, 1));
    node.force();
    assertThat(node.sentTo(2)).contains(new VoteResponse(1, true));
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void aFollowerThatHearsItsLeaderRefusesPreVotesAndIgnoresVotes() {
    Solo node = Solo.withLog(1);
    node.follow(1);
    node.ticks(Solo.ELECTION_TICKS - 1);
    node.receive(3, new PreVoteRequest(9, 9, 8));
    node.receive(3, new VoteRequest(9, 9, 8));
    assertThat(node.sentTo(3)).containsExactly(new PreVoteResponse(1, false));
    assertThat(node.term()).isEqualTo(1);
    node.ticks(1); // the minimum election timeout has passed
    node.receive(3, new PreVoteRequest(9, 9, 8));
    assertThat(node.sentTo(3)).contains(new PreVoteResponse(9, true));
    node.receive(3, new VoteRequest(9, 9, 8));
    node.force();
    assertThat(node.sentTo(3)).containsExactly(new VoteResponse(9, true));
  }

  @Test
  void aLeaderIsNotDeposedByAServerThatComesBack() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.receive(3, new PreVoteRequest(7, 9, 6));
    node.receive(3, new VoteRequest(7, 9, 6));
    assertThat(node.role()).isEqualTo(Role.LEADER);
    assertThat(node.sentTo(3, PreVoteResponse.class))
        .containsExactly(new PreVoteResponse(node.term(), false));
  }

  @Test
  void aPreVoteIsRefusedForATermThatIsNotAhead() {
    Solo node = Solo.withLog(4);
    node.receive(2, new PreVoteRequest(4, 9, 3));
    assertThat(node.sent()).containsExactly(new Send(2, new PreVoteResponse(4, false)));
  }

  @Test
  void aNodeWithTheBetterLogAndTheSmallerTermLearnsTheTermAndWins() {
    Solo node = Solo.withLog(1, 1, 1);
    node.becomePreCandidate();
    node.receive(2, new PreVoteResponse(7, false));
    node.receive(3, new PreVoteResponse(5, false));
    assertThat(node.term()).isEqualTo(7);
    node.becomePreCandidate();
    assertThat(node.sentTo(2)).contains(new PreVoteRequest(8, 3, 1));
    node.receive(2, new PreVoteResponse(8, true));
    assertThat(node.role()).isEqualTo(Role.CANDIDATE);
    assertThat(node.term()).isEqualTo(8);
  }

  @Test
  void aStuckCandidateOfANewerTermFreesItselfByAnsweringTheOldLeader() {
    Solo candidate = Solo.withLog(1);
    candidate.becomeCandidate();
    candidate.sent();
    candidate.receive(2, new Heartbeat(1, 0, 9));
    assertThat(candidate.sent()).containsExactly(new Send(2, new HeartbeatResponse(2, 0)));
    Solo leader = Solo.fresh(3);
    leader.becomeEstablishedLeader();
    leader.receive(3, new HeartbeatResponse(2, 0));
    assertThat(leader.role()).isEqualTo(Role.FOLLOWER);
    assertThat(leader.term()).isEqualTo(2);
  }

  @Test
  void aLeaderWithoutAQuorumStepsDown() {
    Solo node = Solo.fresh(5);
    node.becomeLeader();
    node.ticks(Solo.ELECTION_TICKS - 1);
    node.receive(2, new HeartbeatResponse(1, 1));
    assertThat(node.role()).isEqualTo(Role.LEADER);
    node.ticks(1); // of four others, one was heard
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.leadership().leaderId()).isZero();
    assertThat(node.term()).isEqualTo(1);
  }

  @Test
  void aLeaderThatAQuorumAnswersInEveryTimeoutStays() {
    Solo node = Solo.fresh(5);
    node.becomeLeader();
    for (int i = 0; i < 50; i++) {
      node.ticks(Solo.ELECTION_TICKS / 2);
      node.receive(2, new HeartbeatResponse(1, 1));
      node.receive(4, new HeartbeatResponse(1, 1));
    }
    assertThat(node.role()).isEqualTo(Role.LEADER);
  }

  @Test
  void questionsOfOthersDoNotCountAsHearingThem() {
    Solo node = Solo.fresh(3);
    node.becomeLeader();
    for (int i = 0; i < 2 * Solo.ELECTION_TICKS && node.role() == Role.LEADER; i++) {
      node.receive(2, new PreVoteRequest(2, 1, 1));
      node.ticks(1);
    }
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void aMessageOfANewerTermEndsLeadership() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.append(2, 5, 0, 0);
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.leadership().leaderId()).isEqualTo(2);
    node.force();
    assertThat(node.disk.hardState().term()).isEqualTo(5);
  }

  @Test
  void aStrangerGetsAVoteLikeAnyOther() {
    // This node's configuration may be the older one (thesis 4.1).
    Solo node = Solo.fresh(3);
    node.receive(4, new VoteRequest(9, 9, 9));
    node.force();
    assertThat(node.sentTo(4, VoteResponse.class)).containsExactly(new VoteResponse(9, true));
  }

  @Test
  void aVoteOfAStrangerDoesNotCount() {
    Solo node = Solo.fresh(3);
    node.becomeCandidate();
    node.receive(4, new VoteResponse(node.term(), true));
    node.receive(5, new VoteResponse(node.term(), true));
    assertThat(node.role()).isEqualTo(Role.CANDIDATE);
  }

  @Test
  void twoLeadersInOneTermHaltTheNode() {
    Solo node = Solo.fresh(3);
    node.follow(4);
    assertThatThrownBy(() -> node.receive(3, new Heartbeat(4, 0, 1)))
        .hasMessageContaining("nodes 2 and 3 lead in term 4");
  }

  @Test
  void electionTimeoutsAreSpreadFromTheMinimumToTwiceAsLong() {
    SplittableRandom random = new SplittableRandom(1);
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      ElectionTimer timer = new ElectionTimer(10, random);
      int ticks = 1;
      while (!timer.tick()) {
        ticks++;
      }
      seen.add(ticks);
    }
    assertThat(seen).containsExactlyInAnyOrder(10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
  }

  @Test
  void aSingleNodeElectsItself() {
    Solo node = Solo.fresh(1);
    node.tickUntil(Role.CANDIDATE);
    assertThat(node.role()).isEqualTo(Role.CANDIDATE);
    node.force();
    assertThat(node.role()).isEqualTo(Role.LEADER);
    assertThat(node.leadership().established()).isFalse();
    node.force();
    assertThat(node.leadership().established()).isTrue();
  }
}
