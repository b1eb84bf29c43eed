package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.sut.SutClient;
import dev.balsa.jepsen.sut.SutStatus;
import dev.balsa.raft.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/** Chooses nodes. Asks them by connections of its own, since others ask at the same time. */
final class Victims {
  private static final long LEADER_NANOS_MAX = TimeUnit.SECONDS.toNanos(3);
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Cluster cluster;

  Victims(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Chooses among all nodes, running or not; in random order. At least one. */
  List<Long> choose(Choice choice, RandomGenerator random) {
    List<Long> nodes = shuffled(random);
    int minority = Math.max(1, (nodes.size() - 1) / 2);
    return switch (choice) {
      case ONE -> nodes.subList(0, 1);
      case LEADER -> {
        long leader = leader();
        yield leader == 0 ? nodes.subList(0, 1) : List.of(leader);
      }
      case MINORITY -> nodes.subList(0, minority);
      case MAJORITY -> nodes.subList(0, nodes.size() / 2 + 1);
      case ALL -> nodes;
    };
  }

  /** All nodes, in random order. */
  List<Long> shuffled(RandomGenerator random) {
    List<Long> nodes = new ArrayList<>(cluster.nodes());
    for (int i = nodes.size() - 1; i > 0; i--) {
      java.util.Collections.swap(nodes, i, random.nextInt(i + 1));
    }
    return nodes;
  }

  /** Who says that it leads in the newest term; 0 if nobody has for some seconds. */
  long leader() {
    long deadline = System.nanoTime() + LEADER_NANOS_MAX;
    long leader = leaderNow();
    while (leader == 0 && System.nanoTime() < deadline) {
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      leader = leaderNow();
    }
    return leader;
  }

  private long leaderNow() {
    long leader = 0;
    long term = -1;
    for (long node : cluster.nodes()) {
      try (SutClient client = cluster.client(node)) {
        SutStatus status = client.status().orElse(null);
        if (status != null && status.role() == Role.LEADER && status.term() > term) {
          leader = node;
          term = status.term();
        }
      }
    }
    return leader;
  }
}
