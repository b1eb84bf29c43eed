package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Effect.ReadReady;
import dev.balsa.raft.core.Effect.ReadRefused;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.Message.ReadRequest;
import dev.balsa.raft.core.Message.ReadResponse;
import dev.balsa.raft.sim.SimCluster;
import dev.balsa.raft.sim.SimNode;
import org.junit.jupiter.api.Test;

/** Reads on whatever node, which the leader confirms (thesis 6.4). */
class LeaderReadTest {
  private static Solo follower() {
    Solo node = Solo.fresh(3);
    node.receive(2, new Heartbeat(1, 0, 1));
    node.sent();
    node.effects();
    return node;
  }

  @Test
  void aFollowerAsksItsLeaderAndTellsWhatThatAnswers() {
    Solo node = follower();
    long read = node.leaderRead();
    assertThat(node.sentTo(2)).containsExactly(new ReadRequest(1, read));
    assertThat(node.effects()).isEmpty();
    node.receive(2, new ReadResponse(1, read, 7));
    assertThat(node.effects()).containsExactly(new ReadReady(read, 7));
    node.receive(2, new ReadResponse(1, read, 7));
    assertThat(node.effects()).as("answered once").isEmpty();
  }

  @Test
  void anAnswerToAnotherReadIsNone() {
    Solo node = follower();
    long read = node.leaderRead();
    node.receive(2, new ReadResponse(1, read + 1, 7));
    node.receive(3, new ReadResponse(1, read, 7));
    assertThat(node.effects()).isEmpty();
  }

  @Test
  void aFollowerWithoutLeaderRefuses() {
    Solo node = Solo.fresh(3);
    long read = node.leaderRead();
    assertThat(node.effects()).containsExactly(new ReadRefused(read, Refusal.NOT_LEADER));
  }

  @Test
  void aReadIsRefusedWhenAnotherLeads() {
    Solo node = follower();
    long read = node.leaderRead();
    node.receive(3, new Heartbeat(2, 0, 1));
    assertThat(node.effects(ReadRefused.class))
        .containsExactly(new ReadRefused(read, Refusal.NOT_LEADER));
    node.receive(2, new ReadResponse(1, read, 7));
    assertThat(node.effects()).isEmpty();
  }

  @Test
  void aReadThatIsLostIsRefusedAfterAnElectionTimeout() {
    Solo node = follower();
    node.ticks(1);
    long read = node.leaderRead();
    for (int i = 0; i < Solo.ELECTION_TICKS - 1; i++) {
      node.ticks(1);
      node.receive(2, new Heartbeat(1, 0, 2 + i));
    }
    assertThat(node.effects(ReadRefused.class)).isEmpty();
    node.ticks(1);
    assertThat(node.effects(ReadRefused.class))
        .containsExactly(new ReadRefused(read, Refusal.TIMED_OUT));
  }

  @Test
  void aLeaderAnswersAfterARoundThatBeganAfterTheRequest() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.ticks(Solo.HEARTBEAT_TICKS);
    long before = node.sentTo(2, Heartbeat.class).get(0).round();
    node.receive(3, new ReadRequest(1, 99));
    node.receive(2, new HeartbeatResponse(1, before));
    node.receive(3, new HeartbeatResponse(1, before));
    assertThat(node.sentTo(3, ReadResponse.class)).isEmpty();
    node.receive(2, new HeartbeatResponse(1, before + 1));
    assertThat(node.sentTo(3, ReadResponse.class)).containsExactly(new ReadResponse(1, 99, 1));
    assertThat(node.effects()).as("nobody here has asked").isEmpty();
  }

  @Test
  void aLeaderThatHasCommittedNothingOfItsTermCannotTell() {
    Solo node = Solo.withLog(1);
    node.becomeLeader();
    node.receive(3, new ReadRequest(node.term(), 99));
    assertThat(node.sentTo(3, ReadResponse.class))
        .containsExactly(new ReadResponse(node.term(), 99, 0));
    Solo asker = follower();
    long read = asker.leaderRead();
    asker.receive(2, new ReadResponse(1, read, 0));
    assertThat(asker.effects()).containsExactly(new ReadRefused(read, Refusal.NOT_ESTABLISHED));
  }

  @Test
  void aLeaderConfirmsItsOwnAsAnyOther() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    long read = node.leaderRead();
    long round = node.sentTo(2, Heartbeat.class).get(0).round();
    node.receive(2, new HeartbeatResponse(1, round));
    assertThat(node.effects()).containsExactly(new ReadReady(read, 1));
  }

  @Test
  void aLeaderThatIsCutOffWithAFollowerTellsItNothing() {
    SimCluster cluster = new SimCluster(5, 8, SimCluster.SMALL_LIMITS);
    SimNode old = cluster.elect(1);
    SimNode with = cluster.nodes().get(1);
    cluster.network().links((from, to) -> (from <= 2) == (to <= 2));
    SimNode fresh = cluster.elect(3);
    cluster.propose(fresh, "new");
    cluster.settle();
    assertThat(old.isLeader() && with.leadership().leaderId() == 1).isTrue();
    long read = cluster.leaderRead(with);
    cluster.runUntil(
        "the read to be answered", 30, () -> with.answers().stream().anyMatch(e -> isAnswer(e)));
    assertThat(with.answers())
        .filteredOn(LeaderReadTest::isAnswer)
        .singleElement()
        .isInstanceOfSatisfying(
            ReadRefused.class, refused -> assertThat(refused.read()).isEqualTo(read));
  }

  private static boolean isAnswer(Effect effect) {
    return effect instanceof ReadReady || effect instanceof ReadRefused;
  }
}
