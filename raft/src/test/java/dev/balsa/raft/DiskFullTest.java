package dev.balsa.raft;

import static dev.balsa.raft.TestNodes.await;
import static dev.balsa.raft.TestNodes.get;
import static dev.balsa.raft.TestNodes.propose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.TestNodes.Running;
import dev.balsa.raft.core.Effect.Refusal;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Nodes whose log finds no room, and finds some again. */
class DiskFullTest {
  private static long id(Running node) {
    return node.node().status().nodeId();
  }

  @Test
  void aFollowerWithoutRoomHoldsNobodyUpAndCatchesUpLater() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      nodes.commit("before");
      Running leader = nodes.awaitLeader();
      Running follower =
          nodes.all().stream().filter(node -> !node.equals(leader)).findFirst().orElseThrow();
      follower.log().full(true);
      for (int i = 0; i < 50; i++) {
        nodes.commit("c" + i);
      }
      await("its status", () -> follower.node().status().storageFull());
      assertThat(follower.log().lastIndex()).isLessThan(follower.node().status().lastIndex());
      follower.log().full(false);
      nodes.awaitCommands("before", "c0", "c49");
      await("its status", () -> !follower.node().status().storageFull());
      assertThat(follower.node().status().failure()).isNull();
    }
  }

  @Test
  void aLeaderWithoutRoomGivesItsPlaceToAnother() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      nodes.commit("before");
      Running leader = nodes.awaitLeader();
      leader.log().full(true);
      CompletableFuture<ProposalOutcome> first = propose(leader, "first");
      nodes.awaitLeader(id(leader));
      nodes.commit("second");
      assertThat(leader.node().status().storageFull()).isTrue();
      leader.log().full(false);
      nodes.awaitCommands("before", "second");
      assertThat(get(first)).isNotNull();
    }
  }

  @Test
  void withoutRoomAnywhereNothingIsAcknowledgedUntilThereIsSome() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      nodes.commit("before");
      Running leader = nodes.awaitLeader();
      nodes.all().forEach(node -> node.log().full(true));
      CompletableFuture<ProposalOutcome> waiting = propose(leader, "waiting");
      await("the first to notice", () -> waiting.isDone() || leader.node().status().storageFull());
      if (leader.node().status().storageFull()) {
        ProposalOutcome refused = get(propose(leader, "refused"));
        assertThat(refused)
            .isIn(
                new ProposalOutcome.Refused(Refusal.STORAGE_FULL),
                new ProposalOutcome.Refused(Refusal.TRANSFERRING),
                new ProposalOutcome.Refused(Refusal.NOT_LEADER),
                new ProposalOutcome.Refused(Refusal.WRONG_TERM));
        assertThat(waiting).isNotDone();
      }
      nodes.all().forEach(node -> node.log().full(false));
      assertThat(get(waiting)).isNotNull();
      nodes.commit("after");
      nodes.awaitCommands("before", "after");
      for (Running node : nodes.all()) {
        await("room on node " + id(node), () -> !node.node().status().storageFull());
        assertThat(node.machine().commands()).doesNotContain("refused");
      }
    }
  }
}
