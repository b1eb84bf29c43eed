package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.sut.SutClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The leader is asked to let another node lead. */
final class Transfer implements Fault {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final Cluster cluster;
  private final Victims victims;

  Transfer(Cluster cluster) {
    this.cluster = cluster;
    this.victims = new Victims(cluster);
  }

  @Override
  public String name() {
    return "transfer";
  }

  @Override
  public Optional<String> missing() {
    return Optional.empty();
  }

  @Override
  public String begin(RandomGenerator random) {
    long leader = victims.leader();
    if (leader == 0) {
      return "nobody leads";
    }
    List<Long> others = victims.shuffled(random).stream().filter(node -> node != leader).toList();
    // 0: the leader is to choose.
    long target = random.nextInt(4) == 0 || others.isEmpty() ? 0 : others.get(0);
    try (SutClient client = cluster.client(leader)) {
      Outcome outcome = client.transferLeadership(target, TIMEOUT);
      return "leader "
          + leader
          + " was to let "
          + (target == 0 ? "any" : target)
          + " lead: "
          + (outcome instanceof Outcome.Ok ? "done" : outcome);
    }
  }

  @Override
  public boolean lasts() {
    return false;
  }

  @Override
  public String end() {
    return "nothing to undo";
  }
}
