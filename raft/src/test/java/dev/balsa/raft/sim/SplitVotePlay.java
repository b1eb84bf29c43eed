package dev.balsa.raft.sim;

import dev.balsa.raft.Role;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Two stand in the same term: the first one's words are held back until the second stands too. Then
 * each of the others gets the one's request, loses power, and gets the other's.
 */
final class SplitVotePlay implements Play {
  private enum Stage {
    BEGIN,
    FIRST,
    SECOND,
    OVER
  }

  private final SplittableRandom random;
  private final ArrayDeque<Action> plan = new ArrayDeque<>();
  private Stage stage = Stage.BEGIN;
  private @Nullable Server first;
  private int left = 800;

  SplitVotePlay(SplittableRandom random) {
    this.random = random;
  }

  @Override
  public boolean isOver() {
    return stage == Stage.OVER && plan.isEmpty();
  }

  @Override
  public boolean isQuiet() {
    return true;
  }

  @Override
  public @Nullable Action next(Life life) {
    if (!plan.isEmpty()) {
      return plan.remove();
    }
    left--;
    if (left < 0) {
      stage = Stage.OVER;
      return Action.Cut.NONE;
    }
    switch (stage) {
      case BEGIN -> {
        Server leader = Partitions.leader(life);
        stage = leader == null ? Stage.OVER : Stage.FIRST;
        return leader == null
            ? null
            : new Action.Cut(Partitions.around(life, leader.id()), random.nextBoolean());
      }
      case FIRST -> {
        first = candidate(life, null);
        if (first == null) {
          return null;
        }
        stage = Stage.SECOND;
        return new Action.Cut(Partitions.between(life, 1L << (first.id() - 1), true, false), false);
      }
      default -> {
        Server one = first;
        Server other = candidate(life, one);
        if (one == null || other == null) {
          return null;
        }
        stage = Stage.OVER;
        for (Server voter : life.servers()) {
          if (voter != one && voter != other && voter.isAwake()) {
            askTwice(life, voter, one, other);
          }
        }
        return Action.Cut.NONE;
      }
    }
  }

  private void askTwice(Life life, Server voter, Server one, Server other) {
    Wires wires = life.wires();
    int ofOne = wires.size(wires.link(one.id(), voter.id()));
    int ofOther = wires.size(wires.link(other.id(), voter.id()));
    if (ofOne == 0 || ofOther == 0) {
      return;
    }
    plan.add(new Action.Deliver(one.id(), voter.id(), 0, ofOne));
    if (random.nextBoolean()) {
      plan.add(new Action.Force(voter.id(), 10));
    }
    plan.add(new Action.Crash(voter.id(), random.nextInt(2), -1));
    plan.add(new Action.Start(voter.id(), random.nextLong()));
    plan.add(new Action.Deliver(other.id(), voter.id(), 0, ofOther));
  }

  /** One who stands, in the term of another if there is one. */
  private static @Nullable Server candidate(Life life, @Nullable Server another) {
    for (Server server : life.servers()) {
      if (server != another
          && server.isAwake()
          && server.leadership().role() == Role.CANDIDATE
          && server.disk().pendingCount() == 0
          && (another == null
              || (another.isUp() && another.leadership().term() == server.leadership().term()))) {
        return server;
      }
    }
    return null;
  }
}
