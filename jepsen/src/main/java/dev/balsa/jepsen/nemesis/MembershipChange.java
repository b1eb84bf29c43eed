package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Nodes are added, removed and replaced. What cannot be finished while the fault stays, since other
 * faults do, is gone on with at its end, after which the cluster has as many voters as before.
 */
final class MembershipChange implements Fault {
  /** As long as it is tried while the fault begins. */
  private static final Duration TRY = Duration.ofSeconds(8);

  private static final Duration FINISH = Duration.ofSeconds(90);

  /** What is done. */
  enum Kind {
    ADD,
    REMOVE,
    REPLACE
  }

  private final List<Kind> kinds;
  private final Cluster cluster;
  private final Victims victims;
  private final Operator operator;
  private int size;
  private long removed;

  /**
   * Creates it.
   *
   * @param kinds one of them is drawn each time
   */
  MembershipChange(List<Kind> kinds, Cluster cluster) {
    this.kinds = List.copyOf(kinds);
    this.cluster = cluster;
    this.victims = new Victims(cluster);
    this.operator = new Operator(cluster);
  }

  @Override
  public String name() {
    return "membership";
  }

  @Override
  public Optional<String> missing() {
    return cluster.nodes().size() < 3
        ? Optional.of("membership needs 3 nodes or more")
        : Optional.empty();
  }

  @Override
  public String begin(RandomGenerator random) throws IOException {
    Kind kind = kinds.get(random.nextInt(kinds.size()));
    size = cluster.nodes().size();
    Choice choice = random.nextBoolean() ? Choice.LEADER : Choice.ONE;
    long victim = victims.choose(choice, random).get(0);
    String done =
        switch (kind) {
          case ADD -> "node " + operator.join(victim) + " joins";
          case REMOVE -> {
            operator.leave(victim);
            removed = victim;
            yield "node " + victim + " is removed";
          }
          case REPLACE -> {
            long joins = operator.join(victim);
            operator.leave(victim);
            cluster.succeed(victim, joins);
            yield "node " + joins + " replaces node " + victim;
          }
        };
    return done + (operator.finish(TRY) ? "" : " (not finished yet)");
  }

  @Override
  public String end() throws IOException {
    operator.requireFinish(FINISH);
    List<Long> nodes = cluster.nodes();
    if (size != 0 && nodes.size() < size) {
      cluster.succeed(removed, operator.join(nodes.get(0)));
      operator.requireFinish(FINISH);
    } else if (size != 0 && nodes.size() > size) {
      long oldest = nodes.get(0);
      cluster.succeed(oldest, nodes.get(nodes.size() - 1));
      operator.leave(oldest);
      operator.requireFinish(FINISH);
    }
    size = 0;
    return "members: " + cluster.nodes();
  }
}
