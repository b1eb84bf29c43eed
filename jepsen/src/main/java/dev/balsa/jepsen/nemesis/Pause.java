package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Processes stand still (SIGSTOP), with their sockets open, and go on. */
final class Pause implements Fault {
  private final String name;
  private final List<Choice> choices;
  private final Cluster cluster;
  private final Victims victims;
  private List<Long> paused = List.of();

  /** Of that name, {@code pause}. */
  Pause(List<Choice> choices, Cluster cluster) {
    this("pause", choices, cluster);
  }

  /**
   * Creates it.
   *
   * @param choices of the nodes: one is drawn each time
   */
  Pause(String name, List<Choice> choices, Cluster cluster) {
    this.name = name;
    this.choices = List.copyOf(choices);
    this.cluster = cluster;
    this.victims = new Victims(cluster);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<String> missing() {
    return Optional.empty();
  }

  @Override
  public String begin(RandomGenerator random) throws IOException, InterruptedException {
    Choice choice = choices.get(random.nextInt(choices.size()));
    paused = victims.choose(choice, random);
    cluster.pause(paused);
    String done = "stopped " + choice + ": " + paused;
    if (choice.leavesMajority()) {
      return done;
    }
    Brief.pass(random);
    return done + "; " + end();
  }

  @Override
  public boolean lasts() {
    return !paused.isEmpty();
  }

  @Override
  public String end() throws IOException, InterruptedException {
    cluster.resume(paused);
    String done = paused.isEmpty() ? "all go on" : paused + " go on";
    paused = List.of();
    return done;
  }
}
