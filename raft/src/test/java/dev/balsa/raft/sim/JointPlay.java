package dev.balsa.raft.sim;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.MemberRole;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * As many voters as possible are replaced at once, and when the joint configuration is there, the
 * old and the new ones lose sight of each other.
 */
final class JointPlay implements Play {
  private enum Stage {
    BEGIN,
    CATCH_UP,
    JOIN,
    SPLIT,
    OVER
  }

  private final SplittableRandom random;
  private Stage stage = Stage.BEGIN;
  private @Nullable Server leader;
  private int left;

  JointPlay(SplittableRandom random) {
    this.random = random;
  }

  @Override
  public boolean isOver() {
    return stage == Stage.OVER;
  }

  @Override
  public @Nullable Action next(Life life) {
    left--;
    Server first = leader;
    if (stage == Stage.BEGIN || first == null) {
      return begin(life);
    }
    if (!first.isAwake()) {
      stage = Stage.OVER;
      return Action.Cut.NONE;
    }
    switch (stage) {
      case CATCH_UP -> {
        if (left > 0) {
          return null;
        }
        stage = Stage.JOIN;
        left = 150;
        return new Action.Reconfigure(first.id(), target(life, first.configuration()));
      }
      case JOIN -> {
        if (first.configuration().isJoint()) {
          stage = Stage.SPLIT;
          left = 500;
          return split(life, first);
        }
        if (left < 0) {
          stage = Stage.OVER;
        }
        return null;
      }
      default -> {
        if (left < 0) {
          stage = Stage.OVER;
          return Action.Cut.NONE;
        }
        return random.nextInt(250) == 0 && first.isLeader()
            ? new Action.Crash(first.id(), random.nextInt(3), -1)
            : null;
      }
    }
  }

  private @Nullable Action begin(Life life) {
    Server first = Partitions.leader(life);
    if (first == null || !first.isAwake() || life.servers().length < 3) {
      stage = Stage.OVER;
      return null;
    }
    leader = first;
    stage = Stage.CATCH_UP;
    left = 150 + random.nextInt(200);
    Configuration target = first.configuration().left();
    for (Server server : life.servers()) {
      if (!target.hasLog(server.id()) && random.nextInt(4) != 0) {
        target = target.with(server.id(), MemberRole.STANDBY);
      }
    }
    return new Action.Reconfigure(first.id(), target);
  }

  /** Everybody's part is drawn anew; who voted mostly does not any more. */
  private Configuration target(Life life, Configuration present) {
    Configuration target = present.left();
    for (Server server : life.servers()) {
      long id = server.id();
      boolean standby = present.hasLog(id) && !present.isVoter(id);
      if (standby && random.nextInt(4) != 0) {
        target = target.with(id, MemberRole.VOTER);
      }
    }
    for (Server server : life.servers()) {
      long id = server.id();
      if (present.isVoter(id) && random.nextInt(4) != 0 && target.voters().size() > 1) {
        target = random.nextBoolean() ? target.with(id, MemberRole.STANDBY) : target.without(id);
      }
    }
    return target;
  }

  private Action split(Life life, Server first) {
    long old = 0;
    for (long id : first.configuration().outgoingVoters()) {
      old |= 1L << (id - 1);
    }
    long all = (1L << life.servers().length) - 1;
    long part =
        switch (random.nextInt(4)) {
          case 0 -> old;
          case 1 -> old ^ (1L << random.nextInt(life.servers().length));
          case 2 -> mask(first.configuration().voters());
          default -> random.nextLong() & all;
        };
    return new Action.Cut(Partitions.between(life, part, true, true), random.nextBoolean());
  }

  private static long mask(Iterable<Long> ids) {
    long mask = 0;
    for (long id : ids) {
      mask |= 1L << (id - 1);
    }
    return mask;
  }
}
