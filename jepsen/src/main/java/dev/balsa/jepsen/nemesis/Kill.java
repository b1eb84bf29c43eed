package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Processes are killed (SIGKILL), and started again. */
final class Kill implements Fault {
  private final List<Choice> choices;
  private final Cluster cluster;
  private final Victims victims;
  private List<Long> killed = List.of();

  /**
   * Creates it.
   *
   * @param choices of the nodes: one is drawn each time
   */
  Kill(List<Choice> choices, Cluster cluster) {
    this.choices = List.copyOf(choices);
    this.cluster = cluster;
    this.victims = new Victims(cluster);
  }

  @Override
  public String name() {
    return "kill";
  }

  @Override
  public Optional<String> missing() {
    return Optional.empty();
  }

  @Override
  public String begin(RandomGenerator random) throws IOException, InterruptedException {
    Choice choice = choices.get(random.nextInt(choices.size()));
    killed = victims.choose(choice, random);
    cluster.kill(killed);
    String done = "killed " + choice + ": " + killed;
    if (choice.leavesMajority()) {
      return done;
    }
    Brief.pass(random);
    return done + "; " + end();
  }

  @Override
  public boolean lasts() {
    return !killed.isEmpty();
  }

  @Override
  public String end() throws IOException {
    cluster.start(killed);
    String done = killed.isEmpty() ? "all run" : "started " + killed;
    killed = List.of();
    return done;
  }
}
