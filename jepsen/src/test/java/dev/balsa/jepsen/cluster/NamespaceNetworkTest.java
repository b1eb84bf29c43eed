package dev.balsa.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.cluster.Network.Link;
import dev.balsa.jepsen.sut.SutNode;
import dev.balsa.jepsen.sut.SutOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three processes, each in a network namespace of its own. */
@NeedsNamespaces
class NamespaceNetworkTest {
  private static final Duration GUARD = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void linksAreCutAndHealedEachByItselfAndLosePackets() throws Exception {
    try (Cluster cluster = start()) {
      cluster.awaitWhole(1, GUARD);
      cuts(cluster, Cut.SWALLOW);
      cuts(cluster, Cut.RESET);
      loses(cluster);
      cluster.awaitWhole(1, GUARD);
      assertThat(cluster.problems()).isEmpty();
    }
  }

  private static void cuts(Cluster cluster, Cut how) throws IOException {
    Network network = cluster.network();
    Link one = new Link(1, 2);
    network.cut(List.of(one), how);
    assertThat(network.links())
        .hasSize(6)
        .allMatch(link -> connects(cluster, link) != link.equals(one));
    network.cut(network.links(), how);
    assertThat(connects(cluster, new Link(3, 1))).isFalse();
    assertThat(cluster.statuses()).as("what the harness hears").hasSize(3);
    network.heal();
    assertThat(network.links()).allMatch(link -> connects(cluster, link));
  }

  private static void loses(Cluster cluster) throws IOException {
    Network network = cluster.network();
    Link one = new Link(1, 2);
    assertThat(network.lose(network.links(), 100, 0)).contains("100 %");
    assertThat(connects(cluster, one)).isFalse();
    assertThat(network.lose(network.links(), 50, 0)).contains("50 %");
    List<Boolean> lucky = new ArrayList<>();
    while ((!lucky.contains(true) || !lucky.contains(false)) && lucky.size() < 60) {
      lucky.add(connects(cluster, one));
    }
    assertThat(lucky).contains(true, false);
    network.calm(network.links());
    assertThat(network.links()).allMatch(link -> connects(cluster, link));
  }

  private Cluster start() throws IOException {
    List<Path> data =
        List.of(folder.resolve("one"), folder.resolve("two"), folder.resolve("three"));
    return Cluster.start(
        new Cluster.Plan(
            folder.resolve("logs"),
            data,
            SutOptions.Tuning.NONE,
            SutNode.class.getName(),
            Network.Kind.NETNS));
  }

  /** Whether a connection comes about before TCP sends its first packet again. */
  private static boolean connects(Cluster cluster, Link link) {
    List<String> command = new ArrayList<>(cluster.site(link.from()).launcher());
    String[] to = cluster.address(link.to()).split(":", -1);
    command.addAll(
        List.of("timeout", "0.4", "bash", "-c", "exec 3<>/dev/tcp/" + to[0] + "/" + to[1]));
    try {
      Command.run(command, "");
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
