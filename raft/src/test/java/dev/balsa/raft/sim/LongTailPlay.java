package dev.balsa.raft.sim;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A leader is cut off and goes on writing, while the others take a little other way and let their
 * logs go: when it comes back, it is sent a snapshot that ends before its own log does.
 */
final class LongTailPlay implements Play {
  private final SplittableRandom random;
  private @Nullable Server first;
  private boolean replaced;
  private boolean over;
  private int left = 700;

  LongTailPlay(SplittableRandom random) {
    this.random = random;
  }

  @Override
  public boolean isOver() {
    return over;
  }

  @Override
  public @Nullable Action next(Life life) {
    Server now = Partitions.leader(life);
    Server cutOff = first;
    if (cutOff == null) {
      if (now == null || !now.isAwake()) {
        over = true;
        return null;
      }
      first = now;
      return new Action.Cut(Partitions.around(life, now.id()), true);
    }
    left--;
    if (left < 0) {
      over = true;
      return Action.Cut.NONE;
    }
    if (!replaced) {
      if (now != null && now != cutOff && now.leadership().established()) {
        replaced = true;
        left = 40 + random.nextInt(80);
      }
      return random.nextInt(10) == 0 ? new Action.Propose(cutOff.id(), 0, 0) : null;
    }
    if (now == null) {
      return null;
    }
    return switch (random.nextInt(12)) {
      case 0 -> new Action.Propose(now.id(), 0, 0);
      case 1, 2 -> new Action.TakeSnapshot(now.id());
      default -> null;
    };
  }
}
