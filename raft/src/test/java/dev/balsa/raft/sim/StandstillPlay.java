package dev.balsa.raft.sim;

import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The leader's process stands still until another leads and has written; then it goes on, and is
 * asked at once.
 */
final class StandstillPlay implements Play {
  private final SplittableRandom random;
  private final ArrayDeque<Action> plan = new ArrayDeque<>();
  private @Nullable Server stopped;
  private boolean over;
  private int left = 600;

  StandstillPlay(SplittableRandom random) {
    this.random = random;
  }

  @Override
  public boolean isOver() {
    return over && plan.isEmpty();
  }

  @Override
  public @Nullable Action next(Life life) {
    if (!plan.isEmpty()) {
      return plan.remove();
    }
    Server now = Partitions.leader(life);
    Server first = stopped;
    if (first == null) {
      if (now == null || !now.isAwake()) {
        over = true;
        return null;
      }
      stopped = now;
      return new Action.Pause(now.id());
    }
    left--;
    boolean replaced = now != null && now != first && now.leadership().established();
    if (!replaced && left > 0) {
      return null;
    }
    over = true;
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      plan.add(new Action.Read(first.id(), life.setup().leaseTicks() > 0));
      plan.add(new Action.Propose(first.id(), 10, 0));
    }
    return new Action.Resume(first.id());
  }
}
