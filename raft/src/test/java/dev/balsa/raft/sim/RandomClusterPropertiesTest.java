package dev.balsa.raft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.Limits;
import dev.balsa.raft.core.TraceSink;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/**
 * Random clusters under random faults. The invariants are checked after every step; afterwards all
 * heals, and the cluster must agree.
 */
class RandomClusterPropertiesTest {
  private static final int TICKS = 250;
  private static final int DELAY_TICKS_MAX = 4;

  /** Few tries: {@link SimulationTest} does all this and more; this is about SimCluster itself. */
  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void safeUnderFaultsAndLiveAfterThem(@ForAll long seed) {
    new Run(seed, id -> TraceSink.none()).run();
  }

  @Test
  void theRandomRunsReachWhatTheyAreToTest() {
    Map<String, Integer> counts = new TreeMap<>();
    int refusedOverload = 0;
    int readsReady = 0;
    int readsReadyElsewhere = 0;
    for (long seed = 1; seed <= 150; seed++) {
      Run run =
          new Run(
              seed,
              id ->
                  transition ->
                      counts.merge(transition.getClass().getSimpleName(), 1, Integer::sum));
      run.run();
      for (SimNode node : run.cluster.nodes()) {
        for (Effect answer : node.answers()) {
          readsReady += answer instanceof Effect.ReadReady ? 1 : 0;
          readsReadyElsewhere +=
              answer instanceof Effect.ReadReady ready && run.asked.contains(ready.read()) ? 1 : 0;
          refusedOverload +=
              answer instanceof Effect.ProposalRefused refused
                      && refused.reason() == Effect.Refusal.OVERLOADED
                  ? 1
                  : 0;
        }
      }
    }
    assertThat(counts.get("Truncated")).as("truncations in %s", counts).isGreaterThan(50);
    assertThat(counts.get("Established")).as("leaders in %s", counts).isGreaterThan(300);
    assertThat(counts.get("Committed")).as("commits in %s", counts).isGreaterThan(3000);
    assertThat(counts.get("PeerProbed")).as("probes in %s", counts).isGreaterThan(1000);
    assertThat(readsReady).isGreaterThan(500);
    assertThat(readsReadyElsewhere).isGreaterThan(500);
    assertThat(refusedOverload).isPositive();
  }

  private static final class Run {
    private final SplittableRandom random;
    private final SimCluster cluster;
    private final double tickRate;
    private final double forceRate;
    private final double crashRate;
    private final double partitionRate;
    private final int size;
    private int commands;

    /** Reads that were asked for at others than the leader. */
    private final Set<Long> asked = new HashSet<>();

    Run(long seed, LongFunction<TraceSink> traces) {
      random = new SplittableRandom(seed);
      size = new int[] {1, 2, 3, 3, 3, 5, 5}[random.nextInt(7)];
      Limits limits = random.nextBoolean() ? SimCluster.SMALL_LIMITS : Limits.DEFAULT;
      cluster = new SimCluster(size, random.nextLong(), limits, traces);
      tickRate = 0.7 + 0.3 * random.nextDouble();
      forceRate = 0.2 + 0.8 * random.nextDouble();
      crashRate = random.nextInt(3) == 0 ? 0 : 0.02 * random.nextDouble();
      partitionRate = random.nextInt(3) == 0 ? 0 : 0.05 * random.nextDouble();
      boolean faulty = random.nextInt(4) != 0;
      cluster
          .network()
          .faults(
              faulty ? 0.2 * random.nextDouble() : 0,
              faulty ? 0.2 * random.nextDouble() : 0,
              random.nextInt(DELAY_TICKS_MAX + 1));
    }

    void run() {
      for (int i = 0; i < TICKS; i++) {
        faults();
        round();
        if (i % 10 == 0) {
          cluster.invariants().checkLogMatching();
        }
      }
      heal();
    }

    private void round() {
      cluster.advance();
      for (SimNode node : cluster.nodes()) {
        if (node.isUp() && random.nextDouble() < tickRate) {
          node.step(new Input.Tick());
        }
      }
      work();
      cluster.deliver();
      for (SimNode node : cluster.nodes()) {
        if (node.isUp() && node.disk().pendingWrites() > 0 && random.nextDouble() < forceRate) {
          node.force(1 + random.nextInt(node.disk().pendingWrites()));
        }
        if (node.isUp() && random.nextBoolean()) {
          node.reportApplied();
        }
      }
    }

    /** Proposals and reads go to anybody who believes to lead, and now and then to others. */
    private void work() {
      for (SimNode node : cluster.nodes()) {
        if (node.isUp() && random.nextInt(6) == 0) {
          boolean asksAnother = !node.isLeader();
          long read = cluster.leaderRead(node);
          if (asksAnother) {
            asked.add(read);
          }
        }
        if (!node.isUp() || !(node.isLeader() || random.nextInt(20) == 0)) {
          continue;
        }
        if (random.nextInt(3) == 0) {
          commands++;
          cluster.propose(node, "c" + commands + "x".repeat(random.nextInt(200)));
        }
        if (random.nextInt(4) == 0) {
          cluster.read(node);
        }
      }
    }

    private void faults() {
      for (SimNode node : cluster.nodes()) {
        if (node.isUp() && random.nextDouble() < crashRate) {
          crash(node);
        } else if (!node.isUp() && random.nextInt(10) == 0) {
          node.start();
        }
      }
      if (random.nextDouble() < crashRate / 5) {
        cluster.nodes().stream().filter(SimNode::isUp).forEach(this::crash);
      }
      if (random.nextDouble() < partitionRate) {
        partition();
      } else if (random.nextInt(20) == 0) {
        cluster.network().heal();
      }
    }

    private void crash(SimNode node) {
      int pending = node.disk().pendingWrites();
      node.crash(random.nextInt(pending + 1), random.nextInt(4) - 1);
    }

    private void partition() {
      SimNode leader = cluster.leader();
      if (leader != null && random.nextBoolean()) {
        long id =
            leader.id(); // goes on appending for a while what nobody gets, or one that follows
        long with = random.nextBoolean() ? id : 1 + random.nextInt(size);
        cluster
            .network()
            .links((from, to) -> (from == id || from == with) == (to == id || to == with));
        return;
      }
      TreeSet<Long> some = new TreeSet<>();
      for (long id = 1; id <= size; id++) {
        if (random.nextBoolean()) {
          some.add(id);
        }
      }
      switch (random.nextInt(3)) {
        case 0 -> cluster.network().links((from, to) -> some.contains(from) == some.contains(to));
        case 1 -> cluster.network().links((from, to) -> !some.contains(from)); // cannot send
        default -> cluster.network().links((from, to) -> !some.contains(to)); // cannot receive
      }
    }

    private void heal() {
      cluster.network().heal();
      cluster.network().faults(0, 0, 0);
      cluster.nodes().stream().filter(node -> !node.isUp()).forEach(SimNode::start);
      for (int i = 0; i <= DELAY_TICKS_MAX; i++) {
        cluster.tickAll(); // what was sent before may still unseat a leader
      }
      cluster.runUntil(
          "an established leader that all follow",
          40 * SimCluster.ELECTION_TICKS,
          () ->
              cluster.leader() != null
                  && cluster.nodes().stream()
                      .allMatch(
                          node ->
                              node.leadership().leaderId()
                                  == Objects.requireNonNull(cluster.leader()).id()));
      SimNode leader = Objects.requireNonNull(cluster.leader());
      cluster.propose(leader, "last");
      cluster.runUntil(
          "all have applied the last command",
          10 * SimCluster.ELECTION_TICKS,
          () ->
              cluster.isConverged()
                  && cluster.nodes().stream()
                      .allMatch(
                          node ->
                              new String(
                                      node.applied().get(node.applied().size() - 1).payload(),
                                      StandardCharsets.UTF_8)
                                  .equals("last")));
      cluster.invariants().checkLogMatching();
    }
  }
}
