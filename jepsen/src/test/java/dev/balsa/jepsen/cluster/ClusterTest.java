package dev.balsa.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.sut.SutClient;
import dev.balsa.raft.core.MemberRole;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes, then three. */
class ClusterTest {
  private static final Duration GUARD = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void aNodeIsAddedLedByRemovedAndForgotten() throws Exception {
    List<Path> data = List.of(folder.resolve("one"), folder.resolve("two"));
    try (Cluster cluster = Cluster.start(folder.resolve("logs"), data)) {
      long leader = cluster.awaitLeader(GUARD);
      long added = cluster.addNode(folder.resolve("three"));
      assertThat(added).isEqualTo(3);
      try (SutClient client = cluster.client(leader)) {
        ok(() -> client.setMember(added, MemberRole.STANDBY, cluster.address(added), GUARD));
        cluster.awaitWhole(1, GUARD);
        ok(() -> client.setMember(added, MemberRole.VOTER, cluster.address(added), GUARD));
        ok(() -> client.transferLeadership(added, GUARD));
      }
      cluster.awaitWhole(1, GUARD);
      assertThat(cluster.awaitLeader(GUARD)).isEqualTo(added);
      try (SutClient client = cluster.client(added)) {
        assertThat(client.runClock(1.1)).isTrue();
        assertThat(client.jumpClock(Duration.ofMillis(50))).isTrue();
        assertThat(client.resetClock()).isTrue();
        ok(() -> client.removeMember(leader, GUARD));
      }
      cluster.forgetNode(leader);
      assertThat(cluster.nodes()).containsExactly(3 - leader, added);
      cluster.awaitWhole(1, GUARD);
      assertThat(cluster.problems()).isEmpty();
    }
  }

  /** A node that has only just been elected, or changes its members already, asks for patience. */
  private static void ok(Supplier<Outcome> change) {
    long started = System.nanoTime();
    Outcome outcome = change.get();
    while (outcome instanceof Outcome.Failed && System.nanoTime() - started < GUARD.toNanos()) {
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      outcome = change.get();
    }
    assertThat(outcome).isInstanceOf(Outcome.Ok.class);
  }
}
