package dev.balsa.raft.core;

import static dev.balsa.raft.core.Solo.voters;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.ReadReady;
import dev.balsa.raft.core.Effect.TransferDone;
import dev.balsa.raft.core.Message.AppendRequest;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * What several nodes do together, as transcripts under {@code src/test/resources/transcripts} that
 * a human can read. What must be so whatever the transcript says is asserted beside it.
 */
class StoriesTest {
  @Test
  void aLeaderIsReplacedByAJointChangeAndHandsOver() throws IOException {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.propose(leader, "a");
    story.join(4);
    story.configure(leader, voters(1L, 2L, 3L).with(4, MemberRole.STANDBY));
    story.configure(leader, voters(2L, 3L, 4L));
    assertThat(leader.leadership().role()).isEqualTo(Role.FOLLOWER);
    StoryNode next = story.leader();
    assertThat(next.leadership().established()).isTrue();
    story.propose(next, "b");
    story.ticks(5 * Story.ELECTION_TICKS);
    assertThat(story.leader()).isSameAs(next);
    assertThat(story.node(4).state()).containsExactly("a", "b");
    assertThat(leader.state()).containsExactly("a");
    story.compareTranscript("joint-change-replaces-leader.txt");
  }

  @Test
  void leadershipIsTransferredToAPeerThatLags() throws IOException {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.cutOff(3L);
    story.propose(leader, "a");
    story.heal();
    long transfer = story.transfer(leader, 3);
    story.propose(leader, "refused meanwhile");
    story.ticks(Story.HEARTBEAT_TICKS);
    assertThat(story.node(3).isLeader()).isTrue();
    assertThat(story.answers()).contains(new TransferDone(transfer));
    story.propose(story.node(3), "b");
    story.ticks(Story.HEARTBEAT_TICKS);
    assertThat(leader.state()).containsExactly("a", "b");
    story.compareTranscript("transfer-to-lagging-peer.txt");
  }

  @Test
  void aFollowerThatLagsTooFarIsSentASnapshotAndGoesOnWhereAChunkWasLost() throws IOException {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.cutOff(3L);
    for (String command : new String[] {"one", "two", "three", "four", "five"}) {
      story.propose(leader, command);
    }
    story.say("node 1 takes a snapshot");
    leader.takeSnapshot();
    story.propose(leader, "six");
    story.heal();
    story.hold(message -> message instanceof Message.SnapshotChunk chunk && chunk.offset() == 8);
    story.ticks(Story.HEARTBEAT_TICKS);
    story.say("the chunk at 8 is lost");
    story.lose();
    story.ticks(2 * Story.HEARTBEAT_TICKS);
    assertThat(story.node(3).state()).isEqualTo(leader.state()).hasSize(6);
    assertThat(story.node(3).raft().firstIndex()).isEqualTo(leader.raft().firstIndex());
    story.compareTranscript("snapshot-to-lagging-follower.txt");
  }

  @Test
  void aLeaseIsVoidOnceATargetWasToldToStand() throws IOException {
    Story story = Story.withLease(3);
    StoryNode leader = story.elect(1);
    story.ticks(Story.HEARTBEAT_TICKS);
    long before = story.leaseRead(leader);
    assertThat(story.answers()).containsExactly(new ReadReady(before, 1));
    story.say("from now on node 1 hears nobody");
    story.links((from, to) -> to != 1);
    long transfer = story.transfer(leader, 2);
    assertThat(story.node(2).isLeader()).isTrue();
    story.propose(story.node(2), "a");
    story.answers();
    assertThat(leader.isLeader()).isTrue(); // it does not know
    long after = story.leaseRead(leader);
    assertThat(story.answers()).isEmpty();
    story.heal();
    story.ticks(2 * Story.HEARTBEAT_TICKS);
    assertThat(story.answers())
        .containsExactly(
            new Effect.ReadRefused(after, Effect.Refusal.NOT_LEADER), new TransferDone(transfer));
    story.compareTranscript("lease-void-after-transfer.txt");
  }

  @Test
  void aNodeThatRejoinsAsksFirstAndDisturbsNobody() throws IOException {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.cutOff(3L);
    story.ticks(4 * Story.ELECTION_TICKS);
    story.propose(leader, "a");
    story.heal();
    story.ticksOf(2 * Story.ELECTION_TICKS, 3);
    story.say("the next heartbeat");
    story.ticks(Story.HEARTBEAT_TICKS);
    assertThat(leader.isLeader()).isTrue();
    assertThat(leader.leadership().term()).isEqualTo(1);
    assertThat(story.node(3).state()).containsExactly("a");
    story.compareTranscript("rejoining-node-asks-first.txt");
  }

  @Test
  void anUncommittedConfigurationIsTruncatedAndTheOldOneIsInForceAgain() throws IOException {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.cutOff(1L);
    story.configure(leader, voters(1L, 2L));
    assertThat(leader.raft().configuration().isJoint()).isTrue();
    story.runUntil("another leads", () -> story.node(2).isLeader() || story.node(3).isLeader());
    story.propose(story.leader(), "a");
    story.heal();
    story.ticks(2 * Story.ELECTION_TICKS);
    assertThat(leader.raft().configuration()).isEqualTo(voters(1L, 2L, 3L));
    assertThat(leader.state()).containsExactly("a");
    story.compareTranscript("truncated-configuration.txt");
  }

  @Test
  void aLeaderThatLosesItsVoteStandsOnceMoreBecauseItAloneKnows() throws IOException {
    Story story = Story.of(2);
    StoryNode leader = story.elect(1);
    story.hold(StoriesTest::isLeavingJoint);
    story.configure(leader, voters(2L));
    story.restart(leader);
    story.lose();
    story.runUntil("node 2 leads alone", () -> story.node(2).leadership().established());
    assertThat(story.node(2).raft().configuration()).isEqualTo(voters(2L));
    story.compareTranscript("removed-leader-stands-once-more.txt");
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
  void aNewLeaderFinishesTheChangeThatItsPredecessorBegan() throws IOException {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.hold(StoriesTest::isLeavingJoint);
    story.configure(leader, voters(2L, 3L));
    story.lose();
    story.cutOff(1L);
    story.ticksOf(2 * Story.ELECTION_TICKS, 1);
    assertThat(leader.isLeader()).isFalse();
    StoryNode next = story.elect(2);
    assertThat(next.raft().configuration()).isEqualTo(voters(2L, 3L));
    assertThat(next.raft().isConfigurationCommitted()).isTrue();
    story.heal();
    story.ticks(5 * Story.ELECTION_TICKS);
    assertThat(next.isLeader()).isTrue();
    assertThat(leader.leadership().role()).isEqualTo(Role.FOLLOWER);
    story.compareTranscript("new-leader-finishes-change.txt");
  }

  @Test
  void removedStandbysAndSparesAreToldEvenIfTheyWereNotThereWhenItHappened() throws IOException {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.join(4);
    story.join(5);
    Configuration three = voters(1L, 2L, 3L);
    story.configure(leader, three.with(4, MemberRole.STANDBY).with(5, MemberRole.SPARE));
    story.ticks(Story.HEARTBEAT_TICKS);
    story.cutOff(4L, 5L);
    story.configure(leader, three);
    story.heal();
    story.ticks(2 * Story.ELECTION_TICKS);
    assertThat(story.node(4).toldOf()).isEqualTo(three);
    assertThat(story.node(5).toldOf()).isEqualTo(three);
    story.say("for ten election timeouts");
    story.ticks(10 * Story.ELECTION_TICKS);
    assertThat(leader.isLeader()).isTrue();
    assertThat(leader.leadership().term()).isEqualTo(1);
    story.restart(story.node(4)); // what it was told is not in its log
    assertThat(story.node(4).toldOf()).isNotEqualTo(three);
    story.ticks(2 * Story.ELECTION_TICKS);
    assertThat(story.node(4).toldOf()).isEqualTo(three);
    story.compareTranscript("removed-standby-is-told.txt");
  }
}
