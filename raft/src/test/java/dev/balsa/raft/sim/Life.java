package dev.balsa.raft.sim;

import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.TraceSink;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * A cluster's life so far: its servers, what is between them, the time, and everything that must
 * hold. Actions change it; nothing in it is drawn by chance but what a seed in an action gives.
 */
public final class Life {
  /** Units of time of a tick by a right clock. */
  static final int TICK_UNITS = 10_000;

  private static final int REMEMBERED_ENTRIES_MAX = 4000;
  private static final int REMEMBERED_TERMS_MAX = 1000;

  /** What a failure of the core's own checks counts as. */
  enum CoreFailure {
    /** As a failure of the run. */
    FAILS,
    /** The node halts, as it would: it may be started again. */
    HALTS
  }

  private final Setup setup;
  private final Cores cores;
  private final CoreFailure coreFailure;
  private final Transcript transcript;
  private final Server[] servers;
  private final Wires wires;
  private final Ledger ledger;
  private final Watch watch;
  private final Totals totals = new Totals();

  private final Clients clients = new Clients(this);
  private long now;
  private long lastLeaderTerm;
  private long lastLeader;

  Life(
      Setup setup,
      Cores cores,
      CoreFailure coreFailure,
      Checks.Scope scope,
      Transcript transcript) {
    this.setup = setup;
    this.cores = cores;
    this.coreFailure = coreFailure;
    this.transcript = transcript;
    this.wires = new Wires(setup.servers());
    this.ledger = new Ledger(setup.initial());
    this.servers = new Server[setup.servers()];
    for (int i = 0; i < servers.length; i++) {
      servers[i] = new Server(this, i + 1);
    }
    this.watch = new Watch(Checks.of(this, scope));
    SplittableRandom random = new SplittableRandom(setup.seed() * 31 + 7);
    totals.lives = 1;
    for (Server server : servers) {
      server.start(random.nextLong());
    }
  }

  /** Its conditions. */
  public Setup setup() {
    return setup;
  }

  /** All servers. */
  public Server[] servers() {
    return servers;
  }

  /** A server. */
  public Server server(long id) {
    return servers[(int) id - 1];
  }

  /** What is committed. */
  public Ledger ledger() {
    return ledger;
  }

  /** What has happened. */
  public Totals totals() {
    return totals;
  }

  /** Virtual time, of which a tick takes {@link #TICK_UNITS} by a right clock. */
  public long now() {
    return now;
  }

  Cores cores() {
    return cores;
  }

  Clients clients() {
    return clients;
  }

  Wires wires() {
    return wires;
  }

  Watch watch() {
    return watch;
  }

  /** What a failing run shows of the last part. */
  Transcript transcript() {
    return transcript;
  }

  TraceSink trace(long id) {
    return transcript.sinkOf(id);
  }

  /** Does an action. */
  public void perform(Action action) {
    transcript.action(action);
    action.perform(this);
  }

  void ifAwake(long id, Consumer<Server> what) {
    Server server = server(id);
    if (server.isAwake()) {
      what.accept(server);
    }
  }

  // ---- what happens in a step

  void stepBegins() {
    totals.steps++;
  }

  /** A core has taken a step: what it believes now is checked before any of it is done. */
  void stepped(Server server, List<Effect> effects) {
    long committed = Math.min(server.raft().committedIndex(), server.disk().image().lastIndex());
    while (ledger.top() < committed) {
      long index = ledger.top() + 1;
      ServerLog image = server.disk().image();
      if (index <= image.base().index()) {
        throw new Violation(
            "CommittedIsOnAQuorum",
            "server %s begins after %s, which nobody has committed",
            server.id(),
            index);
      }
      ledger.add(image.at(index), image.chainAt(index), server.leadership().term());
      totals.entriesCommitted++;
      if (image.at(index).type() == EntryType.CONFIGURATION) {
        countChange(server, ledger.configurationAt(index));
      }
      watch.committed(server, index);
    }
    for (Effect effect : effects) {
      if (effect instanceof Effect.LeadershipChanged changed
          && changed.leadership().role() == Role.LEADER) {
        leads(server, changed.leadership().term());
      } else if (effect instanceof Effect.ConfigurationChanged changed) {
        watch.configured(server, changed.index(), changed.configuration(), changed.committed());
      } else if (effect instanceof Effect.CompactLog compact) {
        watch.compacting(server, compact.mark());
      }
    }
    watch.stepped(server);
    if (totals.steps % 512 == 0) {
      forget();
    }
  }

  private void countChange(Server server, Configuration configuration) {
    totals.changes++;
    totals.jointChanges += configuration.isJoint() ? 1 : 0;
    totals.leadersRemoved += configuration.isVoter(server.id()) ? 0 : 1;
  }

  private void leads(Server server, long term) {
    if (term > lastLeaderTerm) {
      totals.elections++;
      totals.leaderChanges += lastLeader == server.id() ? 0 : 1;
      lastLeaderTerm = term;
      lastLeader = server.id();
      for (Server other : servers) {
        totals.duels += other != server && other.isLeader() ? 1 : 0;
      }
    }
    watch.leads(server, term);
  }

  /** Forgets what all are beyond. */
  private void forget() {
    long before = ledger.top();
    for (Server server : servers) {
      long beyond =
          Math.max(server.disk().durable().base().index(), server.machine().snapshotIndex());
      if (server.disk().durable().lastIndex() > 0) {
        before = Math.min(before, beyond);
      }
    }
    before = Math.max(before, ledger.top() - REMEMBERED_ENTRIES_MAX);
    ledger.forgetBefore(before);
    watch.forget(before, lastLeaderTerm - REMEMBERED_TERMS_MAX);
  }

  void send(Server server, Send send) {
    transcript.sent(server.id(), send);
    watch.sent(server, send.to(), send.message());
    if (send.to() >= 1 && send.to() <= servers.length) {
      wires.send(server.id(), send.to(), send.message());
    }
  }

  void answered(Server server, Effect effect) {
    clients.answered(server, effect);
  }

  void crashed(Server server) {
    clients.crashed(server);
  }

  /** A core has found itself wrong. */
  void coreFailed(Server server, Throwable failure) {
    if (coreFailure == CoreFailure.FAILS) {
      Violation violation =
          new Violation("TheCoresOwnChecks", "server %s: %s", server.id(), failure);
      violation.initCause(failure);
      throw violation;
    }
    if (!(failure instanceof InvariantViolation || failure instanceof RuntimeException)) {
      throw new AssertionError("server " + server.id() + " fails", failure);
    }
    totals.coreHalts++;
    transcript.note("server %s halts: %s", server.id(), failure);
    server.crash(0, -1);
  }

  // ---- what actions do

  /** Time passes until the next tick of a clock. */
  void advance() {
    Server next = servers[0];
    for (Server server : servers) {
      if (server.nextTickAt() < next.nextTickAt()) {
        next = server;
      }
    }
    now = Math.max(now, next.nextTickAt());
    if (next.isAwake()) {
      next.tick();
    } else {
      next.skipTick();
    }
    totals.virtualTicks = now / TICK_UNITS;
  }

  void deliver(Action.Deliver action) {
    Server server = server(action.to());
    if (!server.isAwake()) {
      if (!server.isUp()) {
        wires.take(wires.link(action.from(), action.to()), action.position());
      }
      return;
    }
    totals.messagesReordered += action.position() > 0 ? 1 : 0;
    int link = wires.link(action.from(), action.to());
    List<Input> inputs = new ArrayList<>(action.count());
    for (int i = 0; i < action.count(); i++) {
      Message message = wires.take(link, action.position());
      if (message != null) {
        inputs.add(new Input.Received(action.from(), message));
      }
    }
    if (!inputs.isEmpty()) {
      transcript.received(action.to(), inputs);
      server.step(inputs);
    }
  }

  void lose(Action.Lose action) {
    Message message = wires.take(wires.link(action.from(), action.to()), action.position());
    if (message != null) {
      totals.messagesLost++;
      totals.snapshotChunksLost += message instanceof Message.SnapshotChunk ? 1 : 0;
    }
  }

  void duplicate(Action.Duplicate action) {
    wires.duplicate(wires.link(action.from(), action.to()), action.position());
    totals.messagesDuplicated++;
  }

  void replay(Action.Replay action) {
    Server server = server(action.to());
    Message message = wires.old(wires.link(action.from(), action.to()), action.slot());
    if (message != null && server.isAwake()) {
      totals.messagesReplayed++;
      List<Input> inputs = List.of(new Input.Received(action.from(), message));
      transcript.received(action.to(), inputs);
      server.step(inputs);
    }
  }

  void cut(Action.Cut action) {
    wires.cut(action.links(), action.dropping());
    if (action.links() != 0) {
      totals.partitions++;
      for (int from = 1; from <= servers.length; from++) {
        for (int to = 1; to < from; to++) {
          if (wires.isCut(wires.link(from, to)) != wires.isCut(wires.link(to, from))) {
            totals.oneWayPartitions++;
            return;
          }
        }
      }
    }
  }

  void failForce(Action.FailForce action) {
    Server server = server(action.server());
    if (server.isAwake() && server.disk().pendingCount() > 0) {
      totals.failedForces++;
      server.crash(action.kept(), action.torn());
    }
  }

  void crash(Action.Crash action) {
    Server server = server(action.server());
    if (server.isUp()) {
      server.crash(action.kept(), action.torn());
    }
  }
}
