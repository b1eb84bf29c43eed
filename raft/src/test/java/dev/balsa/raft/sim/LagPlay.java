package dev.balsa.raft.sim;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A member hears nothing while the others write, change the configuration and let their logs go;
 * then it needs a snapshot, and may crash over it.
 */
final class LagPlay implements Play {
  private final SplittableRandom random;
  private final Wishes wishes;
  private @Nullable Server laggard;
  private boolean over;
  private int left;

  LagPlay(SplittableRandom random, Wishes wishes) {
    this.random = random;
    this.wishes = wishes;
  }

  @Override
  public boolean isOver() {
    return over;
  }

  @Override
  public @Nullable Action next(Life life) {
    Server leader = Partitions.leader(life);
    Server lagging = laggard;
    if (lagging == null) {
      lagging = leader == null ? null : Plays.otherVoter(life, leader, random);
      if (lagging == null) {
        over = true;
        return null;
      }
      laggard = lagging;
      left = 200 + random.nextInt(300);
      return new Action.Cut(Partitions.around(life, lagging.id()), true);
    }
    left--;
    if (left == 0) {
      return Action.Cut.NONE;
    }
    if (left < 0) {
      if (left < -300) {
        over = true;
      }
      return random.nextInt(100) == 0
          ? new Action.Fuse(
              lagging.id(),
              random.nextInt(5),
              new Action.Crash(lagging.id(), random.nextInt(3), random.nextInt(3) - 1))
          : null;
    }
    return switch (random.nextInt(24)) {
      case 0, 1, 2, 3 -> leader == null ? null : new Action.Propose(leader.id(), 30, 0);
      case 4, 5 -> leader == null ? null : new Action.TakeSnapshot(leader.id());
      case 6 -> wishes.reconfigure();
      default -> null;
    };
  }
}
