package dev.balsa.raft.sim;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Message;
import java.util.List;

/**
 * The end of a life: everything is mended, and then all must come to an agreement by themselves,
 * within a bounded time.
 */
final class Recovery {
  private static final int TIMEOUTS_MAX = 120;
  private static final int ROUNDS_MAX = 2000;

  private final Life life;

  Recovery(Life life) {
    this.life = life;
  }

  void run() {
    life.perform(Action.Cut.NONE);
    for (Server server : life.servers()) {
      life.perform(new Action.ClockRate(server.id(), Life.TICK_UNITS));
      life.perform(new Action.Start(server.id(), server.id()));
      life.perform(new Action.Resume(server.id()));
      life.perform(new Action.Full(server.id(), false));
      life.perform(new Action.Gather(server.id(), 0));
    }
    await("agreement");
    proposeAnother();
    for (int i = 0; i < 2 * life.setup().electionTicks(); i++) {
      if (life.clients().unanswered().isEmpty()) {
        break;
      }
      tickAll();
    }
    for (Server server : life.servers()) {
      if (server.isUp() && server.held() > 0) {
        throw new Violation("Liveness", "at rest there is work left\n%s", state());
      }
    }
    if (!life.clients().unanswered().isEmpty()) {
      throw new Violation("Liveness", "not answered: %s\n%s", life.clients().unanswered(), state());
    }
  }

  /** A transfer that is under way may keep proposals out, for an election timeout at most. */
  private void proposeAnother() {
    long before = life.ledger().top();
    for (int i = 0; i <= 2 * life.setup().electionTicks(); i++) {
      life.perform(new Action.Propose(leader().id(), 8, 0));
      await("agreement after another proposal");
      if (life.ledger().top() > before) {
        return;
      }
      tickAll();
    }
    throw new Violation("Liveness", "no proposal is committed\n%s", state());
  }

  private void tickAll() {
    for (int n = 0; n < life.servers().length; n++) {
      life.perform(new Action.Advance());
    }
    settle();
  }

  private void await(String what) {
    int ticks = TIMEOUTS_MAX * life.setup().electionTicks();
    settle();
    for (int i = 0; i < ticks; i++) {
      if (isAgreed()) {
        return;
      }
      tickAll();
    }
    throw new Violation("Liveness", "no %s in %s ticks\n%s", what, ticks, state());
  }

  /** Everything is delivered, written and applied, until nothing moves. */
  private void settle() {
    int servers = life.servers().length;
    boolean moved = true;
    for (int round = 0; moved; round++) {
      if (round > ROUNDS_MAX) {
        throw new Violation("Liveness", "messages go round and round\n%s", state());
      }
      moved = false;
      for (int link = 0; link < servers * servers; link++) {
        List<Message> queue = life.wires().underway(link);
        if (!queue.isEmpty()) {
          life.perform(new Action.Deliver(1 + link / servers, 1 + link % servers, 0, queue.size()));
          moved = true;
        }
      }
      for (Server server : life.servers()) {
        moved |= work(server);
      }
    }
  }

  private boolean work(Server server) {
    if (!server.isUp()) {
      life.perform(new Action.Start(server.id(), server.id()));
      return false;
    }
    boolean moved = false;
    if (server.disk().canWork()) {
      life.perform(new Action.Force(server.id(), server.disk().pendingCount()));
      moved = true;
    }
    if (server.isUp() && server.machine().hasWork()) {
      life.perform(new Action.Apply(server.id(), Integer.MAX_VALUE));
      moved = true;
    }
    while (server.isUp() && server.hasSnapshotWork()) {
      life.perform(new Action.SnapshotWork(server.id(), Action.Outcome.SUCCEEDS));
      moved = true;
    }
    return moved;
  }

  private Server leader() {
    Server leader = Partitions.leader(life);
    if (leader == null) {
      throw new Violation("Liveness", "nobody leads\n%s", state());
    }
    return leader;
  }

  private boolean isAgreed() {
    Server leader = Partitions.leader(life);
    if (leader == null || !leader.leadership().established()) {
      return false;
    }
    Configuration configuration = leader.configuration();
    long last = leader.raft().lastIndex();
    if (configuration.isJoint()
        || leader.raft().committedIndex() != last
        || leader.machine().appliedIndex() != last) {
      return false;
    }
    for (long id : configuration.nodes()) {
      Server member = life.server(id);
      if (!member.isUp() || member.leadership().leaderId() != leader.id()) {
        return false;
      }
      if (configuration.hasLog(id)
          && (member.machine().appliedIndex() != last
              || member.machine().chain() != leader.machine().chain()
              || !member.configuration().equals(configuration))) {
        return false;
      }
    }
    return true;
  }

  private String state() {
    StringBuilder text = new StringBuilder();
    for (Server server : life.servers()) {
      text.append(server).append(", in ").append(server.configuration()).append('\n');
    }
    return text.toString();
  }
}
