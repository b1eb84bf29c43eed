package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Effect.ReadReady;
import dev.balsa.raft.core.Effect.ReadRefused;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.sim.SimCluster;
import dev.balsa.raft.sim.SimNode;
import org.junit.jupiter.api.Test;

/** Linearizable reads without writing to the log (thesis 6.4). */
class ReadTest {
  @Test
  void aReadIsAnsweredWhenAQuorumHasAnsweredARoundThatBeganAfterIt() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    long read = node.read();
    long round = node.sentTo(2, Heartbeat.class).get(0).round();
    assertThat(node.effects()).isEmpty();
    node.receive(2, new HeartbeatResponse(1, round));
    assertThat(node.effects()).containsExactly(new ReadReady(read, 1));
  }

  @Test
  void aRoundThatBeganBeforeTheReadProvesNothingForIt() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.ticks(Solo.HEARTBEAT_TICKS);
    long before = node.sentTo(2, Heartbeat.class).get(0).round();
    long read = node.read();
    node.receive(2, new HeartbeatResponse(1, before));
    node.receive(3, new HeartbeatResponse(1, before));
    assertThat(node.effects()).isEmpty();
    node.receive(3, new HeartbeatResponse(1, before + 1));
    assertThat(node.effects()).containsExactly(new ReadReady(read, 1));
  }

  @Test
  void readsThatArriveDuringARoundShareTheNext() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    long first = node.read();
    long round = node.sentTo(2, Heartbeat.class).get(0).round();
    long second = node.read();
    long third = node.read();
    assertThat(node.sentTo(2)).isEmpty();
    node.receive(2, new HeartbeatResponse(1, round));
    assertThat(node.effects()).containsExactly(new ReadReady(first, 1));
    assertThat(node.sentTo(2, Heartbeat.class)).containsExactly(new Heartbeat(1, 1, round + 1));
    node.receive(2, new HeartbeatResponse(1, round + 1));
    assertThat(node.effects()).containsExactly(new ReadReady(second, 1), new ReadReady(third, 1));
  }

  @Test
  void aReadWhoseRoundIsLostIsAnsweredByTheNextHeartbeat() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    long read = node.read();
    node.sent();
    node.ticks(Solo.HEARTBEAT_TICKS);
    long later = node.sentTo(3, Heartbeat.class).get(0).round();
    node.receive(3, new HeartbeatResponse(1, later));
    assertThat(node.effects()).containsExactly(new ReadReady(read, 1));
  }

  @Test
  void oneVoterAnsweringTwiceIsNoQuorum() {
    Solo node = Solo.fresh(5);
    node.becomeLeader();
    node.accept(2, 1);
    node.accept(3, 1);
    node.effects();
    node.read();
    long round = node.sentTo(2, Heartbeat.class).get(0).round();
    node.receive(2, new HeartbeatResponse(1, round));
    node.receive(2, new HeartbeatResponse(1, round));
    assertThat(node.effects()).isEmpty();
  }

  @Test
  void noReadBeforeTheFirstCommitOfTheTerm() {
    Solo node = Solo.withLog(1);
    node.becomeLeader();
    long read = node.read();
    assertThat(node.effects()).containsExactly(new ReadRefused(read, Refusal.NOT_ESTABLISHED));
  }

  @Test
  void othersThanTheLeaderRefuseReads() {
    Solo node = Solo.withLog(1);
    long read = node.read();
    assertThat(node.effects()).containsExactly(new ReadRefused(read, Refusal.NOT_LEADER));
  }

  @Test
  void readsThatWaitAreRefusedWhenLeadershipIsLost() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    long first = node.read();
    long second = node.read();
    node.receive(2, new Heartbeat(2, 0, 1));
    assertThat(node.effects(ReadRefused.class))
        .containsExactly(
            new ReadRefused(first, Refusal.NOT_LEADER),
            new ReadRefused(second, Refusal.NOT_LEADER));
  }

  @Test
  void anAnswerToAHeartbeatOfAnOlderTermNamesNoRound() {
    // Node 1 leads term 1 and sends round 9; it loses that term, and leads term 3. Node 2, in term
    // 3 by now, hears the old heartbeat late. If its answer named round 9, it would prove to the
    // leader of term 3 a round that has not begun.
    Solo two = Solo.restarted(new HardState(3, 1, 0), 1);
    two.receive(3, new Heartbeat(1, 0, 9));
    assertThat(two.sentTo(3)).containsExactly(new HeartbeatResponse(3, 0));
  }

  @Test
  void anOldLeaderThatIsCutOffAnswersNoRead() {
    SimCluster cluster = new SimCluster(3, 3, SimCluster.SMALL_LIMITS);
    SimNode old = cluster.elect(1);
    cluster.network().links((from, to) -> from != 1 && to != 1);
    SimNode fresh = cluster.elect(2);
    cluster.propose(fresh, "new");
    cluster.settle();
    assertThat(old.isLeader()).isTrue();
    long read = cluster.read(old);
    cluster.runUntil("the old leader steps down", 30, () -> !old.isLeader());
    assertThat(old.answers()).contains(new ReadRefused(read, Refusal.NOT_LEADER));
  }

  @Test
  void aReadThatWaitedForTheNextRoundIsNotAnsweredByTheOneBefore() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    long first = node.read();
    long round = node.sentTo(2, Heartbeat.class).get(0).round();
    long second = node.read();
    node.ticks(Solo.HEARTBEAT_TICKS); // the next round begins though the first is not answered
    node.answer(2, round);
    assertThat(node.effects()).containsExactly(new ReadReady(first, 1));
    node.answer(2, round + 1);
    assertThat(node.effects()).containsExactly(new ReadReady(second, 1));
  }

  @Test
  void eachRequestIsAnsweredOnceAlsoIfItsAnswersComeTwice() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    long first = node.read();
    long second = node.read();
    long round = node.sentTo(2, Heartbeat.class).get(0).round();
    node.answer(2, round);
    node.answer(2, round);
    node.answer(3, round);
    assertThat(node.effects()).containsExactly(new ReadReady(first, 1));
    node.answer(3, round + 1);
    node.answer(2, round + 1);
    assertThat(node.effects()).containsExactly(new ReadReady(second, 1));
  }

  @Test
  void aSingleNodeAnswersAtOnce() {
    Solo node = Solo.fresh(1);
    node.becomeLeader();
    long read = node.read();
    assertThat(node.effects()).containsExactly(new ReadReady(read, 1));
  }

  @Test
  void aRoundIsAnsweredOnceAndItsRepetitionOnlyBringsNewsOfWhatIsCommitted() {
    Solo node = Solo.fresh(3);
    node.receive(2, new Heartbeat(1, 0, 1));
    assertThat(node.sentTo(2)).containsExactly(new HeartbeatResponse(1, 1));
    node.receive(2, new Heartbeat(1, 0, 1));
    assertThat(node.sentTo(2)).isEmpty();
    node.receive(2, new Heartbeat(1, 0, 2));
    assertThat(node.sentTo(2)).containsExactly(new HeartbeatResponse(1, 2));
    node.receive(3, new Heartbeat(2, 0, 1)); // rounds are a leader's own
    assertThat(node.sentTo(3)).containsExactly(new HeartbeatResponse(2, 1));
  }
}
