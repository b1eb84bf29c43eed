package dev.balsa.raft;

import static dev.balsa.raft.TestNodes.await;
import static dev.balsa.raft.TestNodes.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.TestNodes.Running;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What comes of the hint that a leader's process has ended; by clocks that the tests move. */
class LostLeaderTest {
  private static final Duration TICK = Duration.ofMillis(10);

  private final Map<Long, TestClock> clocks = new TreeMap<>();

  private TestNodes started(double clockRatioMax) {
    clocks.clear();
    TestNodes nodes =
        new TestNodes(3)
            .with(
                config ->
                    config
                        .withLeases(clockRatioMax)
                        .withClock(
                            clocks.computeIfAbsent(config.nodeId(), id -> new TestClock()),
                            System.nanoTime() + config.nodeId())); // a story may be told again
    nodes.network.tellWhoIsGone();
    nodes.ids.forEach(nodes::start);
    return nodes;
  }

  private static long id(Running node) {
    return node.node().status().nodeId();
  }

  /** Time stands still from here on, but for what a test lets pass. */
  private void stopTime() {
    clocks.values().forEach(TestClock::stop);
  }

  private void pass(TestNodes nodes, int ticks) throws Exception {
    for (int i = 0; i < ticks; i++) {
      clocks.values().forEach(clock -> clock.jump(TICK.toNanos()));
      for (int turn = 0; turn < 3; turn++) {
        for (Running node : nodes.all()) {
          // A read goes through the inbox, so that the time is counted before.
          if (!node.node().leadership().isLeader()) {
            assertThat(get(node.node().readIndex())).isNotNull();
          }
        }
      }
    }
  }

  @Test
  void afterALeadersEndOnlyTheRandomPartOfTheTimeoutIsWaitedFor() throws Exception {
    TestNodes.untilTold(
        () -> started(0),
        nodes -> {
          nodes.commit("a");
          Running leader = nodes.awaitLeader();
          await(
              "followers",
              () -> nodes.all().stream().allMatch(n -> n.node().leadership().leaderId() != 0));
          await( // who has the shorter log is not elected
              "equal logs",
              () ->
                  nodes.all().stream().map(n -> n.node().status().lastIndex()).distinct().count()
                      == 1);
          stopTime();
          long term = leader.node().leadership().term();
          nodes.stop(id(leader));
          for (int i = 0; i < 14; i++) { // a whole timeout takes 20 at least
            pass(nodes, 1);
            if (someoneStands(nodes)) {
              return isLedWithoutMoreTime(nodes, term + 1);
            }
          }
          return false; // both wait longer
        });
  }

  private static boolean someoneStands(TestNodes nodes) {
    return nodes.all().stream().anyMatch(n -> n.node().leadership().role() != Role.FOLLOWER);
  }

  /** False if there is no leader within two seconds: the two have stood together, or wait yet. */
  private static boolean isLedWithoutMoreTime(TestNodes nodes, long term) {
    for (int i = 0; i < 2000; i++) {
      if (nodes.all().stream()
          .map(node -> node.node().leadership())
          .anyMatch(now -> now.established() && now.term() == term)) {
        return true;
      }
      LockSupport.parkNanos(1_000_000);
    }
    return false;
  }

  @Test
  void withLeasesAVoterDoesNotForgetItsLeaderBeforeItsTime() throws Exception {
    TestNodes.untilTold(
        () -> started(1.25),
        nodes -> {
          nodes.commit("a");
          Running leader = nodes.awaitLeader();
          await(
              "followers",
              () -> nodes.all().stream().allMatch(n -> n.node().leadership().leaderId() != 0));
          stopTime();
          nodes.stop(id(leader));
          pass(nodes, 15);
          for (Running node : nodes.all()) {
            assertThat(node.node().leadership().leaderId()).isEqualTo(id(leader));
          }
          return true;
        });
  }

  @Test
  void aWrongHintUnseatsNobody() throws Exception {
    TestNodes.untilTold(
        () -> started(0),
        nodes -> {
          nodes.commit("a");
          Running leader = nodes.awaitLeader();
          long term = leader.node().leadership().term();
          Running follower =
              nodes.all().stream().filter(node -> !node.equals(leader)).findFirst().orElseThrow();
          for (int i = 0; i < 20; i++) {
            nodes.network.tellGone(id(follower), id(leader));
            nodes.commit("c" + i);
          }
          nodes.awaitCommands("a", "c19");
          Running now = nodes.awaitLeader();
          return now.equals(leader) && now.node().leadership().term() == term;
        });
  }
}
