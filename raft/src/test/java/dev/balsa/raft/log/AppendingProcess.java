package dev.balsa.raft.log;

import dev.balsa.raft.core.HardState;
import java.nio.file.Path;
import java.util.Random;

/** Appends until it is killed, and prints every index once it is durable. */
public final class AppendingProcess {
  private AppendingProcess() {}

  /** Arguments: the folder, a seed, the number of entries after which to end by itself. */
  public static void main(String[] args) {
    Random random = new Random(Long.parseLong(args[1]));
    long entriesMax = Long.parseLong(args[2]);
    try (ChronicleLogStore log = ChronicleLogStore.open(Path.of(args[0]), LogFixture.TINY)) {
      long first = log.lastIndex();
      System.out.println("open " + first);
      while (log.lastIndex() - first < entriesMax) {
        for (int i = random.nextInt(4); i >= 0; i--) {
          long next = log.lastIndex() + 1;
          HardState state = new HardState(1, 1, log.lastIndex());
          int count = random.nextInt(8);
          log.append(state, LogFixture.entries(next, next + count, 1, random.nextInt(5000)));
        }
        log.force();
        System.out.println("durable " + log.lastIndex());
      }
    }
    System.out.println("closed");
  }
}
