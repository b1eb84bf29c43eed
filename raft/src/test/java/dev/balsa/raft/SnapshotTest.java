package dev.balsa.raft;

import static dev.balsa.raft.TestNodes.await;
import static dev.balsa.raft.TestNodes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.SnapshotMachine.Disk;
import dev.balsa.raft.TestNodes.Running;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Limits;
import dev.balsa.raft.core.MemberRole;
import dev.balsa.raft.core.Message.SnapshotChunk;
import dev.balsa.raft.core.SnapshotId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Logs that are compacted, and nodes that get a snapshot in chunks instead. */
class SnapshotTest {
  private static final int EVERY = 50;
  private static final String FILLING = " ".repeat(20_000);

  /** Chunks of 32 KiB, four at a time; next to nothing is kept below a snapshot. */
  private static final Limits LIMITS =
      new Limits(1 << 20, 128, 8 << 20, 32 << 20, 16 << 20, 1 << 20, 1 << 10, 32 << 10, 4);

  private final Map<Long, Disk> disks = new TreeMap<>();

  private Disk disk(long id) {
    return disks.computeIfAbsent(id, unknown -> new Disk());
  }

  private Running start(TestNodes nodes, long id) {
    return nodes.start(id, new SnapshotMachine(disk(id), EVERY), null);
  }

  private TestNodes started() {
    disks.clear();
    TestNodes nodes = new TestNodes(3).with(config -> config.withLimits(LIMITS));
    nodes.ids.forEach(id -> start(nodes, id));
    return nodes;
  }

  /** Commits so much that a node which has none of it needs a snapshot, of some megabytes. */
  private static void fill(TestNodes nodes, String name) throws Exception {
    for (int i = 0; i < 4 * EVERY; i++) {
      nodes.commit(name + i + FILLING);
    }
    for (Running node : nodes.all()) {
      await(
          "compaction on node " + node.node().status().nodeId(),
          () -> node.log().firstIndex() > 2 * EVERY);
    }
  }

  private static long id(Running node) {
    return node.node().status().nodeId();
  }

  /** Stops a node that does not lead. */
  private static long stopFollower(TestNodes nodes) {
    Running leader = nodes.awaitLeader();
    long follower =
        nodes.all().stream()
            .mapToLong(SnapshotTest::id)
            .filter(id -> id != id(leader))
            .findFirst()
            .orElseThrow();
    nodes.crash(follower);
    return follower;
  }

  @Test
  void aNodeThatLagsTooFarGetsASnapshotInChunks() throws Exception {
    try (TestNodes nodes = started()) {
      nodes.commit("first");
      long lagging = stopFollower(nodes);
      fill(nodes, "c");
      Running again = start(nodes, lagging);
      nodes.commit("last");
      nodes.awaitCommands("first", "c0", "c199", "last");
      assertThat(disk(lagging).installed()).isNotNull();
      assertThat(disk(lagging).written()).isGreaterThan(2_000_000);
      assertThat(again.log().base().index()).isGreaterThanOrEqualTo(2 * EVERY);
      for (Running node : nodes.all()) {
        await("closed sources", () -> disk(id(node)).open() == 0);
      }
      // And starts again from what it was given.
      nodes.commit("x");
      nodes.awaitCommands("x");
      nodes.crash(lagging);
      start(nodes, lagging);
      nodes.commit("y");
      nodes.awaitCommands("first", "c0", "c199", "x", "y");
    }
  }

  @Test
  void aNewNodeLearnsTheClustersIdFromItsFirstSnapshot() throws Exception {
    try (TestNodes nodes = started()) {
      fill(nodes, "c");
      Running fourth = start(nodes, 4);
      nodes.change(members -> members.with(4, MemberRole.STANDBY, "four:4"));
      nodes.awaitCommands("c0", "c199");
      UUID cluster = nodes.awaitLeader().node().status().clusterId();
      assertThat(cluster).isNotNull();
      assertThat(disk(4).installed()).isNotNull();
      assertThat(fourth.node().status().clusterId()).isEqualTo(cluster);
      assertThat(fourth.transport().clusterIds()).containsExactly(cluster);
      assertThat(nodes.clusterId(4).read()).isEqualTo(cluster);
      assertThat(fourth.node().status().configuration().members()).containsKey(4L);
      nodes.crash(4);
      assertThat(start(nodes, 4).node().status().clusterId()).isEqualTo(cluster);
    }
  }

  @Test
  void aNodeConfiguredForAnotherClusterTakesNoSnapshotOfThisOne() throws Exception {
    try (TestNodes nodes = started()) {
      fill(nodes, "c");
      Running fourth = nodes.start(4, new SnapshotMachine(disk(4), EVERY), new UUID(7, 7));
      nodes.change(members -> members.with(4, MemberRole.STANDBY, "four:4"));
      await("its end", () -> fourth.node().status().failure() != null);
      assertThat(fourth.node().status().failure()).isInstanceOf(ClusterMismatchException.class);
      assertThat(disk(4).installed()).isNull();
      assertThat(nodes.clusterId(4).read()).isNull();
    }
  }

  @Test
  void aBrokenLinkOnlyInterruptsASnapshot() throws Exception {
    TestNodes.untilTold(
        this::started,
        nodes -> {
          nodes.commit("first");
          long lagging = stopFollower(nodes);
          fill(nodes, "c");
          AtomicInteger chunks = new AtomicInteger();
          nodes.network.onSend(
              (to, message) -> {
                if (to == lagging
                    && message instanceof SnapshotChunk
                    && chunks.incrementAndGet() % 20 == 0
                    && chunks.get() <= 60) {
                  nodes.network.isolate(lagging);
                }
              });
          start(nodes, lagging);
          for (int breaks = 1; breaks <= 3; breaks++) {
            int sent = 20 * breaks;
            await("the link to break", () -> chunks.get() >= sent || isInstalled(lagging));
            nodes.network.heal();
          }
          await("the snapshot", () -> isInstalled(lagging));
          nodes.awaitCommands("first", "c0", "c199");
          List<SnapshotId> begun = disk(lagging).begun();
          if (begun.size() != 1) {
            return false; // the leader has changed, or took a newer one
          }
          long length = disk(lagging).bytesOf(begun.get(0).index());
          assertThat(disk(lagging).written()).isEqualTo(length);
          return true;
        });
  }

  private boolean isInstalled(long id) {
    return disk(id).installed() != null;
  }

  @Test
  void aCrashBetweenTheTwoHalvesOfAnInstallationIsMadeUpFor() throws Exception {
    try (TestNodes nodes = started()) {
      nodes.commit("first");
      long lagging = stopFollower(nodes);
      fill(nodes, "c");
      nodes.start(lagging, SnapshotMachine.thatInstallsForever(disk(lagging), EVERY), null);
      await("the state machine's half", () -> isInstalled(lagging));
      nodes.crash(lagging);
      assertThat(nodes.log(lagging).base().index()).isZero();
      Running again = start(nodes, lagging);
      assertThat(again.log().base()).isEqualTo(disk(lagging).installed());
      nodes.commit("last");
      nodes.awaitCommands("first", "c0", "c199", "last");
    }
  }

  @Test
  void aSnapshotThatCannotBeStoredIsSentAgain() throws Exception {
    try (TestNodes nodes = started()) {
      nodes.commit("first");
      long lagging = stopFollower(nodes);
      fill(nodes, "c");
      disk(lagging).refuse(true);
      AtomicInteger chunks = new AtomicInteger();
      nodes.network.onSend(
          (to, message) -> {
            if (to == lagging && message instanceof SnapshotChunk) {
              chunks.incrementAndGet();
            }
          });
      start(nodes, lagging);
      await("attempts", () -> chunks.get() >= 3);
      assertThat(isInstalled(lagging)).isFalse();
      disk(lagging).refuse(false);
      nodes.awaitCommands("first", "c0", "c199");
    }
  }

  @Test
  void aProposalThatASnapshotSkipsIsOfUnknownOutcome() throws Exception {
    TestNodes.untilTold(
        this::started,
        nodes -> {
          nodes.commit("first");
          Running old = nodes.awaitLeader();
          nodes.network.isolate(id(old));
          var lost = TestNodes.propose(old, "lost");
          await("the end of its leadership", () -> !old.node().leadership().isLeader());
          if (lost.isDone()) {
            return false; // refused: it had stepped down before
          }
          for (int i = 0; i < 4 * EVERY; i++) {
            Running leader = nodes.awaitLeader(id(old));
            if (!(get(TestNodes.propose(leader, "c" + i + FILLING))
                instanceof ProposalOutcome.Committed)) {
              return false;
            }
          }
          Running leader = nodes.awaitLeader(id(old));
          await("compaction", () -> leader.log().firstIndex() > 2 * EVERY);
          nodes.network.heal();
          assertThatThrownBy(() -> get(lost))
              .isInstanceOf(ExecutionException.class)
              .hasCauseInstanceOf(OutcomeSkippedException.class);
          return true;
        });
  }

  @Test
  void aLogThatIsCompactedNeedsAPlaceForTheClustersId() {
    try (TestNodes nodes = new TestNodes(1)) {
      MemoryNetwork.MemoryTransport transport = nodes.network.open(1);
      assertThatThrownBy(
              () ->
                  RaftNode.start(
                      RaftConfig.of(1, Configuration.ofVoters(List.of(1L))),
                      nodes.log(1),
                      transport,
                      new SnapshotMachine(disk(1), EVERY)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cluster's id");
      transport.close();
    }
  }
}
