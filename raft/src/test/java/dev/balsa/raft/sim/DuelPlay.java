package dev.balsa.raft.sim;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Message;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A follower is kept from hearing the leader until it asks for votes; at that moment the leader is
 * cut off, and goes on being asked to read and to write while another takes its place. Those who
 * decide may lose power in between, and be up again at once.
 */
final class DuelPlay implements Play {
  private enum Stage {
    BEGIN,
    PREPARE,
    STARVE,
    ISOLATE,
    ELECT,
    DUEL,
    OVER
  }

  private final SplittableRandom random;
  private final ArrayDeque<Action> plan = new ArrayDeque<>();
  private Stage stage = Stage.BEGIN;
  private final boolean hurried;
  private boolean lateAnswers;
  private int left;
  private @Nullable Server leader;
  private @Nullable Server rival;

  DuelPlay(SplittableRandom random) {
    this.random = random;
    this.hurried = random.nextInt(3) != 0;
  }

  @Override
  public boolean isOver() {
    return stage == Stage.OVER && plan.isEmpty();
  }

  private void enter(Stage next, int patience) {
    stage = next;
    left = patience;
  }

  @Override
  public @Nullable Action next(Life life) {
    if (!plan.isEmpty()) {
      return plan.remove();
    }
    Server first = leader;
    Server second = rival;
    left--;
    if (stage == Stage.BEGIN || first == null || second == null) {
      return begin(life);
    }
    if (!first.isLeader() || !second.isUp() || left < 0) {
      stage = Stage.OVER;
      return Action.Cut.NONE;
    }
    switch (stage) {
      case PREPARE -> {
        if (second.raft().lastIndex() < first.raft().lastIndex()) {
          return null; // nobody would vote for it
        }
        enter(Stage.STARVE, 1200);
        return new Action.Cut(Plays.links(life, first, second), true);
      }
      case STARVE -> {
        if (second.leadership().role() == Role.PRE_CANDIDATE) {
          enter(Stage.ISOLATE, 10);
        }
        return null;
      }
      case ISOLATE -> {
        disturb(life, first, second);
        enter(Stage.ELECT, 500);
        long mask = 1L << (first.id() - 1);
        long all = Partitions.between(life, mask, true, true);
        lateAnswers = random.nextBoolean();
        return lateAnswers
            ? new Action.Cut(all, Partitions.between(life, mask, true, false))
            : new Action.Cut(
                Partitions.between(life, mask, true, random.nextInt(4) != 0)
                    | Plays.links(life, first, second),
                random.nextInt(3) != 0);
      }
      case ELECT -> {
        if (lateAnswers && random.nextInt(12) == 0) {
          return lateAnswer(life, first);
        }
        Server now = Partitions.leader(life);
        if (now != null && now != first && now.leadership().established()) {
          enter(Stage.DUEL, 120);
          return new Action.Propose(now.id(), random.nextInt(30), 0);
        }
        return random.nextInt(20) == 0
            ? new Action.Propose(first.id(), random.nextInt(30), 0)
            : now != null && now != first && random.nextInt(5) == 0
                ? new Action.Read(now.id(), random.nextBoolean())
                : ask(life, first, 15);
      }
      default -> {
        if (lateAnswers && random.nextInt(4) == 0) {
          return lateAnswer(life, first);
        }
        Server now = Partitions.leader(life);
        return now != null && random.nextInt(8) == 0
            ? new Action.Propose(now.id(), random.nextInt(30), 0)
            : ask(life, first, 4);
      }
    }
  }

  @Override
  public boolean isQuiet() {
    return stage == Stage.PREPARE || stage == Stage.STARVE;
  }

  @Override
  public boolean isHurried() {
    return hurried && stage.compareTo(Stage.ISOLATE) >= 0;
  }

  /** An answer that was on its way all the time, to what the leader sent when it was heard. */
  private @Nullable Action lateAnswer(Life life, Server first) {
    int servers = life.servers().length;
    int offset = random.nextInt(servers);
    for (int i = 0; i < servers; i++) {
      long from = 1L + (offset + i) % servers;
      List<Message> queue = life.wires().underway(life.wires().link(from, first.id()));
      if (!queue.isEmpty()
          && queue.get(0) instanceof Message.HeartbeatResponse answer
          && answer.term() == first.leadership().term()) {
        return new Action.Deliver(from, first.id(), 0, 1);
      }
    }
    return null;
  }

  private @Nullable Action begin(Life life) {
    Server first = Partitions.leader(life);
    Server second = first == null ? null : Plays.otherVoter(life, first, random);
    if (first == null || second == null || !first.isAwake()) {
      stage = Stage.OVER;
      return null;
    }
    leader = first;
    rival = second;
    enter(Stage.PREPARE, 300);
    return null;
  }

  /** Some of those who have just heard the leader lose power for a moment. */
  private void disturb(Life life, Server first, Server second) {
    boolean crash = random.nextInt(3) == 0;
    for (Server server : life.servers()) {
      if (crash && server != first && server != second && server.isUp()) {
        plan.add(new Action.Crash(server.id(), random.nextInt(3), -1));
        plan.add(new Action.Start(server.id(), random.nextLong()));
      }
    }
  }

  private @Nullable Action ask(Life life, Server first, int oneIn) {
    return random.nextInt(oneIn) == 0
        ? new Action.Read(first.id(), life.setup().leaseTicks() > 0 && random.nextInt(3) != 0)
        : null;
  }
}
