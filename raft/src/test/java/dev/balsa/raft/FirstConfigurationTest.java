package dev.balsa.raft;

import static dev.balsa.raft.TestNodes.await;
import static dev.balsa.raft.TestNodes.get;
import static dev.balsa.raft.TestNodes.propose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.TestNodes.Running;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.MemberRole;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The members that the nodes of a cluster are started with, and those that its log tells. */
class FirstConfigurationTest {
  private static final Configuration THREE = Configuration.ofVoters(List.of(1L, 2L, 3L));

  private static List<Entry> configurations(Running node) {
    return node.machine().entries().stream()
        .filter(entry -> entry.type() == EntryType.CONFIGURATION)
        .toList();
  }

  private static void awaitInLog(TestNodes nodes) {
    for (Running node : nodes.all()) {
      await(
          "the members in the log of node " + node.node().status().nodeId(),
          () -> {
            RaftStatus status = node.node().status();
            return status.configurationIndex() > 0 && status.configurationCommitted();
          });
    }
  }

  @Test
  void theFirstLeaderWritesTheMembersIntoTheLogOnce() throws Exception {
    try (TestNodes nodes = TestNodes.started(3)) {
      awaitInLog(nodes);
      nodes.commit("a");
      nodes.awaitCommands("a");
      nodes.ids.forEach(nodes::crash);
      nodes.ids.forEach(nodes::start);
      nodes.commit("b");
      nodes.awaitCommands("b");
      for (Running node : nodes.all()) {
        assertThat(node.node().status().configuration()).isEqualTo(THREE);
        assertThat(configurations(node))
            .singleElement()
            .satisfies(
                entry -> assertThat(ConfigurationCodec.decode(entry.payload())).isEqualTo(THREE));
      }
    }
  }

  @Test
  void aMemberListThatIsChangedBehindTheClustersBackIsNotInForceAndIsWarnedAbout()
      throws Exception {
    ConcurrentMap<Long, Configuration> given = new ConcurrentHashMap<>();
    try (TestNodes nodes =
        new TestNodes(3).with(config -> withMembers(config, given.get(config.nodeId())))) {
      nodes.ids.forEach(nodes::start);
      nodes.commit("a");
      awaitInLog(nodes);
      nodes.commit("b"); // carries the commit index to the disks
      nodes.awaitCommands("a", "b");

      nodes.crash(3);
      given.put(3L, THREE.with(4, MemberRole.VOTER, "four:4"));
      String said = whatIsSaidWhile(() -> nodes.start(3));
      assertThat(said.lines().filter(line -> line.contains("WARN")))
          .singleElement()
          .asString()
          .contains("node 3 was started with the members", "4=Member", "four:4")
          .contains("not in force", "a cluster's members are those in its log")
          .contains(THREE.members().toString(), "since index 2", "RaftNode.changeMembership");
      assertThat(nodes.get(3).node().status().configuration()).isEqualTo(THREE);
      assertThat(nodes.get(3).transport().peers().keySet()).containsOnly(1L, 2L);
      nodes.commit("c");
      nodes.awaitCommands("c");
      for (Running node : nodes.all()) {
        assertThat(node.node().status().configuration()).isEqualTo(THREE);
      }

      nodes.crash(3);
      given.remove(3L);
      assertThat(whatIsSaidWhile(() -> nodes.start(3))).doesNotContain("WARN");
    }
  }

  @Test
  void whoeverIsGivenTheLogsMembersOrNoneIsToldNothing() {
    RaftConfig config = RaftConfig.of(1, THREE);
    assertThat(FirstConfiguration.ignored(config, THREE, 2)).isNull();
    assertThat(FirstConfiguration.ignored(config, THREE.without(3), 0)).isNull();
    assertThat(FirstConfiguration.ignored(withMembers(config, Configuration.EMPTY), THREE, 2))
        .isNull();
    assertThat(FirstConfiguration.ignored(config, THREE.with(3, MemberRole.STANDBY), 2))
        .contains("role=STANDBY");
    assertThat(FirstConfiguration.ignored(config, THREE.with(3, MemberRole.VOTER, "c:3"), 2))
        .contains("address=c:3");
    assertThat(FirstConfiguration.ignored(config, THREE.towards(THREE.without(3)), 2))
        .contains("leaving are [1, 2, 3]");
  }

  @Test
  void whatIsRefusedForNowStaysToBeDone() {
    Leadership established = new Leadership(Role.LEADER, 2, 1, true);
    assertThat(FirstConfiguration.isMissing(established, 0)).isTrue();
    assertThat(FirstConfiguration.isMissing(established, 7)).isFalse();
    assertThat(FirstConfiguration.isMissing(new Leadership(Role.LEADER, 2, 1, false), 0)).isFalse();
    assertThat(FirstConfiguration.isMissing(Leadership.NONE, 0)).isFalse();
  }

  @Test
  void aLeaderWithoutRoomForThemTriesAgainUntilThereIsSome() throws Exception {
    TestClock clock = new TestClock();
    clock.stop();
    try (TestNodes nodes =
        new TestNodes(1).with(config -> config.withClock(clock, config.randomSeed()))) {
      Running node = nodes.start(1);
      while (!node.node().leadership().isLeader()) {
        passTick(clock, node);
      }
      await("an entry of its own term", () -> node.node().leadership().established());
      node.log().full(true);
      CompletableFuture<ProposalOutcome> first = propose(node, "first");
      await("a full disk", () -> node.node().status().storageFull());
      for (int i = 0; i < 5; i++) {
        passTick(clock, node);
        assertThat(node.node().status().configurationIndex()).isZero();
      }
      node.log().full(false);
      await("room", () -> !node.node().status().storageFull());
      assertThat(get(first)).isInstanceOf(ProposalOutcome.Committed.class);
      assertThat(node.node().status().configurationIndex()).isZero();
      passTick(clock, node);
      await("the members in the log", () -> configurations(node).size() == 1);
      assertThat(node.node().status().configurationIndex()).isEqualTo(3);
      for (int i = 0; i < 5; i++) {
        passTick(clock, node);
      }
      assertThat(node.node().status().lastIndex()).isEqualTo(3);
    }
  }

  /** A read goes through the inbox, so that the time is counted before. */
  private static void passTick(TestClock clock, Running node) throws Exception {
    clock.jump(Duration.ofMillis(10).toNanos());
    assertThat(get(node.node().readIndex())).isNotNull();
  }

  private static RaftConfig withMembers(RaftConfig config, @Nullable Configuration members) {
    return members == null
        ? config
        : new RaftConfig(
            config.nodeId(),
            members,
            config.clusterId(),
            config.tick(),
            config.heartbeatTicks(),
            config.electionTimeoutTicks(),
            config.leaseClockRatioMax(),
            config.limits(),
            config.clock(),
            config.randomSeed());
  }

  /** What is logged meanwhile. */
  private static String whatIsSaidWhile(Runnable action) {
    PrintStream before = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(before);
    }
    return said.toString(StandardCharsets.UTF_8);
  }
}
