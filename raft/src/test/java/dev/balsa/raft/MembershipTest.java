package dev.balsa.raft;

import static dev.balsa.raft.TestNodes.await;
import static dev.balsa.raft.TestNodes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.TestNodes.Running;
import dev.balsa.raft.core.ClusterId;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.MemberRole;
import dev.balsa.raft.core.SnapshotMark;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Members that come and go, and leaders that step aside, on nodes with real threads. */
class MembershipTest {
  private static long id(Running node) {
    return node.node().status().nodeId();
  }

  private static Running otherThan(TestNodes nodes, Running leader) {
    return nodes.all().stream().filter(node -> !node.equals(leader)).findFirst().orElseThrow();
  }

  @Test
  void aFourthNodeCatchesUpAsAStandbyIsPromotedAndTheLeaderIsRemoved() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      nodes.commit("before");
      Running fourth = nodes.start(4);
      assertThat(fourth.node().status().configuration()).isEqualTo(Configuration.EMPTY);
      nodes.change(members -> members.with(4, MemberRole.STANDBY, "four:4"));
      nodes.awaitCommands("before");
      assertThat(fourth.node().leadership().leaderId()).isBetween(1L, 3L);

      nodes.change(members -> members.with(4, MemberRole.VOTER));
      for (Running node : nodes.all()) {
        await(
            "the new voter on node " + id(node),
            () -> {
              RaftStatus status = node.node().status();
              return status.configurationCommitted()
                  && !status.configuration().isJoint()
                  && status.configuration().isVoter(4);
            });
      }

      Running leader = nodes.awaitLeader();
      long removed = id(leader);
      nodes.change(members -> members.without(removed));
      Running next = nodes.awaitLeader(removed);
      assertThat(next.node().status().configuration().voters()).hasSize(3).doesNotContain(removed);
      await("the removed one no longer leads", () -> !leader.node().leadership().isLeader());
      nodes.stop(removed);
      nodes.commit("after");
      nodes.awaitCommands("before", "after");
    }
  }

  @Test
  void aRemovedStandbyAndARemovedSpareLearnThatTheyAreOut() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      nodes.commit("a");
      List<Running> removed = List.of(nodes.start(4), nodes.start(5));
      nodes.change(
          members ->
              members.with(4, MemberRole.STANDBY, "four:4").with(5, MemberRole.SPARE, "five:5"));
      for (Running node : removed) {
        await(
            "node " + id(node) + " among the members",
            () -> node.node().status().configuration().members().containsKey(id(node)));
      }
      nodes.change(members -> members.without(4).without(5));
      for (Running node : removed) {
        await(
            "node " + id(node) + " told that it is out",
            () -> !node.node().status().configuration().members().containsKey(id(node)));
        assertThat(node.node().status().configuration().voters()).containsExactly(1L, 2L, 3L);
      }
    }
  }

  @Test
  void theTransportIsToldWhereMembersAreAsSoonAsTheirEntryIsThere() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      nodes.commit("a");
      for (Running node : nodes.all()) {
        assertThat(node.transport().peers().keySet()).hasSize(2).doesNotContain(id(node));
      }
      nodes.change(members -> members.with(4, MemberRole.SPARE, "four:4"));
      nodes.change(members -> members.with(4, MemberRole.SPARE, "four:5"));
      for (Running node : nodes.all()) {
        await("the address", () -> "four:5".equals(node.transport().peers().get(4L)));
      }
      nodes.commit("b"); // carries the commit index to the disks
      nodes.awaitCommands("b");
      nodes.ids.forEach(nodes::crash);
      Running alone = nodes.start(1);
      assertThat(alone.transport().peers()).isEqualTo(Map.of(2L, "", 3L, "", 4L, "four:5"));
      assertThat(alone.node().status().configuration().members()).containsKey(4L);
    }
  }

  @Test
  void aVoterOnItsWayOutKeepsItsAddressWhileItIsNeeded() {
    AddressBook book = new AddressBook();
    Configuration first =
        Configuration.EMPTY
            .with(1, MemberRole.VOTER, "one:1")
            .with(2, MemberRole.VOTER, "two:2")
            .with(3, MemberRole.VOTER, "");
    book.learn(first);
    Configuration joint = first.towards(first.without(2));
    book.learn(joint);
    assertThat(book.peersIn(joint, 1)).isEqualTo(Map.of(2L, "two:2", 3L, ""));
    AddressBook ofJoint = new AddressBook(); // of a node that has had no other configuration
    ofJoint.learn(joint);
    assertThat(ofJoint.peersIn(joint, 1)).isEqualTo(Map.of(2L, "two:2", 3L, ""));
    book.forgetAllBut(joint.left());
    assertThat(book.peersIn(joint.left(), 1)).isEqualTo(Map.of(3L, ""));
    assertThat(book.peersIn(joint, 1)).containsEntry(2L, "");
  }

  @Test
  void aNodeWhoseLogEndsInAJointConfigurationDialsThoseThatLeave() {
    Configuration before =
        Configuration.EMPTY
            .with(1, MemberRole.VOTER, "one:1")
            .with(2, MemberRole.VOTER, "two:2")
            .with(3, MemberRole.VOTER, "three:3");
    Configuration joint = before.towards(before.without(2).with(3, MemberRole.STANDBY));
    try (TestNodes nodes = new TestNodes(3)) { // which were not given addresses
      Entry entry = new Entry(2, 1, EntryType.CONFIGURATION, ConfigurationCodec.encode(joint));
      MemoryLogStore log = nodes.log(1);
      log.append(
          new HardState(1, 2, 0),
          List.of(new Entry(1, 1, EntryType.NO_OP, ClusterId.encode(new UUID(1, 2))), entry));
      log.force();
      assertThat(nodes.start(1).transport().peers()).isEqualTo(Map.of(2L, "two:2", 3L, "three:3"));
      MemoryLogStore compacted = nodes.log(9);
      compacted.reset(new HardState(1, 2, 7), new SnapshotMark(7, 1, joint));
      nodes.clusterId(9).keep(new UUID(1, 2));
      assertThat(nodes.start(9, new RecordingMachine(7), null).transport().peers())
          .isEqualTo(Map.of(1L, "one:1", 2L, "two:2", 3L, "three:3"));
    }
  }

  @Test
  void theStateMachineIsToldWhichConfigurationIsInForce() throws Exception {
    try (TestNodes nodes = TestNodes.started(1)) {
      nodes.commit("a");
      Configuration before = nodes.get(1).node().status().configuration();
      nodes.change(members -> members.with(2, MemberRole.SPARE, "two:2"));
      Configuration after = nodes.get(1).node().status().configuration();
      assertThat(after.members()).containsKey(2L);
      assertThat(nodes.get(1).machine().configurations()).startsWith(before).endsWith(after);
    }
  }

  @Test
  void aChangeThatCannotBeIsRefused() throws Exception {
    TestNodes.untilToldOfThree(
        nodes -> {
          Running leader = nodes.awaitLeader();
          long term = leader.node().leadership().term();
          Configuration members = leader.node().status().configuration();
          Configuration more = members.with(4, MemberRole.STANDBY, "");
          MembershipOutcome elsewhere =
              get(otherThan(nodes, leader).node().changeMembership(term, more));
          MembershipOutcome otherTerm = get(leader.node().changeMembership(term + 1, more));
          MembershipOutcome same = get(leader.node().changeMembership(term, members));
          MembershipOutcome tooEarly =
              get(leader.node().changeMembership(term, members.with(4, MemberRole.VOTER, "")));
          if (leader.node().leadership().term() != term) {
            return false;
          }
          assertThat(elsewhere).isEqualTo(new MembershipOutcome.Refused(Refusal.NOT_LEADER));
          assertThat(otherTerm).isEqualTo(new MembershipOutcome.Refused(Refusal.WRONG_TERM));
          assertThat(same).isEqualTo(new MembershipOutcome.Refused(Refusal.INVALID_CONFIGURATION));
          assertThat(tooEarly).isEqualTo(new MembershipOutcome.Refused(Refusal.NOT_CAUGHT_UP));
          return true;
        });
  }

  @Test
  void aChangeOfADeposedLeaderThatNobodyElseHasIsSuperseded() throws Exception {
    TestNodes.untilToldOfThree(
        nodes -> {
          nodes.commit("a");
          Running old = nodes.awaitLeader();
          long oldId = id(old);
          long term = old.node().leadership().term();
          nodes.network.isolate(oldId);
          Configuration members = old.node().status().configuration();
          CompletableFuture<MembershipOutcome> lost =
              old.node().changeMembership(term, members.with(4, MemberRole.SPARE, ""));
          nodes.awaitLeader(oldId);
          await("the old leader steps down", () -> !old.node().leadership().isLeader());
          if (lost.isDone()) {
            return false; // refused: it had stepped down before
          }
          nodes.network.heal();
          assertThat(get(lost)).isInstanceOf(MembershipOutcome.Superseded.class);
          await("the old members", () -> old.node().status().configuration().equals(members));
          return true;
        });
  }

  @Test
  void whoWaitsForAChangeIsToldWhenTheNodeStops() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      nodes.commit("a");
      Running leader = nodes.awaitLeader();
      nodes.network.isolate(id(leader));
      long term = leader.node().leadership().term();
      Configuration members = leader.node().status().configuration();
      CompletableFuture<MembershipOutcome> change =
          leader.node().changeMembership(term, members.with(4, MemberRole.SPARE, ""));
      nodes.stop(id(leader));
      if (!change.isDone() || change.isCompletedExceptionally()) { // else refused before
        assertThatThrownBy(() -> get(change)).hasCauseInstanceOf(RaftStoppedException.class);
      }
    }
  }

  @Test
  void leadershipGoesToTheNodeThatWasNamed() throws Exception {
    TestNodes.untilToldOfThree(
        nodes -> {
          nodes.commit("a");
          Running leader = nodes.awaitLeader();
          Running target = otherThan(nodes, leader);
          long term = leader.node().leadership().term();
          TransferOutcome outcome = get(leader.node().transferLeadership(id(target)));
          if (!(outcome instanceof TransferOutcome.Done)) {
            return false;
          }
          Running next = nodes.awaitLeader();
          nodes.commit("b");
          nodes.awaitCommands("a", "b");
          return next.equals(target) && next.node().leadership().term() == term + 1;
        });
  }

  @Test
  void leadershipIsNotGivenToWhoCannotTakeIt() throws Exception {
    TestNodes.untilToldOfThree(
        nodes -> {
          Running leader = nodes.awaitLeader();
          TransferOutcome stranger = get(leader.node().transferLeadership(9));
          TransferOutcome elsewhere =
              get(otherThan(nodes, leader).node().transferLeadership(id(leader)));
          long target = id(otherThan(nodes, leader));
          nodes.network.isolate(target);
          TransferOutcome silent = get(leader.node().transferLeadership(target));
          if (!leader.node().leadership().isLeader()) {
            return false;
          }
          assertThat(stranger).isEqualTo(new TransferOutcome.Refused(Refusal.NOT_A_VOTER));
          assertThat(elsewhere).isEqualTo(new TransferOutcome.Refused(Refusal.NOT_LEADER));
          assertThat(silent).isEqualTo(new TransferOutcome.Refused(Refusal.TIMED_OUT));
          nodes.commit("goes on");
          return true;
        });
  }

  @Test
  void aLeaderTellsHowItsPeersAreDoing() throws Exception {
    TestNodes.untilToldOfThree(
        nodes -> {
          nodes.commit("a");
          Running leader = nodes.awaitLeader();
          long last = leader.node().status().lastIndex();
          await(
              "their progress",
              () ->
                  !leader.node().leadership().isLeader()
                      || leader.node().status().peers().stream()
                              .filter(
                                  peer ->
                                      peer.matchIndex() >= last
                                          && peer.state().equals("replicating"))
                              .count()
                          == 2);
          Running follower = otherThan(nodes, leader);
          return leader.node().leadership().isLeader()
              && follower.node().status().peers().equals(List.of());
        });
  }
}
