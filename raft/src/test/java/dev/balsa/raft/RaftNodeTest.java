package dev.balsa.raft;

import static dev.balsa.raft.TestNodes.await;
import static dev.balsa.raft.TestNodes.get;
import static dev.balsa.raft.TestNodes.propose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.ProposalOutcome.Committed;
import dev.balsa.raft.ProposalOutcome.Refused;
import dev.balsa.raft.ProposalOutcome.Superseded;
import dev.balsa.raft.TestNodes.Running;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** Real threads, real time, a network and logs in memory. */
class RaftNodeTest {
  @Test
  void aSingleNodeElectsItselfCommitsAndReads() throws Exception {
    try (TestNodes nodes = TestNodes.started(1)) {
      Running leader = nodes.awaitLeader();
      assertThat(get(propose(leader, "a"))).isEqualTo(new Committed(3, 1));
      assertThat(leader.machine().commands()).containsExactly("a");
      assertThat(get(leader.node().readIndex())).isEqualTo(new ReadOutcome.Ready(3));
    }
  }

  @Test
  void stateMachinesSendEachOtherMessagesBesideTheLog() {
    try (TestNodes nodes = TestNodes.started(3)) {
      Running leader = nodes.awaitLeader();
      long index = leader.node().status().lastIndex();
      assertThat(nodes.get(2).node().nodeId()).isEqualTo(2);
      nodes.get(2).node().send(3, "hello".getBytes(StandardCharsets.UTF_8));
      await("it to arrive", () -> nodes.get(3).machine().messages().equals(List.of("2: hello")));
      assertThat(nodes.get(1).machine().messages()).isEmpty();
      assertThat(leader.node().status().lastIndex()).isEqualTo(index);
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> leader.node().send(3, new byte[Message.MachineMessage.PAYLOAD_BYTES_MAX + 1]));
    }
  }

  @Test
  void threeNodesElectALeaderAndApplyTheSame() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      for (int i = 0; i < 100; i++) {
        nodes.commit("c" + i);
      }
      nodes.awaitCommands("c99");
      List<Entry> first = nodes.get(1).machine().entries();
      for (Running node : nodes.all()) {
        await("the same entries", () -> node.machine().entries().equals(first));
      }
    }
  }

  @Test
  void proposalsInFlightTogetherShareForces() throws Exception {
    TestNodes.untilToldOfThree(
        nodes -> {
          Running leader = nodes.awaitLeader();
          leader.log().hang(true); // what comes now gathers
          int before = leader.log().forces();
          List<CompletableFuture<ProposalOutcome>> futures = new ArrayList<>();
          for (int i = 0; i < 200; i++) {
            futures.add(propose(leader, "c" + i));
          }
          await(
              "all to be appended or refused",
              () ->
                  leader.node().status().lastIndex() >= 201
                      || futures.stream().anyMatch(CompletableFuture::isDone));
          leader.log().hang(false);
          for (CompletableFuture<ProposalOutcome> future : futures) {
            if (!(get(future) instanceof Committed)) {
              return false;
            }
          }
          assertThat(leader.log().forces() - before).isLessThan(100);
          return true;
        });
  }

  @Test
  void theOthersGoOnWhenTheLeaderDies() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      nodes.commit("before");
      Running old = nodes.awaitLeader();
      long oldId = old.node().status().nodeId();
      nodes.crash(oldId);
      nodes.commit("after");
      nodes.start(oldId);
      nodes.awaitCommands("before", "after");
    }
  }

  @Test
  void allNodesCrashTogetherAndNothingAcknowledgedIsLost() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      for (int round = 0; round < 5; round++) {
        nodes.commit("r" + round);
        nodes.ids.forEach(nodes::crash);
        nodes.ids.forEach(nodes::start);
      }
      nodes.commit("end");
      nodes.awaitCommands("r0", "r1", "r2", "r3", "r4", "end");
    }
  }

  @Test
  void aDeposedLeadersProposalIsDecidedOnlyByWhatIsCommittedAtItsIndex() throws Exception {
    TestNodes.untilToldOfThree(
        nodes -> {
          nodes.commit("first");
          Running old = nodes.awaitLeader();
          long oldId = old.node().status().nodeId();
          long oldTerm = old.node().leadership().term();
          nodes.network.isolate(oldId);
          CompletableFuture<ProposalOutcome> lost = propose(old, "lost");
          nodes.awaitLeader(oldId);
          await("the old leader steps down", () -> !old.node().leadership().isLeader());
          if (lost.isDone()) {
            return false; // refused: it had stepped down before
          }
          nodes.network.heal();
          assertThat(get(lost))
              .isInstanceOfSatisfying(
                  Superseded.class, outcome -> assertThat(outcome.term()).isGreaterThan(oldTerm));
          nodes.commit("second");
          nodes.awaitCommands("first", "second");
          for (Running node : nodes.all()) {
            assertThat(node.machine().commands()).doesNotContain("lost");
          }
          return true;
        });
  }

  @Test
  void aDeposedLeadersProposalThatItsSuccessorHasIsCommitted() throws Exception {
    TestNodes.untilToldOfThree(
        nodes -> {
          nodes.commit("first");
          Running old = nodes.awaitLeader();
          long oldId = old.node().status().nodeId();
          long oldTerm = old.node().leadership().term();
          List<Running> others = nodes.all().stream().filter(node -> !node.equals(old)).toList();
          // They get the entry and cannot force it, so it is not committed while the leader leads;
          // nor can they vote meanwhile.
          others.forEach(node -> node.log().hang(true));
          long before = old.node().status().lastIndex();
          CompletableFuture<ProposalOutcome> survivor = propose(old, "survivor");
          await(
              "both have it",
              () ->
                  survivor.isDone()
                      || others.stream()
                          .allMatch(node -> node.node().status().lastIndex() > before));
          if (survivor.isDone()) {
            return false; // refused
          }
          nodes.network.isolate(oldId);
          others.forEach(node -> node.log().hang(false));
          nodes.awaitLeader(oldId);
          assertThat(survivor).isNotDone();
          nodes.network.heal();
          assertThat(get(survivor))
              .isInstanceOfSatisfying(
                  Committed.class, outcome -> assertThat(outcome.term()).isEqualTo(oldTerm));
          nodes.awaitCommands("first", "survivor");
          return true;
        });
  }

  @Test
  void proposalsAreRefusedByOthersThanTheLeaderAndInOtherTerms() throws Exception {
    TestNodes.untilToldOfThree(
        nodes -> {
          Running leader = nodes.awaitLeader();
          Running follower =
              nodes.all().stream().filter(node -> !node.equals(leader)).findFirst().orElseThrow();
          ProposalOutcome atFollower = get(propose(follower, "x"));
          ReadOutcome read = get(follower.node().readIndex());
          ProposalOutcome inOtherTerm = get(leader.node().propose(99, new byte[1]));
          if (!leader.node().leadership().isLeader()) {
            return false;
          }
          assertThat(atFollower).isEqualTo(new Refused(Refusal.NOT_LEADER));
          assertThat(read).isEqualTo(new ReadOutcome.Refused(Refusal.NOT_LEADER));
          assertThat(inOtherTerm).isEqualTo(new Refused(Refusal.WRONG_TERM));
          return true;
        });
  }

  @Test
  void aPayloadThatIsTooLongIsRefusedAtOnce() {
    try (TestNodes nodes = TestNodes.started(1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> nodes.get(1).node().propose(1, new byte[Entry.PAYLOAD_BYTES_MAX + 1]));
    }
  }

  @Test
  void aReadSeesWhatWasCommittedBefore() throws Exception {
    TestNodes.untilToldOfThree(
        nodes -> {
          Running leader = nodes.awaitLeader();
          for (int i = 0; i < 50; i++) {
            ProposalOutcome outcome = get(propose(leader, "c" + i));
            ReadOutcome read = get(leader.node().readIndex());
            if (!(outcome instanceof Committed committed)
                || !(read instanceof ReadOutcome.Ready ready)) {
              return false;
            }
            assertThat(ready.index()).isGreaterThanOrEqualTo(committed.index());
          }
          return true;
        });
  }

  @Test
  void aForceThatFailsOnTheLoopStopsTheNodeLikeAnyOther() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      for (int i = 0; i < 200; i++) {
        nodes.commit("quick " + i); // until the disk is known to be quick, and the loop writes
      }
      Running leader = nodes.awaitLeader();
      LogStoreException cause = new LogStoreException("the disk is broken");
      leader.log().failNextForce(cause);
      CompletableFuture<ProposalOutcome> unused = propose(leader, "pending");
      await("the failure", () -> leader.machine().failure() != null);
      assertThat(leader.machine().failure()).isSameAs(cause);
      nodes.awaitLeader(leader.node().status().nodeId());
    }
  }

  @Test
  void aFailedForceStopsTheNodeForGoodAndTheOthersGoOn() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      nodes.commit("before");
      Running leader = nodes.awaitLeader();
      long id = leader.node().status().nodeId();
      LogStoreException cause = new LogStoreException("the disk is broken");
      leader.log().failNextForce(cause);
      CompletableFuture<ProposalOutcome> pending = propose(leader, "pending");
      await("the failure", () -> leader.machine().failure() != null);
      assertThat(leader.machine().failure()).isSameAs(cause);
      await("the status", () -> leader.node().status().failure() == cause);
      assertThat(leader.node().leadership().isLeader()).isFalse();
      if (!pending.isDone() || pending.isCompletedExceptionally()) {
        // The other two may have committed it before the leader's force failed.
        assertThatThrownBy(() -> get(pending))
            .isInstanceOf(ExecutionException.class)
            .cause()
            .isInstanceOf(RaftStoppedException.class)
            .hasCause(cause);
      }
      assertThatThrownBy(() -> get(leader.node().propose(1, new byte[1])))
          .hasCauseInstanceOf(RaftStoppedException.class);
      assertThatThrownBy(() -> get(leader.node().readIndex()))
          .hasCauseInstanceOf(RaftStoppedException.class);
      nodes.awaitLeader(id);
      nodes.stop(id);
      nodes.commit("after");
    }
  }

  @Test
  void aStateMachineThatThrowsStopsTheNode() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      nodes.commit("before");
      Running follower =
          nodes.all().stream()
              .filter(node -> !node.node().leadership().isLeader())
              .findFirst()
              .orElseThrow();
      IllegalStateException cause = new IllegalStateException("cannot apply");
      follower.machine().throwOnNextCommit(cause);
      nodes.commit("after");
      await("the failure", () -> follower.node().status().failure() == cause);
      assertThat(follower.machine().failure()).isSameAs(cause);
    }
  }

  @Test
  void closingFailsWhatWaitsAndLeavesNoThread() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      nodes.commit("a");
      Running leader = nodes.awaitLeader();
      long id = leader.node().status().nodeId();
      nodes.network.isolate(id);
      CompletableFuture<ProposalOutcome> pending = propose(leader, "pending");
      CompletableFuture<ReadOutcome> read = leader.node().readIndex();
      nodes.stop(id);
      assertThatThrownBy(() -> get(pending)).hasCauseInstanceOf(RaftStoppedException.class);
      if (read.isCompletedExceptionally()) { // or refused, had the node stepped down before
        assertThatThrownBy(() -> get(read)).hasCauseInstanceOf(RaftStoppedException.class);
      }
      assertThat(leader.machine().failure()).isNull();
      assertThat(leader.node().status().failure()).isNull();
      assertThat(Thread.getAllStackTraces().keySet())
          .extracting(Thread::getName)
          .doesNotContain("balsa-log-" + id);
      assertThatThrownBy(() -> get(leader.node().propose(1, new byte[1])))
          .hasCauseInstanceOf(RaftStoppedException.class);
      leader.node().close(); // again, and without a loop
    }
  }

  @Test
  void theClusterIdIsToldOnceItIsCommittedAndAgainAtARestart() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      nodes.commit("a");
      nodes.awaitCommands("a");
      UUID id = nodes.get(1).node().status().clusterId();
      assertThat(id).isNotNull();
      for (Running node : nodes.all()) {
        await("the id", () -> node.transport().clusterIds().equals(Set.of(id)));
      }
      nodes.commit("b"); // carries the commit index to the disks
      nodes.commit("c");
      nodes.awaitCommands("c");
      nodes.ids.forEach(nodes::crash);
      Running alone = nodes.start(nodes.ids.first());
      assertThat(alone.transport().clusterIds()).containsExactly(id);
    }
  }

  @Test
  void aConfiguredClusterIdBecomesTheClusters() {
    UUID id = new UUID(5, 6);
    try (TestNodes nodes = new TestNodes(1)) {
      nodes.start(1, new RecordingMachine(), id);
      nodes.awaitLeader();
      assertThat(nodes.get(1).node().status().clusterId()).isEqualTo(id);
    }
  }

  @Test
  void aNodeConfiguredForAnotherClusterDoesNotStart() throws Exception {
    try (TestNodes nodes = TestNodes.started(1)) {
      nodes.commit("a");
      nodes.stop(1);
      assertThatThrownBy(() -> nodes.start(1, new RecordingMachine(), new UUID(7, 7)))
          .isInstanceOf(ClusterMismatchException.class)
          .hasMessageContaining("configured for cluster");
      assertThat(Thread.getAllStackTraces().keySet())
          .extracting(Thread::getName)
          .doesNotContain("balsa-log-1");
    }
  }

  @Test
  void aNodeThatLearnsOfAnotherClusterStops() throws Exception {
    try (TestNodes nodes = new TestNodes(3)) {
      nodes.start(1);
      nodes.start(2);
      nodes.commit("a");
      Running third = nodes.start(3, new RecordingMachine(), new UUID(7, 7));
      await("its end", () -> third.node().status().failure() != null);
      assertThat(third.machine().failure()).isInstanceOf(ClusterMismatchException.class);
      assertThat(third.machine().entries()).isEmpty();
    }
  }

  @Test
  void aRestartedStateMachineIsToldOnlyWhatItHasNotApplied() throws Exception {
    try (TestNodes nodes = TestNodes.started(1)) {
      nodes.commit("a");
      nodes.commit("b");
      nodes.commit("c");
      nodes.stop(1);
      assertThat(nodes.log(1).hardState().committed()).isGreaterThanOrEqualTo(3);
      Running again = nodes.start(1, new RecordingMachine(3), null);
      nodes.awaitLeader();
      assertThat(again.machine().commands()).containsExactly("b", "c");
    }
  }

  @Test
  void aStateMachineThatCannotStartLeavesNothingBehind() {
    try (TestNodes nodes = new TestNodes(1)) {
      assertThatThrownBy(() -> nodes.start(1, new RecordingMachine(5), null))
          .isInstanceOf(LogStoreException.class)
          .hasMessageContaining(
              "ends at 0, but the state machine has applied what is up to index 5");
      nodes.start(1);
      nodes.awaitLeader();
    }
  }
}
