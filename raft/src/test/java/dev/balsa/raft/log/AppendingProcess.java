package dev.balsa.raft.log;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * Appends, compacts and resets until it is killed, and prints what is durable: every last index,
 * and after a compaction or a reset what the log begins after.
 */
public final class AppendingProcess {
  static final Configuration MEMBERS = Configuration.ofVoters(List.of(1L));

  private AppendingProcess() {}

  /** Arguments: the folder, a seed, the number of entries after which to end by itself. */
  public static void main(String[] args) {
    Random random = new Random(Long.parseLong(args[1]));
    long entriesMax = Long.parseLong(args[2]);
    try (ChronicleLogStore log = ChronicleLogStore.open(Path.of(args[0]), LogFixture.TINY)) {
      long first = log.lastIndex();
      System.out.println("open " + log.base().index() + " " + first);
      while (log.lastIndex() - first < entriesMax) {
        for (int i = random.nextInt(4); i >= 0; i--) {
          long next = log.lastIndex() + 1;
          HardState state = new HardState(1, 1, log.lastIndex());
          int count = random.nextInt(8);
          log.append(state, LogFixture.entries(next, next + count, 1, random.nextInt(5000)));
        }
        log.force();
        System.out.println("durable " + log.lastIndex());
        if (random.nextInt(8) == 0) {
          log.compact(new SnapshotMark(log.lastIndex() - random.nextInt(3), 1, MEMBERS));
          System.out.println("begins " + log.base().index());
        } else if (random.nextInt(40) == 0) {
          long base = log.lastIndex() + random.nextInt(100);
          System.out.println("resets " + base);
          log.reset(new HardState(1, 1, base), new SnapshotMark(base, 1, MEMBERS));
          System.out.println("begins " + base);
        }
      }
    }
    System.out.println("closed");
  }
}
