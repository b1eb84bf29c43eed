package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.disk.Balloon;
import dev.balsa.jepsen.disk.LoopDisks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Disks are full to the last block, and emptied again. */
final class DiskFull implements Fault {
  private final List<Choice> choices;
  private final Cluster cluster;
  private final Optional<LoopDisks> disks;
  private final Victims victims;
  private final List<Balloon> balloons = new ArrayList<>();

  /**
   * Creates it.
   *
   * @param choices of the nodes: one is drawn each time
   */
  DiskFull(List<Choice> choices, Context context) {
    this.choices = List.copyOf(choices);
    this.cluster = context.cluster();
    this.disks = context.disks();
    this.victims = new Victims(cluster);
  }

  @Override
  public String name() {
    return "disk-full";
  }

  @Override
  public Optional<String> missing() {
    return Machine.missingDisks(name(), disks);
  }

  @Override
  public String begin(RandomGenerator random) throws IOException, InterruptedException {
    Choice choice = choices.get(random.nextInt(choices.size()));
    List<Long> full = victims.choose(choice, random);
    for (long node : full) {
      balloons.add(
          Balloon.fill(Objects.requireNonNull(cluster.dataFolder(node).path().getParent())));
    }
    String done = "filled the disks of " + choice + ": " + full;
    if (choice.leavesMajority()) {
      return done;
    }
    Brief.pass(random);
    return done + "; " + end();
  }

  @Override
  public boolean lasts() {
    return !balloons.isEmpty();
  }

  @Override
  public String end() throws IOException {
    for (Balloon balloon : balloons) {
      balloon.close();
    }
    balloons.clear();
    return "disks have room";
  }
}
