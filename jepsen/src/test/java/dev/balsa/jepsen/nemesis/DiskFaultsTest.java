package dev.balsa.jepsen.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.disk.LoopDisks;
import dev.balsa.jepsen.disk.NeedsLoopDisks;
import dev.balsa.jepsen.sut.SutNode;
import dev.balsa.jepsen.sut.SutOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three processes on disks of their own. */
@NeedsLoopDisks
class DiskFaultsTest {
  private static final Duration GUARD = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void disksAreFullUntilTheEndAndThenAllLosePowerAndComeBack() throws Exception {
    try (LoopDisks disks = LoopDisks.create(folder, 3, 300 << 20)) {
      List<Path> data = disks.mounts().stream().map(mount -> mount.resolve("node")).toList();
      try (Cluster cluster =
          Cluster.start(
              new Cluster.Plan(
                  folder.resolve("logs"),
                  data,
                  new SutOptions.Tuning(50, 0),
                  SutNode.class.getName()))) {
        cluster.awaitWhole(1, GUARD);
        Context context = new Context(cluster, Optional.of(disks));
        fills(new DiskFull(List.of(Choice.LEADER), context), cluster);
        losesPower(new PowerFailure(context), cluster);
        assertThat(cluster.problems()).isEmpty();
      }
    }
  }

  private static void fills(Fault full, Cluster cluster) throws Exception {
    Path disk =
        cluster.dataFolder(cluster.awaitLeader(GUARD)).path().toAbsolutePath().resolveSibling("x");
    assertThat(full.missing()).isEmpty();
    assertThat(full.begin(new SplittableRandom(1))).contains("filled");
    assertThatThrownBy(() -> Files.write(disk, new byte[5_000])).isInstanceOf(IOException.class);
    full.end();
    Files.write(disk, new byte[5_000]);
    cluster.awaitWhole(1, GUARD);
  }

  private static void losesPower(Fault failure, Cluster cluster) throws Exception {
    Map<Long, Long> before = new TreeMap<>();
    cluster.nodes().forEach(node -> before.put(node, cluster.processes().pid(node)));
    assertThat(failure.missing()).isEmpty();
    assertThat(failure.begin(new SplittableRandom(1))).contains("power is back");
    assertThat(cluster.nodes())
        .noneMatch(node -> before.containsValue(cluster.processes().pid(node)));
    cluster.awaitWhole(1, GUARD);
    assertThat(failure.end()).isEqualTo("all have power");
  }
}
