package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.disk.LoopDisks;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The power of all nodes' disks is cut at the same moment, and the nodes die: what was not forced
 * is gone. Then all start again.
 */
final class PowerFailure implements Fault {
  private final Cluster cluster;
  private final Optional<LoopDisks> disks;
  private boolean dark;

  PowerFailure(Context context) {
    this.cluster = context.cluster();
    this.disks = context.disks();
  }

  @Override
  public String name() {
    return "power-loss";
  }

  @Override
  public Optional<String> missing() {
    return Machine.missingDisks(name(), disks);
  }

  @Override
  public List<String> excusedLogLines() {
    return Excuses.ofFailingDisks();
  }

  @Override
  public String begin(RandomGenerator random) throws IOException, InterruptedException {
    dark = true;
    cluster.expectEnds(); // a node may see its disk fail before it is killed
    disks.orElseThrow().cutPower();
    cluster.killAll();
    Brief.pass(random);
    return "power lost on all disks; " + end();
  }

  @Override
  public boolean lasts() {
    return dark;
  }

  @Override
  public String end() throws IOException {
    if (!dark) {
      return "all have power";
    }
    cluster.killAll(); // none may use the disks, if begin was broken off
    disks.orElseThrow().powerUp();
    dark = false;
    cluster.startAll();
    return "power is back, all nodes started";
  }
}
