package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Network.Link;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** Ways to cut a network of nodes. */
enum Shape {
  /** One node alone. */
  ONE(3),
  /** A majority, and a minority. */
  MAJORITY(3),
  /** Each node sees a majority, and no two the same one. */
  RING(5),
  /** Two halves, and one node that both see. */
  BRIDGE(3),
  /** Some nodes are not heard by others, whom they hear. */
  ONE_WAY(3),
  /** The leader alone. */
  LEADER(3);

  /** With fewer nodes it cannot be. */
  final int nodesMin;

  Shape(int nodesMin) {
    this.nodesMin = nodesMin;
  }

  /** The name of the fault. */
  String fault() {
    return "partition-" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The links to be cut.
   *
   * @param nodes in random order, the leader anywhere among them
   * @param leader 0 if there is none; then the first node is taken for it
   */
  Set<Link> links(List<Long> nodes, long leader, RandomGenerator random) {
    int count = nodes.size();
    return switch (this) {
      case ONE -> apart(nodes.subList(0, 1), nodes.subList(1, count));
      case MAJORITY -> apart(nodes.subList(0, count / 2 + 1), nodes.subList(count / 2 + 1, count));
      case RING -> ring(nodes);
      case BRIDGE -> {
        int half = 1 + (count - 1) / 2;
        yield apart(nodes.subList(1, half), nodes.subList(half, count));
      }
      case ONE_WAY -> {
        int mute = 1 + random.nextInt(count - 1);
        yield deaf(nodes.subList(0, mute), nodes.subList(mute, count));
      }
      case LEADER -> {
        long alone = leader == 0 ? nodes.get(0) : leader;
        yield apart(List.of(alone), nodes.stream().filter(node -> node != alone).toList());
      }
    };
  }

  private static Set<Link> apart(Collection<Long> some, Collection<Long> others) {
    Set<Link> links = deaf(some, others);
    links.addAll(deaf(others, some));
    return links;
  }

  /** The links from some nodes to others. */
  private static Set<Link> deaf(Collection<Long> from, Collection<Long> to) {
    Set<Link> links = new TreeSet<>();
    from.forEach(one -> to.forEach(other -> links.add(new Link(one, other))));
    return links;
  }

  /** Nodes in a circle see their neighbours: so many that these are a majority with them. */
  private static Set<Link> ring(List<Long> nodes) {
    int count = nodes.size();
    int reach = (count / 2 + 1) / 2;
    Set<Link> links = new TreeSet<>();
    for (int from = 0; from < count; from++) {
      for (int to = 0; to < count; to++) {
        int way = Math.floorMod(to - from, count);
        if (Math.min(way, count - way) > reach) {
          links.add(new Link(nodes.get(from), nodes.get(to)));
        }
      }
    }
    return links;
  }
}
