package dev.balsa.raft.core;

import static dev.balsa.raft.core.Solo.voters;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.PreVoteRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;
import dev.balsa.raft.core.Message.VoteResponse;
import org.junit.jupiter.api.Test;

/** Elections that go wrong, and nodes that could disturb them (thesis 4.2.3, 9.6), across nodes. */
class DisruptionTest {
  @Test
  void aNodeThatComesBackFromAPartitionDeposesNobodyAndItsTermHasNotGrown() {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.cutOff(3L);
    for (int i = 0; i < 5; i++) {
      story.ticks(Story.ELECTION_TICKS); // 3 asks and asks
      story.propose(leader, "c" + i);
    }
    assertThat(story.node(3).leadership().role()).isEqualTo(Role.PRE_CANDIDATE);
    story.heal();
    story.ticks(3 * Story.ELECTION_TICKS);
    assertThat(leader.isLeader()).isTrue();
    assertThat(leader.leadership().term()).isEqualTo(1);
    assertThat(story.node(3).state()).hasSize(5);
  }

  @Test
  void aStuckCandidateOfANewerTermIsFreedAndTheClusterGoesOn() {
    // Its votes were lost: no pre-vote keeps it back, since the leader itself told it to stand.
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.hold(
        message -> message instanceof Message.VoteRequest || message instanceof VoteResponse);
    story.transfer(leader, 3);
    story.lose();
    assertThat(story.node(3).leadership().role()).isEqualTo(Role.CANDIDATE);
    assertThat(story.node(3).leadership().term()).isEqualTo(2);
    story.runUntil(
        "all follow one leader of the newer term",
        () ->
            story.nodes().stream()
                .allMatch(
                    node -> node.leadership().leaderId() != 0 && node.leadership().term() >= 2));
    story.propose(story.leader(), "a");
    story.ticks(Story.HEARTBEAT_TICKS);
    assertThat(story.node(3).state()).containsExactly("a");
  }

  @Test
  void duellingPreCandidatesAreAllGrantedButOnlyOneIsElectedInATerm() {
    Solo voter = Solo.withLog(1);
    voter.ticks(Solo.ELECTION_TICKS);
    voter.sent();
    voter.receive(2, new PreVoteRequest(2, 1, 1));
    voter.receive(3, new PreVoteRequest(2, 1, 1));
    assertThat(voter.sentTo(2)).containsExactly(new PreVoteResponse(2, true));
    assertThat(voter.sentTo(3)).containsExactly(new PreVoteResponse(2, true));
    voter.receive(2, new Message.VoteRequest(2, 1, 1));
    voter.receive(3, new Message.VoteRequest(2, 1, 1));
    voter.force();
    assertThat(voter.sentTo(2)).containsExactly(new VoteResponse(2, true));
    assertThat(voter.sentTo(3)).containsExactly(new VoteResponse(2, false));
  }

  @Test
  void aPreCandidateStillGivesItsPreVoteToAnother() {
    Solo node = Solo.withLog(1);
    node.becomePreCandidate();
    node.sent();
    node.receive(2, new PreVoteRequest(2, 1, 1));
    assertThat(node.sentTo(2)).containsExactly(new PreVoteResponse(2, true));
    assertThat(node.role()).isEqualTo(Role.PRE_CANDIDATE);
  }

  @Test
  void ofTwoDuellingPreCandidatesTheOneWithTheShorterLogGivesWay() {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.cutOff(3L);
    story.propose(leader, "a");
    story.cutOff(1L); // 2 has the entry, 3 has not
    story.ticksOf(3 * Story.ELECTION_TICKS, 2, 3);
    assertThat(story.node(2).leadership().role()).isEqualTo(Role.LEADER);
    assertThat(story.node(3).state()).containsExactly("a");
  }

  @Test
  void aSplitVoteIsFollowedByAnotherElection() {
    Story story = Story.of(3);
    story.elect(1);
    story.cutOff(1L);
    story.ticksOf(1, 2); // so that both stand at once: 3 is the less patient one
    story.runUntil(
        "both are candidates of one term",
        () ->
            story.node(2).leadership().role() == Role.CANDIDATE
                && story.node(3).leadership().role() == Role.CANDIDATE);
    assertThat(story.node(2).leadership().term()).isEqualTo(2);
    assertThat(story.node(3).leadership().term()).isEqualTo(2);
    story.runUntil("one leads", () -> story.node(3).leadership().established());
    assertThat(story.node(3).leadership().term()).isEqualTo(3);
    assertThat(story.node(2).leadership().leaderId()).isEqualTo(3);
  }

  @Test
  void aCandidateThatHearsItsOwnPreVoteGrantedLateGoesOnAsItIs() {
    Solo node = Solo.fresh(5);
    node.becomeCandidate(); // by 2 and 3
    node.receive(4, new PreVoteResponse(1, true));
    node.receive(5, new PreVoteResponse(1, true));
    assertThat(node.role()).isEqualTo(Role.CANDIDATE);
    assertThat(node.term()).isEqualTo(1);
    node.receive(2, new VoteResponse(1, true));
    node.receive(3, new VoteResponse(1, true));
    assertThat(node.role()).isEqualTo(Role.LEADER);
    node.receive(4, new PreVoteResponse(1, true));
    node.receive(5, new PreVoteResponse(2, true)); // nobody asked
    assertThat(node.role()).isEqualTo(Role.LEADER);
    assertThat(node.term()).isEqualTo(1);
  }

  @Test
  void aPreCandidateThatHearsALeaderFollowsIt() {
    Solo node = Solo.withLog(1);
    node.becomePreCandidate();
    node.receive(3, new Heartbeat(1, 0, 4));
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.leadership().leaderId()).isEqualTo(3);
  }

  @Test
  void aRemovedFollowerIsToldSoAndNobodyIsDisturbed() {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.cutOff(3L);
    story.configure(leader, voters(1L, 2L));
    story.heal();
    story.ticks(10 * Story.ELECTION_TICKS);
    assertThat(leader.isLeader()).isTrue();
    assertThat(leader.leadership().term()).isEqualTo(1);
    assertThat(story.node(3).leadership().role()).isEqualTo(Role.FOLLOWER);
    story.restart(story.node(3));
    story.ticks(10 * Story.ELECTION_TICKS);
    assertThat(leader.leadership().term()).isEqualTo(1);
    assertThat(story.node(3).leadership().role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void aLeaderThatLosesItsQuorumStepsDownAndAnotherIsElectedWhereThereIsOne() {
    Story story = Story.of(5);
    StoryNode leader = story.elect(1);
    story.links((from, to) -> (from <= 2) == (to <= 2));
    story.runUntil(
        "another leads in the majority",
        () ->
            story.nodes().stream().anyMatch(node -> node.id() > 2 && node.isLeader())
                && !leader.isLeader());
    assertThat(story.leader().leadership().term()).isGreaterThan(1);
  }

  @Test
  void aClusterThatLosesPowerAtOnceStillHasWhatItHasCommitted() {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.propose(leader, "a");
    story.hold(message -> true);
    leader.step(new Input.Proposed(9, 1, Solo.bytes("not forced anywhere")));
    story.nodes().forEach(story::restart);
    story.lose();
    StoryNode next = story.elect(3);
    story.propose(next, "b");
    story.ticks(Story.HEARTBEAT_TICKS);
    assertThat(story.nodes()).allSatisfy(n -> assertThat(n.state()).containsExactly("a", "b"));
  }
}
