package dev.balsa.raft.sim;

import dev.balsa.raft.Leadership;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.Raft;
import dev.balsa.raft.core.TraceSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One node: the real core, a simulated disk, and a state machine that only keeps its entries. */
public final class SimNode {
  private final CoreConfig config;
  private final SimDisk disk = new SimDisk();
  private final Consumer<Send> network;
  private final ClusterInvariants invariants;
  private final TraceSink trace;
  private final SplittableRandom random;
  private final List<Effect> answers = new ArrayList<>();
  private @Nullable Raft raft;
  private List<Entry> applied = new ArrayList<>();
  private long reportedApplied;

  SimNode(
      CoreConfig config,
      long seed,
      Consumer<Send> network,
      ClusterInvariants invariants,
      TraceSink trace) {
    this.config = config;
    this.network = network;
    this.invariants = invariants;
    this.trace = trace;
    this.random = new SplittableRandom(seed);
    start();
  }

  /** This node's id. */
  public long id() {
    return config.nodeId();
  }

  /** Whether it runs. */
  public boolean isUp() {
    return raft != null;
  }

  /** The core. */
  public Raft raft() {
    return Objects.requireNonNull(raft, () -> "node " + id() + " is down");
  }

  /** The disk. */
  public SimDisk disk() {
    return disk;
  }

  /** Role, term and leader. */
  public Leadership leadership() {
    return raft().leadership();
  }

  /** Whether it runs and leads. */
  public boolean isLeader() {
    return isUp() && leadership().role() == Role.LEADER;
  }

  /** What the state machine has been given. */
  public List<Entry> applied() {
    return applied;
  }

  /** What proposals and reads were answered so far, in order. */
  public List<Effect> answers() {
    return answers;
  }

  /** Starts from what the disk holds. The state machine starts empty, and redoes all. */
  public void start() {
    applied = new ArrayList<>();
    reportedApplied = 0;
    raft = new Raft(config, disk.hardState(), disk.extent(), 0, disk, random.split(), trace);
    step(List.of());
  }

  /** Loses power. See {@link SimDisk#crash}. */
  public void crash(int writesKept, int entriesKept) {
    raft = null;
    disk.crash(writesKept, entriesKept);
  }

  /** Gives the core inputs, and does what it asks for. */
  public void step(Input... inputs) {
    step(List.of(inputs));
  }

  /** Gives the core inputs that have come together, and does what it asks for. */
  public void step(List<Input> inputs) {
    for (Effect effect : raft().step(inputs)) {
      perform(effect);
    }
    invariants.check(this);
  }

  private void perform(Effect effect) {
    if (effect instanceof Send send) {
      network.accept(send);
    } else if (effect instanceof AppendToLog write) {
      disk.write(write);
    } else if (effect instanceof Effect.Apply apply) {
      invariants.applied(this, apply.entries());
      applied.addAll(apply.entries());
    } else if (effect instanceof Effect.LeadershipChanged changed) {
      invariants.leadershipChanged(this, changed.leadership());
    } else {
      answers.add(effect);
      invariants.answered(this, effect);
    }
  }

  /** Makes the oldest writes durable, as the driver would: promises go out, then the core hears. */
  public void force(int writes) {
    List<AppendToLog> forced = disk.force(writes);
    if (!forced.isEmpty()) {
      for (AppendToLog write : forced) {
        write.whenDurable().forEach(network);
      }
      step(new Input.LogDurable(forced.get(forced.size() - 1).write()));
    }
  }

  /** The state machine reports all that it was given as applied. */
  public void reportApplied() {
    if (applied.size() > reportedApplied) {
      reportedApplied = applied.size();
      step(new Input.Applied(reportedApplied));
    }
  }

  @Override
  public String toString() {
    if (raft == null) {
      return "node " + id() + " down, " + disk.hardState() + ", " + disk.durableEntries();
    }
    return "node "
        + id()
        + " "
        + leadership()
        + ", last "
        + raft.lastIndex()
        + ", committed "
        + raft.committedIndex()
        + ", handed "
        + applied.size()
        + ", applied "
        + raft.appliedIndex()
        + ", answers "
        + answers.subList(Math.max(0, answers.size() - 3), answers.size());
  }
}
