package dev.balsa.raft.sim;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Each leader is cut off soon after its election, with entries that few or none others have, and
 * the one before comes back with its own (thesis figure 3.7).
 */
final class TailPlay implements Play {
  private final SplittableRandom random;
  private int rounds;
  private int left = 600;
  private int delay;
  private long seenTerm;
  private boolean over;

  TailPlay(SplittableRandom random) {
    this.random = random;
    this.rounds = 3 + random.nextInt(5);
  }

  @Override
  public boolean isOver() {
    return over;
  }

  @Override
  public @Nullable Action next(Life life) {
    left--;
    if (left < 0 || rounds < 0) {
      over = true;
      return Action.Cut.NONE;
    }
    Server leader = Partitions.leader(life);
    if (leader == null) {
      return null;
    }
    long term = leader.leadership().term();
    if (term > seenTerm) {
      seenTerm = term;
      delay = random.nextInt(3) == 0 ? random.nextInt(60) : random.nextInt(12);
      return new Action.Propose(leader.id(), random.nextInt(20), 0);
    }
    if (delay >= 0) {
      delay--;
      if (delay < 0) {
        rounds--;
        left = 600;
        return new Action.Cut(Partitions.around(life, leader.id()), true);
      }
    }
    return null;
  }
}
