package dev.balsa.raft;

import static dev.balsa.raft.TestNodes.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.TestNodes.Running;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Reads by the leader's lease, with clocks that stop and jump. */
class LeaseReadTest {
  private final Map<Long, TestClock> clocks = new TreeMap<>();

  /** Ticks of 10 ms, heartbeats each 3, elections after 20: a lease lasts 15. */
  private TestNodes started(double clockRatioMax) {
    TestNodes nodes =
        new TestNodes(3)
            .with(
                config ->
                    config
                        .withLeases(clockRatioMax)
                        .withClock(
                            clocks.computeIfAbsent(config.nodeId(), id -> new TestClock()),
                            config.nodeId()));
    nodes.ids.forEach(nodes::start);
    return nodes;
  }

  private TestClock clockOf(Running node) {
    return Objects.requireNonNull(clocks.get(node.node().status().nodeId()));
  }

  /** Two more turns of the loop: what can be answered without others is answered then. */
  private static void twoTurns(Running node) throws Exception {
    for (int i = 0; i < 2; i++) {
      assertThat(node.transport().loop().submit(() -> 1).get()).isEqualTo(1);
    }
  }

  /** A leader whose time stands still and whom nobody hears: what it knows, it knows. */
  private Running cutOff(TestNodes nodes) throws Exception {
    nodes.commit("a");
    Running leader = nodes.awaitLeader();
    ReadOutcome warm = get(leader.node().readLease());
    clockOf(leader).stop();
    nodes.network.isolate(leader.node().status().nodeId());
    twoTurns(leader);
    assertThat(warm).isNotNull();
    return leader;
  }

  @Test
  void aLeaseSparesTheQuestion() throws Exception {
    TestNodes.untilTold(
        () -> started(1.25),
        nodes -> {
          Running leader = cutOff(nodes);
          CompletableFuture<ReadOutcome> read = leader.node().readLease();
          twoTurns(leader);
          return read.isDone() && get(read) instanceof ReadOutcome.Ready;
        });
  }

  @Test
  void aLeaseEndsWithItsTime() throws Exception {
    TestNodes.untilTold(
        () -> started(1.25),
        nodes -> {
          Running leader = cutOff(nodes);
          for (int i = 0; i < 6; i++) { // 18 ticks, none of which is lost
            clockOf(leader).jump(Duration.ofMillis(30).toNanos());
            twoTurns(leader);
            CompletableFuture<ReadOutcome> asked = leader.node().readIndex();
            twoTurns(leader);
            assertThat(asked.isDone() && get(asked) instanceof ReadOutcome.Ready).isFalse();
          }
          assertThatNoReadIsReady(leader);
          return true;
        });
  }

  @Test
  void aPauseEndsALeaseAtOnceAlsoForAReadThatCameBefore() throws Exception {
    TestNodes.untilTold(
        () -> started(1.25),
        nodes -> {
          Running leader = cutOff(nodes);
          clockOf(leader).jump(Duration.ofSeconds(10).toNanos());
          assertThatNoReadIsReady(leader);
          return true;
        });
  }

  @Test
  void theTimeIsTakenAfterAReadHasCome() throws Exception {
    TestNodes.untilTold(
        () -> started(1.25),
        nodes -> {
          Running leader = cutOff(nodes);
          List<CompletableFuture<ReadOutcome>> reads = new CopyOnWriteArrayList<>();
          leader
              .transport()
              .loop()
              .execute(
                  () -> {
                    // The next turn of the loop looks at the clock before it sees the read.
                    clockOf(leader).jumpAfterNextLook(Duration.ofSeconds(10).toNanos());
                    reads.add(leader.node().readLease());
                  });
          twoTurns(leader);
          twoTurns(leader);
          CompletableFuture<ReadOutcome> read = reads.get(0);
          assertThat(read.isDone() && get(read) instanceof ReadOutcome.Ready).isFalse();
          return true;
        });
  }

  @Test
  void withoutLeasesAQuorumIsAsked() throws Exception {
    TestNodes.untilTold(
        () -> started(0),
        nodes -> {
          Running leader = cutOff(nodes);
          assertThatNoReadIsReady(leader);
          return true;
        });
  }

  private static void assertThatNoReadIsReady(Running leader) throws Exception {
    CompletableFuture<ReadOutcome> read = leader.node().readLease();
    twoTurns(leader);
    assertThat(read.isDone() && get(read) instanceof ReadOutcome.Ready).isFalse();
  }
}
