package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Forces of files take long. */
final class SlowDisk implements Fault {
  private static final int MILLIS_MIN = 20;

  /** With a few forces in a row longer than an election timeout. */
  private static final int MILLIS_MAX = 400;

  private final List<Choice> choices;
  private final Cluster cluster;
  private final Victims victims;
  private final List<Strace> slowed = new ArrayList<>();

  /**
   * Creates it.
   *
   * @param choices of the nodes: one is drawn each time
   */
  SlowDisk(List<Choice> choices, Cluster cluster) {
    this.choices = List.copyOf(choices);
    this.cluster = cluster;
    this.victims = new Victims(cluster);
  }

  @Override
  public String name() {
    return "slow-disk";
  }

  @Override
  public Optional<String> missing() {
    return Machine.missingStrace().map(why -> "slow-disk: " + why);
  }

  @Override
  public String begin(RandomGenerator random) throws IOException {
    Choice choice = choices.get(random.nextInt(choices.size()));
    int millis = random.nextInt(MILLIS_MIN, MILLIS_MAX + 1);
    List<Long> nodes = cluster.processes().running(victims.choose(choice, random));
    for (long node : nodes) {
      slowed.add(
          Strace.attach(
              cluster.processes().pid(node), Strace.FORCES, "delay_enter=" + millis * 1_000));
    }
    return "forces take " + millis + " ms more on " + choice + ": " + nodes;
  }

  @Override
  public String end() throws IOException {
    for (Strace strace : slowed) {
      strace.close();
    }
    slowed.clear();
    return "disks are quick again";
  }
}
