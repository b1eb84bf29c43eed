package dev.balsa.raft.sim;

import dev.balsa.raft.core.Message;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Leadership is transferred, and the word for it may come late; from then on the old leader hears
 * nothing, and is asked to read while the new one writes.
 */
final class HandoverPlay implements Play {
  private final SplittableRandom random;
  private final ArrayDeque<Action> plan = new ArrayDeque<>();
  private @Nullable Server leader;
  private @Nullable Server target;
  private boolean told;
  private boolean over;
  private int left = 400;
  private int delay;

  HandoverPlay(SplittableRandom random) {
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
    Server first = leader;
    Server second = target;
    if (first == null || second == null) {
      return begin(life);
    }
    left--;
    if (left < 0 || !first.isLeader() || !second.isUp()) {
      over = true;
      return Action.Cut.NONE;
    }
    if (!told) {
      return tell(life, first, second);
    }
    Server now = Partitions.leader(life);
    if (now != null && now != first && random.nextInt(6) == 0) {
      return new Action.Propose(now.id(), random.nextInt(20), 0);
    }
    return random.nextInt(5) == 0
        ? new Action.Read(first.id(), life.setup().leaseTicks() > 0 && random.nextInt(4) != 0)
        : null;
  }

  private @Nullable Action begin(Life life) {
    Server first = Partitions.leader(life);
    Server second = first == null ? null : Plays.otherVoter(life, first, random);
    if (first == null || second == null || !first.isAwake()) {
      over = true;
      return null;
    }
    leader = first;
    target = second;
    delay = random.nextInt(3) == 0 ? random.nextInt(100) : 0;
    return new Action.Transfer(first.id(), second.id());
  }

  private @Nullable Action tell(Life life, Server first, Server second) {
    List<Message> queue = life.wires().underway(life.wires().link(first.id(), second.id()));
    for (int i = 0; i < queue.size(); i++) {
      if (queue.get(i) instanceof Message.TimeoutNow) {
        if (delay-- > 0) {
          return null;
        }
        told = true;
        left = 250;
        plan.add(new Action.Deliver(first.id(), second.id(), i, 1));
        return new Action.Cut(Partitions.around(life, first.id()), random.nextBoolean());
      }
    }
    return null;
  }
}
