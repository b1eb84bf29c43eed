package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.ConfigurationNotice;
import dev.balsa.raft.core.Message.PreVoteRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Members that go, the leader among them (thesis 4.2.2, 4.2.3). */
class RemovalTest {
  private static Configuration voters(Long... ids) {
    return Configuration.ofVoters(List.of(ids));
  }

  /**
   * A configuration is in force from its append: so the only nodes that have its entry may be those
   * that it deprives of their vote, while those that it leaves the vote wait for a majority of the
   * old one, in which the longer log refuses them.
   */
  @Test
  void aDemotedLeaderStandsAsLongAsItAloneHasTheConfigurationThatDemotesIt() {
    Story story = Story.of(2);
    StoryNode leader = story.elect(1);
    story.hold(RemovalTest::isLeavingJoint);
    story.configure(leader, voters(2L));
    assertThat(leader.raft().configuration()).isEqualTo(voters(2L));
    assertThat(story.node(2).raft().configuration().isJoint()).isTrue();
    story.restart(leader);
    story.lose();
    story.runUntil(
        "a leader in the new configuration",
        () -> story.node(2).isLeader() && story.node(2).leadership().established());
    assertThat(story.node(2).raft().configuration()).isEqualTo(voters(2L));
    assertThat(leader.leadership().role()).isEqualTo(Role.FOLLOWER);
  }

  private static boolean isLeavingJoint(Message message) {
    return message instanceof AppendRequest request
        && request.entries().stream()
            .anyMatch(
                entry ->
                    entry.type() == EntryType.CONFIGURATION
                        && !ConfigurationCodec.decode(entry.payload()).isJoint());
  }

  @Test
  void aRemovedNodeWhoseTermIsAheadLearnsItWithoutDeposingTheLeader() {
    Solo leader = Solo.in(voters(1L, 2L, 3L));
    leader.becomeEstablishedLeader();
    leader.receive(4, new PreVoteRequest(9, 1, 1));
    ConfigurationNotice notice = leader.sentTo(4, ConfigurationNotice.class).get(0);
    Solo removed = Solo.restarted(new HardState(8, 0, 0), 1);
    removed.receive(2, new ConfigurationNotice(notice.term(), 5, voters(2L, 3L)));
    assertThat(removed.sent()).isEmpty();
    removed.ticks(5 * Solo.ELECTION_TICKS);
    assertThat(removed.sent()).isEmpty();
    assertThat(removed.role()).isEqualTo(Role.FOLLOWER);
  }

  private static List<Send> asked(Solo node) {
    return node.sent().stream().filter(s -> s.message() instanceof PreVoteRequest).toList();
  }

  @Test
  void aStandbyThatHearsNoLeaderAsksTheVotersAndIsSilentOnceItKnowsThatItIsOut() {
    Configuration members = voters(2L, 3L).with(1, MemberRole.STANDBY).with(4, MemberRole.SPARE);
    Solo standby = Solo.in(members);
    standby.follow(4);
    standby.ticks(Solo.ELECTION_TICKS - 1);
    assertThat(standby.sent()).isEmpty();
    standby.ticks(Solo.ELECTION_TICKS + 1);
    PreVoteRequest question = new PreVoteRequest(4, 0, 0);
    assertThat(asked(standby)).containsExactly(new Send(2, question), new Send(3, question));
    standby.receive(2, new ConfigurationNotice(4, 7, members));
    standby.ticks(2 * Solo.ELECTION_TICKS);
    assertThat(asked(standby)).isNotEmpty(); // it belongs still
    standby.receive(3, new ConfigurationNotice(4, 8, members.without(1)));
    standby.ticks(10 * Solo.ELECTION_TICKS);
    assertThat(standby.sent()).isEmpty();
    assertThat(standby.effects(Effect.ConfigurationChanged.class))
        .endsWith(new Effect.ConfigurationChanged(8, members.without(1), true));
  }

  @Test
  void aSpareAsksTheVotersOfWhomItWasToldLast() {
    Solo spare = Solo.in(Configuration.EMPTY);
    spare.receive(2, new ConfigurationNotice(1, 5, voters(2L, 6L).with(1, MemberRole.SPARE)));
    spare.ticks(2 * Solo.ELECTION_TICKS);
    assertThat(asked(spare)).extracting(Send::to).containsExactly(2L, 6L);
    spare.receive(6, new ConfigurationNotice(1, 6, voters(2L, 6L)));
    spare.ticks(10 * Solo.ELECTION_TICKS);
    assertThat(spare.sent()).isEmpty();
  }

  @Test
  void aStandbyWhoseTermIsAheadLearnsThatItIsOutWithoutDeposingTheLeader() {
    Solo leader = Solo.in(voters(1L, 2L, 3L));
    leader.becomeEstablishedLeader();
    leader.receive(4, new PreVoteRequest(9, 1, 1));
    assertThat(leader.role()).isEqualTo(Role.LEADER);
    assertThat(leader.sentTo(4, ConfigurationNotice.class))
        .containsExactly(new ConfigurationNotice(1, 0, voters(1L, 2L, 3L)));
    assertThat(leader.term()).isEqualTo(1);
  }
}
