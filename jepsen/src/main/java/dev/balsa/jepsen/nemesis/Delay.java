package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Network;
import dev.balsa.jepsen.cluster.Network.Link;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** What is sent on all links takes its time. */
final class Delay implements Fault {
  private static final int MILLIS_MAX = 150;
  private static final int JITTER_MILLIS_MAX = 200;

  private final Network network;
  private List<Link> links = List.of();

  Delay(Network network) {
    this.network = network;
  }

  @Override
  public String name() {
    return "delay";
  }

  @Override
  public Optional<String> missing() {
    return network.canDelay()
        ? Optional.empty()
        : Optional.of("delay needs proxies (--net proxy): the kernel's netem is not to be had");
  }

  @Override
  public String begin(RandomGenerator random) throws IOException {
    links = network.links();
    int millis = random.nextInt(MILLIS_MAX + 1);
    int jitter = random.nextInt(1, JITTER_MILLIS_MAX + 1);
    network.delay(links, millis, jitter, random.nextLong());
    return "all links take " + millis + " to " + (millis + jitter) + " ms";
  }

  @Override
  public String end() throws IOException {
    network.calm(links);
    links = List.of();
    return "links are quick again";
  }
}
