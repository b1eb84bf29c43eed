package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.cluster.Cut;
import dev.balsa.jepsen.cluster.Network;
import dev.balsa.jepsen.cluster.Network.Link;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Links are cut: silently, or so that connections break. */
final class Partition implements Fault {
  private final String name;
  private final List<Shape> shapes;
  private final Cluster cluster;
  private final Victims victims;
  private final List<Link> cut = new ArrayList<>();

  /**
   * Creates it.
   *
   * @param shapes one of them is drawn each time, among those that fit the cluster
   */
  Partition(String name, List<Shape> shapes, Cluster cluster) {
    this.name = name;
    this.shapes = shapes;
    this.cluster = cluster;
    this.victims = new Victims(cluster);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<String> missing() {
    int fewest = shapes.stream().mapToInt(shape -> shape.nodesMin).min().orElseThrow();
    return cluster.nodes().size() < fewest
        ? Optional.of(name + " needs " + fewest + " nodes or more")
        : Optional.empty();
  }

  @Override
  public String begin(RandomGenerator random) throws IOException {
    List<Long> nodes = victims.shuffled(random);
    List<Shape> fitting = shapes.stream().filter(s -> s.nodesMin <= nodes.size()).toList();
    if (fitting.isEmpty()) {
      return "nothing: the cluster has only " + nodes.size() + " nodes at present";
    }
    Shape shape = fitting.get(random.nextInt(fitting.size()));
    List<Cut> hows = List.of(Cut.values());
    Cut how = hows.get(random.nextInt(hows.size()));
    long leader = victims.leader();
    Network network = cluster.network();
    cut.addAll(shape.links(nodes, leader, random));
    cut.retainAll(network.links());
    network.cut(cut, how);
    return shape.name().toLowerCase(Locale.ROOT).replace('_', '-')
        + ", "
        + how.name().toLowerCase(Locale.ROOT)
        + ": cut "
        + cut
        + ", leader was "
        + leader;
  }

  @Override
  public String end() throws IOException {
    String healed = "healed " + cut;
    cluster.network().heal(cut);
    cut.clear();
    return healed;
  }
}
