package dev.balsa.raft.core;

import static dev.balsa.raft.core.Solo.voters;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.ConfigurationNotice;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.Message.PreVoteRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;
import dev.balsa.raft.core.Message.TimeoutNow;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Members that do not vote: standbys, which have the log, and spares, which have none. */
class StandbyTest {
  private static final Configuration MEMBERS =
      voters(1L, 2L).with(3, MemberRole.STANDBY).with(4, MemberRole.SPARE);

  private static Solo leader() {
    Solo node = Solo.in(MEMBERS);
    node.becomeEstablishedLeader();
    return node;
  }

  @Test
  void aStandbyNeverStands() {
    Solo node = Solo.in(voters(2L, 3L).with(1, MemberRole.STANDBY));
    node.ticks(5 * Solo.ELECTION_TICKS);
    node.follow(3);
    node.ticks(5 * Solo.ELECTION_TICKS);
    assertThat(node.sent())
        .isNotEmpty()
        .allMatch(send -> send.message().equals(new PreVoteRequest(3, 0, 0))); // not of the next
    node.receive(2, new PreVoteResponse(3, true));
    node.receive(3, new PreVoteResponse(3, true));
    node.receive(2, new PreVoteResponse(4, true));
    node.receive(3, new PreVoteResponse(4, true));
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    node.receive(2, new TimeoutNow(3));
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.term()).isEqualTo(3);
  }

  @Test
  void aNodeThatWasToldOfNoClusterWaits() {
    Solo node = Solo.in(Configuration.EMPTY);
    node.ticks(5 * Solo.ELECTION_TICKS);
    assertThat(node.sent()).isEmpty();
    assertThat(node.term()).isZero();
    node.append(2, 4, 0, 0, List.of(Solo.entry(1, 4, voters(2L).with(1, MemberRole.STANDBY))));
    node.force();
    assertThat(node.raft().configuration().members()).hasSize(2);
    assertThat(node.sentTo(2)).contains(new Message.AppendAccepted(4, 1));
  }

  @Test
  void aStandbyHasTheLogButItsCopiesDoNotCount() {
    Solo node = leader();
    node.acceptAll(3);
    node.sent();
    node.propose("a");
    node.force();
    assertThat(node.sentTo(3, AppendRequest.class)).hasSize(1);
    node.acceptAll(3);
    assertThat(node.raft().committedIndex()).isEqualTo(1);
    node.acceptAll(2);
    assertThat(node.raft().committedIndex()).isEqualTo(2);
  }

  @Test
  void aStandbysAnswersNeitherConfirmAReadNorKeepALeader() {
    Solo node = leader();
    node.read();
    node.answer(3, node.sentTo(3, Heartbeat.class).get(0).round());
    assertThat(node.effects()).isEmpty();
    for (int i = 0; i < 2 * Solo.ELECTION_TICKS; i++) {
      node.answer(3, 0);
      node.ticks(1);
    }
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void aStandbysVoteDoesNotCountBeforeItsPromotionAndDoesAfter() {
    Solo node = Solo.in(MEMBERS);
    node.becomeCandidate();
    node.receive(3, new VoteResponse(1, true));
    assertThat(node.role()).isEqualTo(Role.CANDIDATE);

    Solo promoted = Solo.in(MEMBERS);
    Configuration joint = MEMBERS.towards(MEMBERS.with(3, MemberRole.VOTER));
    promoted.append(2, 1, 0, 0, List.of(Solo.entry(1, 1, joint)));
    promoted.force();
    promoted.becomeCandidate();
    promoted.receive(2, new VoteResponse(2, true));
    assertThat(promoted.role()).isEqualTo(Role.LEADER); // 2 of {1,2}, 2 of {1,2,3}
    Solo both = Solo.in(voters(1L, 2L, 5L).with(3, MemberRole.STANDBY));
    Configuration next = voters(1L, 2L, 3L, 5L);
    both.append(2, 1, 0, 0, List.of(Solo.entry(1, 1, next)));
    both.force();
    both.becomeCandidate();
    both.receive(2, new VoteResponse(2, true));
    assertThat(both.role()).isEqualTo(Role.CANDIDATE);
    both.receive(3, new VoteResponse(2, true));
    assertThat(both.role()).isEqualTo(Role.LEADER);
  }

  @Test
  void aStandbyThatIsAVoterForTheCandidateAlreadyVotes() {
    // It has not yet heard of its promotion; without its vote there might be no leader at all.
    Solo node = Solo.in(voters(2L, 3L).with(1, MemberRole.STANDBY));
    node.receive(2, new PreVoteRequest(5, 3, 2));
    node.receive(2, new VoteRequest(5, 3, 2));
    node.force();
    assertThat(node.sentTo(2))
        .containsExactly(new Message.PreVoteResponse(5, true), new VoteResponse(5, true));
    assertThat(node.disk.hardState().votedFor()).isEqualTo(2);
  }

  @Test
  void aSpareHearsThatSomebodyLeadsAndWhoTheMembersAreAndNothingElse() {
    Solo node = leader();
    node.propose("a");
    node.force();
    node.acceptAll(2);
    node.ticks(Solo.HEARTBEAT_TICKS);
    List<Heartbeat> heartbeats = node.sentTo(2, Heartbeat.class);
    long round = heartbeats.get(heartbeats.size() - 1).round();
    List<Message> told = node.sentTo(4);
    assertThat(told).contains(new ConfigurationNotice(1, 0, MEMBERS));
    assertThat(told).allMatch(m -> m instanceof Heartbeat || m instanceof ConfigurationNotice);
    assertThat(round).isPositive();
    node.answer(4, round);
    node.accept(4, 1);
    assertThat(node.raft().peers()).extracting(PeerStatus::id).containsExactly(2L, 3L);
  }

  @Test
  void aSpareIsNotToldAConfigurationThatIsNotCommitted() {
    Solo node = leader();
    Configuration target = MEMBERS.with(5, MemberRole.SPARE);
    node.propose(target);
    node.ticks(Solo.HEARTBEAT_TICKS);
    assertThat(node.sentTo(5, ConfigurationNotice.class)).isEmpty();
    node.force();
    node.acceptAll(2);
    node.ticks(Solo.HEARTBEAT_TICKS);
    assertThat(node.sentTo(5, ConfigurationNotice.class))
        .containsExactly(new ConfigurationNotice(1, 2, target));
    assertThat(node.sentTo(4, ConfigurationNotice.class))
        .containsExactly(new ConfigurationNotice(1, 2, target));
  }

  @Test
  void aVoterThatBecameASpareIsToldSoAndDoesNotStand() {
    Solo node = Solo.fresh(3);
    node.follow(4);
    node.receive(2, new ConfigurationNotice(4, 8, voters(2L, 3L).with(1, MemberRole.SPARE)));
    assertThat(node.effects(Effect.ConfigurationChanged.class)).hasSize(1);
    node.receive(2, new ConfigurationNotice(4, 8, voters(2L, 3L).with(1, MemberRole.SPARE)));
    assertThat(node.effects(Effect.ConfigurationChanged.class)).isEmpty(); // told again
    node.ticks(5 * Solo.ELECTION_TICKS);
    assertThat(node.sent()).allMatch(send -> send.message().equals(new PreVoteRequest(4, 0, 0)));
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    // Later it gets the log, and in it that it is a voter again.
    Configuration again = voters(1L, 2L, 3L);
    node.append(
        2,
        4,
        0,
        0,
        List.of(
            Solo.entry(1, 4),
            Solo.entry(2, 4),
            Solo.entry(3, 4),
            Solo.entry(4, 4),
            Solo.entry(5, 4),
            Solo.entry(6, 4),
            Solo.entry(7, 4),
            Solo.entry(8, 4),
            Solo.entry(9, 4, again)));
    node.force();
    node.becomePreCandidate();
    assertThat(node.role()).isEqualTo(Role.PRE_CANDIDATE);
  }

  @Test
  void aSpareThatBecomesAStandbyIsBroughtUpFromWhereItsLogAgrees() {
    Solo node = leader();
    node.propose(MEMBERS.with(4, MemberRole.STANDBY));
    AppendRequest probe = node.sentTo(4, AppendRequest.class).get(0);
    node.receive(4, new Message.AppendRejected(1, probe.prevIndex(), 0, 0));
    AppendRequest all = node.sentTo(4, AppendRequest.class).get(0);
    assertThat(all.prevIndex()).isZero();
    assertThat(all.entries()).hasSize(2);
  }

  @Test
  void aSpareAnswersHeartbeatsSoThatALeaderOfAnOlderTermLearnsTheNewer() {
    Solo node = Solo.in(voters(2L, 3L).with(1, MemberRole.SPARE));
    node.receive(2, new Heartbeat(3, 0, 5));
    assertThat(node.sentTo(2)).containsExactly(new HeartbeatResponse(3, 5));
    node.receive(3, new Heartbeat(2, 0, 5));
    assertThat(node.sentTo(3)).containsExactly(new HeartbeatResponse(3, 0));
  }

  @Test
  void aPromotionAcrossNodesIsSeenByAll() {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.propose(leader, "a");
    story.join(4);
    story.configure(leader, voters(1L, 2L, 3L).with(4, MemberRole.STANDBY));
    assertThat(story.node(4).state()).containsExactly("a");
    story.ticks(Story.HEARTBEAT_TICKS);
    story.configure(leader, voters(1L, 2L, 3L, 4L));
    story.ticks(Story.HEARTBEAT_TICKS);
    assertThat(story.nodes())
        .allSatisfy(
            node -> {
              assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L, 3L, 4L));
              assertThat(node.raft().isConfigurationCommitted()).isTrue();
            });
    story.cutOff(1L);
    assertThat(story.elect(4).isLeader()).isTrue();
  }
}
