package dev.balsa.fsm;

import dev.balsa.raft.Consensus;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.OutcomeSkippedException;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.raft.ReadOutcome;
import dev.balsa.raft.Role;
import dev.balsa.raft.Snapshots;
import dev.balsa.raft.StateMachine;
import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.Raft;
import dev.balsa.raft.core.SnapshotMark;
import dev.balsa.raft.core.TraceSink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Drives the real core of Raft for one life of a simulated node, as the product's driver does:
 * everything goes through one inbox, and what has gathered is one step. All of it happens in events
 * of the scheduler; what others ask for only goes into the inbox.
 */
final class SimRaft implements Consensus, StateMachine.Progress {
  private final SimCluster cluster;
  private final SimNode node;
  private final SimLog log;
  private final StateMachine machine;
  private final SimSnapshotWork snapshots;
  private final Raft raft;
  private final List<Placed> placed = new ArrayList<>();
  private final Map<Long, CompletableFuture<ProposalOutcome>> unplaced = new HashMap<>();
  private final Map<Long, CompletableFuture<ReadOutcome>> reads = new HashMap<>();
  private final Map<Long, CompletableFuture<@Nullable Void>> installations = new HashMap<>();
  private List<Input> inbox = new ArrayList<>();
  private Leadership leadership;

  /** No two lives of a node use the same numbers. */
  private long number;

  private long applied;
  private long given;
  private long toldApplied;
  private long snapshot;
  private long toldSnapshot;
  private boolean stepScheduled;
  private boolean forceScheduled;
  private boolean dead;

  private record Placed(long index, long term, CompletableFuture<ProposalOutcome> future) {}

  /** Starts on what the log and the state machine have. */
  SimRaft(
      SimCluster cluster,
      SimNode node,
      CoreConfig config,
      SimLog log,
      DatabaseStateMachine machine) {
    this.cluster = cluster;
    this.node = node;
    this.log = log;
    this.machine = machine;
    this.snapshots = new SimSnapshotWork(cluster, this, machine.snapshots());
    this.number = cluster.scheduler().draw(0, Long.MAX_VALUE / 2);
    applied = machine.start(this);
    completeInstallation(machine.snapshots());
    given = applied;
    toldApplied = applied;
    HardState stored = log.hardState();
    raft =
        new Raft(
            config,
            new HardState(stored.term(), stored.votedFor(), Math.max(stored.committed(), applied)),
            log.extent(),
            applied,
            log::read,
            cluster.scheduler().split(),
            TraceSink.none());
    leadership = raft.leadership();
    machine.attach(this, id -> "node-" + id);
    scheduleTick();
    wake();
  }

  /** The crash may have come between the installation in the databases and that in the log. */
  private void completeInstallation(Snapshots of) {
    SnapshotMark mark = of.installed();
    if (mark != null
        && log.base().index() < mark.index()
        && (log.lastIndex() < mark.index() || log.term(mark.index()) != mark.term())) {
      HardState before = log.hardState();
      log.reset(
          before.term() >= mark.term()
              ? new HardState(before.term(), before.votedFor(), mark.index())
              : new HardState(mark.term(), 0, mark.index()),
          mark);
      cluster.totals().count("installations completed at a start");
    }
  }

  /** Nothing more happens here. */
  void die() {
    dead = true;
    snapshots.close();
  }

  Raft raft() {
    return raft;
  }

  boolean isIdle() {
    return unplaced.isEmpty() && log.next() == null;
  }

  String waiting() {
    return placed.size() + " placed, " + unplaced.size() + " not, log " + log.next();
  }

  // ---- inputs

  private void scheduleTick() {
    cluster
        .scheduler()
        .after(
            SimCluster.TICK_NANOS + cluster.scheduler().draw(200_000),
            "tick of " + node.id(),
            () -> {
              if (!dead) {
                scheduleTick();
                input(new Input.Tick());
              }
            });
  }

  void input(Input input) {
    if (!dead) {
      inbox.add(input);
      wake();
    }
  }

  private void wake() {
    if (!stepScheduled) {
      stepScheduled = true;
      cluster
          .scheduler()
          .after(1 + cluster.scheduler().draw(100_000), "step of " + node.id(), this::step);
    }
  }

  private void step() {
    stepScheduled = false;
    if (dead) {
      return;
    }
    long appliedNow = Math.min(applied, given);
    if (appliedNow > toldApplied) {
      toldApplied = appliedNow;
      inbox.add(new Input.Applied(appliedNow));
    }
    if (snapshot > toldSnapshot && snapshot <= toldApplied) {
      toldSnapshot = snapshot;
      inbox.add(new Input.SnapshotTaken(snapshot));
    }
    List<Input> taken = inbox;
    inbox = new ArrayList<>();
    for (Effect effect : raft.step(taken)) {
      perform(effect);
    }
  }

  // ---- effects

  private void perform(Effect effect) {
    if (effect instanceof Send send) {
      cluster.send(node.id(), send);
    } else if (effect instanceof AppendToLog || effect instanceof Effect.CompactLog) {
      log.add(effect);
      scheduleForce();
    } else if (effect instanceof Effect.Apply apply) {
      apply(apply.entries());
    } else if (effect instanceof Effect.ProposalAppended at) {
      placed.add(new Placed(at.index(), at.term(), take(unplaced, at.proposal())));
    } else if (effect instanceof Effect.ProposalRefused refused) {
      take(unplaced, refused.proposal()).complete(new ProposalOutcome.Refused(refused.reason()));
    } else if (effect instanceof Effect.ReadReady ready) {
      take(reads, ready.read()).complete(new ReadOutcome.Ready(ready.index()));
    } else if (effect instanceof Effect.ReadRefused refused) {
      take(reads, refused.read()).complete(new ReadOutcome.Refused(refused.reason()));
    } else if (effect instanceof Effect.LeadershipChanged change) {
      changed(change.leadership());
    } else if (effect instanceof InstallSnapshot install) {
      install(install);
    } else {
      snapshots.perform(effect);
    }
  }

  private static <T> CompletableFuture<T> take(Map<Long, CompletableFuture<T>> from, long key) {
    return Objects.requireNonNull(from.remove(key));
  }

  private void changed(Leadership now) {
    if (now.isLeader() && !leadership.isLeader()) {
      cluster.totals().count("elections");
    }
    leadership = now;
    cluster.scheduler().happened(node.id() + " " + now);
    machine.leadership(now);
  }

  private void apply(List<Entry> entries) {
    given = entries.get(entries.size() - 1).index();
    entries.forEach(cluster.ledger()::committed);
    machine.committed(entries);
    entries.forEach(this::decide);
  }

  private void decide(Entry entry) {
    List<Placed> decided = placed.stream().filter(p -> p.index() == entry.index()).toList();
    placed.removeAll(decided);
    for (Placed each : decided) {
      each.future()
          .complete(
              each.term() == entry.term()
                  ? new ProposalOutcome.Committed(entry.index(), entry.term())
                  : new ProposalOutcome.Superseded(entry.index(), entry.term()));
    }
  }

  private void install(InstallSnapshot install) {
    SnapshotMark mark = install.mark();
    cluster.totals().count("installations");
    if (cluster.isUnderLoad()) {
      cluster.totals().count("installations under load");
    }
    installations.put(
        install.write(), Objects.requireNonNull(machine.snapshots()).install(install.id(), mark));
    log.add(install);
    scheduleForce();
    for (Iterator<Placed> all = placed.iterator(); all.hasNext(); ) {
      Placed each = all.next();
      if (each.index() <= mark.index()) {
        all.remove();
        if (each.term() > mark.term()) {
          each.future().complete(new ProposalOutcome.Superseded(each.index(), mark.term()));
        } else {
          each.future()
              .completeExceptionally(new OutcomeSkippedException(each.index(), mark.index()));
        }
      }
    }
  }

  // ---- the log

  private void scheduleForce() {
    if (!forceScheduled) {
      forceScheduled = true;
      cluster.scheduler().after(cluster.forceNanos(), "force of " + node.id(), this::force);
    }
  }

  private void force() {
    forceScheduled = false;
    if (dead) {
      return;
    }
    List<Send> promises = new ArrayList<>();
    long last = 0;
    while (log.next() != null && isReady(Objects.requireNonNull(log.next()))) {
      Effect done = log.forceNext();
      if (done instanceof AppendToLog write) {
        promises.addAll(write.whenDurable());
        last = write.write();
      } else if (done instanceof InstallSnapshot install) {
        promises.addAll(install.whenDurable());
        last = install.write();
        given = Math.max(given, install.mark().index());
        applied = Math.max(applied, install.mark().index());
        installations.remove(install.write());
      } else {
        cluster.totals().count("compactions");
      }
    }
    promises.forEach(send -> cluster.send(node.id(), send));
    if (last > 0) {
      input(new Input.LogDurable(last));
    }
    if (log.next() != null) {
      scheduleForce();
    }
  }

  private boolean isReady(Effect operation) {
    return !(operation instanceof InstallSnapshot install)
        || Objects.requireNonNull(installations.get(install.write())).isDone();
  }

  // ---- by the engine

  @Override
  public CompletableFuture<ProposalOutcome> propose(long expectedTerm, byte[] payload) {
    CompletableFuture<ProposalOutcome> future = new CompletableFuture<>();
    number++;
    unplaced.put(number, future);
    input(new Input.Proposed(number, expectedTerm, payload));
    return future;
  }

  @Override
  public CompletableFuture<ReadOutcome> readIndex() {
    CompletableFuture<ReadOutcome> future = new CompletableFuture<>();
    number++;
    reads.put(number, future);
    input(new Input.ReadRequested(number));
    return future;
  }

  @Override
  public CompletableFuture<ReadOutcome> readLease() {
    return readIndex();
  }

  @Override
  public CompletableFuture<ReadOutcome> leaderReadIndex() {
    CompletableFuture<ReadOutcome> future = new CompletableFuture<>();
    number++;
    reads.put(number, future);
    input(new Input.LeaderReadRequested(number));
    return future;
  }

  @Override
  public UUID clusterId() {
    return SimCluster.CLUSTER_ID;
  }

  @Override
  public Leadership leadership() {
    return leadership;
  }

  boolean isLeader() {
    return leadership.role() == Role.LEADER;
  }

  @Override
  public void applied(long index) {
    applied = Math.max(applied, index);
    wakeIfAlive();
  }

  @Override
  public void snapshotTaken(long index) {
    snapshot = Math.max(snapshot, index);
    wakeIfAlive();
  }

  private void wakeIfAlive() {
    if (!dead) {
      wake();
    }
  }

  @Override
  public void failed(Throwable cause) {
    if (!dead) {
      node.failed(cause);
    }
  }
}
