package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Network;
import dev.balsa.jepsen.cluster.Network.Link;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** All links lose some of what is sent. */
final class Loss implements Fault {
  private static final int PERCENT_MIN = 2;
  private static final int PERCENT_MAX = 25;

  private final Network network;
  private List<Link> links = List.of();

  Loss(Network network) {
    this.network = network;
  }

  @Override
  public String name() {
    return "loss";
  }

  @Override
  public Optional<String> missing() {
    return Optional.empty();
  }

  @Override
  public String begin(RandomGenerator random) throws IOException {
    links = network.links();
    return network.lose(links, random.nextInt(PERCENT_MIN, PERCENT_MAX + 1), random.nextLong());
  }

  @Override
  public String end() throws IOException {
    network.calm(links);
    links = List.of();
    return "nothing is lost any more";
  }
}
