package dev.balsa.jepsen;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.disk.LoopDisks;
import java.io.IOException;

/** The power of all nodes' disks is cut at the same moment, and the nodes die. */
final class PowerLoss implements CrashRun.Crash {
  /** Room for a node's log segments, of which a start makes a new one; sparse. */
  static final long DISK_BYTES = 1L << 30;

  private final LoopDisks disks;

  PowerLoss(LoopDisks disks) {
    this.disks = disks;
  }

  @Override
  public String name() {
    return "power-loss";
  }

  @Override
  public void strike(Cluster cluster) {
    cluster.expectEnds(); // a node may see its disk fail before it is killed
    disks.cutPower();
    cluster.killAll();
  }

  @Override
  public void restore() throws IOException {
    disks.powerUp();
  }

  @Override
  public boolean isLoud() {
    return true;
  }
}
