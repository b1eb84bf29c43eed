package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.sut.SutClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Nodes' clocks jump, or go at another rate. Where nodes read by lease, clocks may differ by what
 * the lease allows and no more, since reads may be stale then as documented: they only drift, and
 * within that bound.
 */
final class ClockSkew implements Fault {
  private static final double RATE_MAX = 5;
  private static final long JUMP_MILLIS_MAX = 3_600_000;

  private final List<Choice> choices;
  private final Cluster cluster;
  private final Victims victims;
  private List<Long> skewed = List.of();

  /**
   * Creates it.
   *
   * @param choices of the nodes: one is drawn each time
   */
  ClockSkew(List<Choice> choices, Cluster cluster) {
    this.choices = List.copyOf(choices);
    this.cluster = cluster;
    this.victims = new Victims(cluster);
  }

  @Override
  public String name() {
    return "clock";
  }

  @Override
  public Optional<String> missing() {
    return Optional.empty();
  }

  @Override
  public String begin(RandomGenerator random) {
    double ratioMax = cluster.tuning().leaseClockRatioMax();
    Choice choice = choices.get(random.nextInt(choices.size()));
    skewed = victims.choose(choice, random);
    StringBuilder done = new StringBuilder("clocks of " + choice + ":");
    for (long node : skewed) {
      try (SutClient client = cluster.client(node)) {
        done.append(" node ").append(node).append(' ');
        if (ratioMax > 0 || random.nextBoolean()) {
          // The square root: another node's may be as much too slow.
          double most = ratioMax > 0 ? Math.sqrt(ratioMax) : RATE_MAX;
          double rate = Math.pow(most, random.nextDouble(-1, 1));
          done.append("runs at ").append(rate).append(told(client.runClock(rate)));
        } else {
          // From milliseconds to an hour, each magnitude as likely.
          long millis = Math.round(Math.pow(JUMP_MILLIS_MAX, random.nextDouble()));
          long by = random.nextBoolean() ? millis : -millis;
          done.append("jumps by ").append(by).append(" ms");
          done.append(told(client.jumpClock(Duration.ofMillis(by))));
        }
      }
    }
    return done.toString();
  }

  private static String told(boolean obeyed) {
    return obeyed ? "" : " (not obeyed)";
  }

  @Override
  public String end() {
    boolean leases = cluster.tuning().leaseClockRatioMax() > 0;
    StringBuilder done = new StringBuilder("clocks are right again:");
    for (long node : skewed) {
      try (SutClient client = cluster.client(node)) {
        // To be right again would be a jump.
        boolean obeyed = leases ? client.runClock(1) : client.resetClock();
        done.append(' ').append(node).append(told(obeyed));
      }
    }
    skewed = List.of();
    return done.toString();
  }
}
