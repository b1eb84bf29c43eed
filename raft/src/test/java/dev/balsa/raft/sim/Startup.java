package dev.balsa.raft.sim;

import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import dev.balsa.raft.sim.Machine.State;
import java.util.SplittableRandom;

/** What a driver does with a disk and a state machine before it starts a core on them. */
final class Startup {
  private Startup() {}

  /** The crash may have come between a snapshot's installation in the machine and in the log. */
  static void completeInstallation(ServerDisk disk, Machine machine) {
    SnapshotMark mark = machine.installed();
    ServerLog log = disk.durable();
    if (mark == null || mark.index() <= log.base().index()) {
      return;
    }
    if (!log.reaches(mark.index()) || log.termAt(mark.index()) != mark.term()) {
      HardState kept = disk.hardState();
      disk.reset(
          new HardState(kept.term(), kept.votedFor(), mark.index()), mark, machine.snapshotChain());
      disk.forgetPending();
    }
  }

  /** A machine recovers its snapshot, or from the log more than that, up to what is committed. */
  static State recoveredState(ServerDisk disk, Machine machine, SplittableRandom random) {
    State snapshot = new State(machine.snapshotIndex(), machine.snapshotChain());
    long committed = Math.min(disk.hardState().committed(), disk.durable().lastIndex());
    if (committed <= snapshot.index() || random.nextBoolean()) {
      return snapshot;
    }
    long index = snapshot.index() + random.nextLong(committed - snapshot.index() + 1);
    return index == snapshot.index() || !disk.durable().reaches(index)
        ? snapshot
        : new State(index, disk.durable().chainAt(index));
  }
}
