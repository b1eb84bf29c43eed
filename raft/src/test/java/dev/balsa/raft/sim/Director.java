package dev.balsa.raft.sim;

import dev.balsa.raft.core.Message;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Makes up a life, action by action, from a seed and from what it sees. */
final class Director {
  private static final double HURRIED_ADVANCE = 0.04;

  private final Life life;
  private final SplittableRandom random;
  private final Wishes wishes;
  private final ArrayDeque<Action> plan = new ArrayDeque<>();
  private Phase phase;
  private @Nullable Play play;
  private int actionsLeft;

  Director(Life life) {
    this.life = life;
    this.random = new SplittableRandom(life.setup().seed() * 0x9E3779B97F4A7C15L + 1);
    this.wishes = new Wishes(life, random);
    this.phase = Phase.draw(random, life.setup());
    this.actionsLeft = phase.actions;
  }

  /** The next action. */
  Action next() {
    if (!plan.isEmpty()) {
      return plan.remove();
    }
    actionsLeft--;
    if (actionsLeft <= 0 && play == null) {
      phase = Phase.draw(random, life.setup());
      actionsLeft = phase.actions;
    }
    Play playing = play;
    if (playing != null) {
      Action action = playing.next(life);
      if (playing.isOver()) {
        play = null;
      }
      return action != null ? action : course();
    }
    if (random.nextDouble() < phase.play) {
      play = Plays.draw(random, wishes);
    }
    Action fault = fault();
    return fault != null ? fault : course();
  }

  // ---- faults

  private @Nullable Action fault() {
    double chance = random.nextDouble();
    if ((chance -= phase.crash) < 0) {
      return crash();
    }
    if ((chance -= phase.fuse) < 0) {
      long id = anybody();
      return new Action.Fuse(id, random.nextInt(6), crashOf(id));
    }
    if ((chance -= phase.failedForce) < 0) {
      return new Action.FailForce(anybody(), random.nextInt(3), random.nextInt(4) - 1);
    }
    if ((chance -= phase.partition) < 0) {
      return new Action.Cut(Partitions.draw(life, random), random.nextBoolean());
    }
    if ((chance -= phase.pause) < 0) {
      return new Action.Pause(anybody());
    }
    if ((chance -= phase.full) < 0) {
      return new Action.Full(anybody(), true);
    }
    if ((chance -= phase.clock) < 0) {
      return wishes.clockRate(anybody());
    }
    if ((chance -= phase.replay) < 0) {
      return new Action.Replay(anybody(), anybody(), random.nextInt(Wires.keptMax()));
    }
    return null;
  }

  private Action crash() {
    long id = anybody();
    if (random.nextInt(3) == 0) { // and at once up again, before anybody has noticed
      plan.add(new Action.Start(id, random.nextLong()));
      for (int i = random.nextInt(4); i > 0; i--) {
        plan.add(new Action.Replay(anybody(), id, random.nextInt(Wires.keptMax())));
      }
    }
    return crashOf(id);
  }

  private Action.Crash crashOf(long id) {
    int pending = life.server(id).disk().pendingCount();
    return new Action.Crash(id, random.nextInt(pending + 1), random.nextInt(4) - 1);
  }

  private long anybody() {
    return random.nextLong(life.servers().length) + 1;
  }

  // ---- the ordinary course of things

  private Action course() {
    if (play != null && play.isQuiet()) {
      return work();
    }
    double chance = random.nextDouble();
    if ((chance -= phase.start) < 0) {
      Action repair = repair();
      if (repair != null) {
        return repair;
      }
    } else if ((chance -= phase.heal) < 0) {
      if (life.wires().cut() != 0 && play == null) {
        return Action.Cut.NONE;
      }
    } else if ((chance -= phase.propose) < 0) {
      return wishes.propose();
    } else if ((chance -= phase.read) < 0) {
      return wishes.read();
    } else if ((chance -= phase.reconfigure) < 0) {
      return wishes.reconfigure();
    } else if ((chance -= phase.transfer) < 0) {
      return wishes.transfer();
    } else if ((chance -= phase.snapshot) < 0) {
      return new Action.TakeSnapshot(anybody());
    } else if ((chance -= 0.01) < 0) {
      return new Action.Gather(anybody(), 2 + random.nextInt(3));
    }
    return work();
  }

  /** Something that is down comes up, or what is broken is mended. */
  private @Nullable Action repair() {
    int first = random.nextInt(life.servers().length);
    for (int i = 0; i < life.servers().length; i++) {
      Server server = life.servers()[(first + i) % life.servers().length];
      if (!server.isUp()) {
        return new Action.Start(server.id(), random.nextLong());
      }
      if (server.isPaused() && play == null) {
        return new Action.Resume(server.id());
      }
      if (server.disk().isFull()) {
        return new Action.Full(server.id(), false);
      }
    }
    return null;
  }

  /** Messages, disks, state machines; or time passes. */
  private Action work() {
    boolean hurried = play != null && play.isHurried();
    if (random.nextDouble() >= (hurried ? HURRIED_ADVANCE : phase.advance)) {
      int links = life.servers().length * life.servers().length;
      int jobs = 3 * life.servers().length;
      int first = random.nextInt(links + jobs);
      for (int i = 0; i < links + jobs; i++) {
        int at = (first + i) % (links + jobs);
        Action action = at < links ? message(at) : job(at - links);
        if (action != null) {
          return action;
        }
      }
    }
    return new Action.Advance();
  }

  private @Nullable Action message(int link) {
    Wires wires = life.wires();
    int size = wires.size(link);
    if (size == 0 || (wires.isCut(link) && !(phase.lingering && random.nextInt(200) == 0))) {
      return null;
    }
    int servers = life.servers().length;
    long from = 1L + link / servers;
    long to = 1L + link % servers;
    Server receiver = life.server(to);
    if (receiver.isPaused()) {
      return null;
    }
    int position = size > 1 && random.nextDouble() < phase.reordering ? random.nextInt(size) : 0;
    if (isToWait(wires.underway(link), position)) {
      return null;
    }
    double chance = random.nextDouble();
    if ((chance -= phase.loss) < 0) {
      return new Action.Lose(from, to, position);
    }
    if ((chance -= phase.duplication) < 0) {
      plan.add(new Action.Deliver(from, to, position, 1));
      return new Action.Duplicate(from, to, position);
    }
    int count = random.nextDouble() < phase.batches ? 1 + random.nextInt(4) : 1;
    return new Action.Deliver(from, to, position, count);
  }

  /** A word that dethrones comes best when it is too late for it. */
  private boolean isToWait(List<Message> queue, int position) {
    return phase.lingering
        && queue.get(position) instanceof Message.TimeoutNow
        && random.nextInt(50) != 0;
  }

  private @Nullable Action job(int number) {
    Server server = life.servers()[number / 3];
    if (!server.isAwake()) {
      return null;
    }
    return switch (number % 3) {
      case 0 -> force(server);
      case 1 ->
          server.machine().hasWork() ? new Action.Apply(server.id(), 1 + random.nextInt(3)) : null;
      default -> server.hasSnapshotWork() ? snapshotWork(server) : null;
    };
  }

  private @Nullable Action force(Server server) {
    boolean slow = (server.id() + Math.abs(actionsLeft) / 100) % 3 == 0;
    if (!server.disk().canWork() || (slow && random.nextDouble() < phase.slowDisk)) {
      return null;
    }
    int pending = server.disk().pendingCount();
    Action force = new Action.Force(server.id(), 1 + random.nextInt(pending));
    if (phase.crash > 0 && random.nextInt(60) == 0) { // right after a promise
      plan.add(force);
      return new Action.Fuse(server.id(), random.nextInt(4), crashOf(server.id()));
    }
    return force;
  }

  private Action snapshotWork(Server server) {
    Action.Outcome outcome =
        phase.failedForce == 0 || random.nextInt(15) != 0
            ? Action.Outcome.SUCCEEDS
            : random.nextBoolean() ? Action.Outcome.FAILS : Action.Outcome.GARBLED;
    return new Action.SnapshotWork(server.id(), outcome);
  }
}
