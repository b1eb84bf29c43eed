package dev.balsa.raft.sim;

import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.CompactLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.Raft;
import dev.balsa.raft.sim.Machine.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One node: the real core, a simulated disk, state machine and clock, and a driver that does what
 * the core asks for, effect by effect, and may lose power between any two.
 */
public final class Server {
  private final Life life;
  private final long id;
  private final ServerDisk disk;
  private final Machine machine = new Machine();
  private final SnapshotWork snapshotWork;
  private final List<Input> gathered = new ArrayList<>();
  private @Nullable Raft raft;
  private boolean paused;
  private int gather;
  private long nextTickAt;
  private double tickUnits = Life.TICK_UNITS;

  /** Effects left until the power fails, negative if it does not. */
  private int fuse = -1;

  private Action.@Nullable Crash fuseEnd;

  Server(Life life, long id) {
    this.life = life;
    this.id = id;
    this.snapshotWork = new SnapshotWork(life, this);
    this.disk =
        new ServerDisk(life.setup().core(id).initialConfiguration(), life.setup().segmentEntries());
  }

  /** The node's id. */
  public long id() {
    return id;
  }

  /** Whether it runs. */
  public boolean isUp() {
    return raft != null;
  }

  /** Whether it runs and is not held up. */
  boolean isAwake() {
    return raft != null && !paused;
  }

  boolean isPaused() {
    return paused;
  }

  /** The core of a server that runs. */
  public Raft raft() {
    return Objects.requireNonNull(raft);
  }

  /** What is on its disk. */
  public ServerDisk disk() {
    return disk;
  }

  /** Its state machine. */
  public Machine machine() {
    return machine;
  }

  /** Role, term and leader of a server that runs. */
  public Leadership leadership() {
    return raft().leadership();
  }

  /** Whether it runs and believes to lead. */
  public boolean isLeader() {
    return raft != null && raft.leadership().role() == Role.LEADER;
  }

  /** The configuration in force, by its log. */
  public Configuration configuration() {
    return disk.configuration();
  }

  boolean hasSnapshotWork() {
    return !snapshotWork.isEmpty();
  }

  /** How much waits inside: what could pile up. */
  int held() {
    return snapshotWork.size() + gathered.size() + disk.pendingCount() + machine.held();
  }

  // ---- life and death

  void start(long seed) {
    if (raft != null) {
      return;
    }
    SplittableRandom random = new SplittableRandom(seed);
    Startup.completeInstallation(disk, machine);
    State state = Startup.recoveredState(disk, machine, random);
    machine.restart(state.index(), state.chain());
    nextTickAt = life.now() + 1 + random.nextInt((int) tickUnits);
    paused = false;
    fuse = -1;
    life.watch().started(this);
    try {
      raft =
          life.cores()
              .create(
                  life.setup().core(id),
                  disk.hardState(),
                  disk.extent(),
                  state.index(),
                  disk,
                  random,
                  life.trace(id));
    } catch (Violation e) {
      throw e;
    } catch (Throwable e) {
      life.coreFailed(this, e);
      return;
    }
    step(List.of());
    if (raft != null && machine.snapshotIndex() > 0) {
      step(new Input.SnapshotTaken(machine.snapshotIndex()));
    }
  }

  void crash(int kept, int torn) {
    if (raft == null) {
      return;
    }
    raft = null;
    fuse = -1;
    life.totals().crashes++;
    if (disk.pendingCount() > kept) {
      life.totals().lostTails++;
    }
    if (disk.crash(kept, torn)) {
      life.totals().tornWrites++;
    }
    snapshotWork.clear();
    for (Input input : gathered) {
      forget(input);
    }
    gathered.clear();
    gather = 0;
    disk.full(false);
    life.crashed(this);
  }

  private void forget(Input input) {
    if (input instanceof Input.ReadRequested read) {
      life.watch().readForgotten(read.read());
    } else if (input instanceof Input.LeaseReadRequested read) {
      life.watch().readForgotten(read.read());
    }
  }

  void fuse(int effects, Action.Crash end) {
    fuse = effects;
    fuseEnd = end;
  }

  /** Something has been done; whether the power failed after it. */
  private boolean burnt() {
    if (fuse < 0 || fuse-- > 0) {
      return raft == null;
    }
    Action.Crash end = Objects.requireNonNull(fuseEnd);
    crash(end.kept(), end.torn());
    return true;
  }

  void pause() {
    paused = raft != null;
  }

  void resume() {
    if (paused) {
      paused = false;
      nextTickAt = life.now() + (long) tickUnits;
      step(new Input.TimeLost());
    }
  }

  // ---- time

  void tickUnits(double units) {
    tickUnits = units;
  }

  long nextTickAt() {
    return nextTickAt;
  }

  void skipTick() {
    nextTickAt += (long) tickUnits;
  }

  void tick() {
    nextTickAt += (long) tickUnits;
    gather = 0; // what has come must not be taken later than its time
    step(new Input.Tick());
  }

  // ---- steps

  /** The next inputs will be given to the core in one step. */
  void gather(int inputs) {
    gather = inputs;
    if (gathered.size() >= inputs && !gathered.isEmpty()) {
      step(List.of());
    }
  }

  void step(Input input) {
    step(List.of(input));
  }

  void step(List<Input> inputs) {
    if (!inputs.isEmpty() && gather > gathered.size() + inputs.size()) {
      gathered.addAll(inputs);
      return;
    }
    List<Input> all = inputs;
    if (!gathered.isEmpty()) {
      all = new ArrayList<>(gathered);
      all.addAll(inputs);
      gathered.clear();
      gather = 0;
    }
    List<Effect> effects;
    life.stepBegins();
    try {
      effects = raft().step(all);
    } catch (Throwable e) {
      life.coreFailed(this, e);
      return;
    }
    try {
      follow(effects);
    } catch (Violation e) {
      throw e;
    } catch (Throwable e) {
      life.coreFailed(this, e); // asked for something that no log store could do
      return;
    }
    life.stepped(this, effects);
    for (Effect effect : effects) {
      perform(effect);
      if (burnt()) {
        return;
      }
    }
  }

  /** What the core now takes for its log. */
  private void follow(List<Effect> effects) {
    for (Effect effect : effects) {
      if (effect instanceof AppendToLog write && !write.entries().isEmpty()) {
        append(write.entries());
      } else if (effect instanceof InstallSnapshot install) {
        State state = Objects.requireNonNull(machine.arrived(install.id()), "no snapshot arrived");
        life.watch().installing(this, install.mark(), state.chain());
        disk.image().reset(install.mark(), state.chain());
      }
    }
  }

  private void append(List<Entry> entries) {
    ServerLog image = disk.image();
    long first = entries.get(0).index();
    if (first <= image.lastIndex()) {
      life.totals().truncations++;
      life.watch().truncating(this, first);
      image.truncateFrom(first);
    }
    for (Entry entry : entries) {
      image.append(entry);
      life.watch().appended(this, entry, image.chainAt(entry.index()));
    }
  }

  private void perform(Effect effect) {
    if (effect instanceof Send send) {
      send(send);
    } else if (effect instanceof AppendToLog
        || effect instanceof InstallSnapshot
        || effect instanceof CompactLog) {
      if (effect instanceof InstallSnapshot install) {
        machine.prepareInstallation(install.id());
      }
      disk.add(effect);
    } else if (effect instanceof Effect.Apply apply) {
      machine.hand(apply.entries());
      for (Entry entry : apply.entries()) {
        long before = machine.handedIndex();
        life.watch().handedOver(this, before, entry, machine.count(entry));
      }
    } else if (effect instanceof Effect.ReadSnapshotChunk
        || effect instanceof Effect.StoreSnapshotChunk
        || effect instanceof Effect.SnapshotSent) {
      snapshotWork.add(effect);
    } else {
      life.answered(this, effect);
    }
  }

  private void send(Send send) {
    life.send(this, send);
  }

  // ---- the disk

  /** Makes the oldest operations durable together, and then sends what they promise. */
  void force(int count) {
    List<Send> promises = new ArrayList<>();
    long lastWrite = 0;
    for (int i = 0; i < count && disk.canWork(); i++) {
      if (disk.next() instanceof InstallSnapshot install) {
        machine.install(install.mark());
        life.totals().snapshotsInstalled++;
        if (burnt()) {
          return;
        }
      }
      Effect done;
      try {
        done = disk.force(machine.snapshotChain());
      } catch (InvariantViolation e) {
        life.coreFailed(this, e); // asked for what no log store could do
        return;
      }
      if (done instanceof AppendToLog write) {
        promises.addAll(write.whenDurable());
        lastWrite = write.write();
      } else if (done instanceof InstallSnapshot install) {
        promises.addAll(install.whenDurable());
        lastWrite = install.write();
      } else {
        life.totals().compactions++;
      }
      if (burnt()) {
        return;
      }
    }
    for (Send promise : promises) {
      send(promise);
      if (burnt()) {
        return;
      }
    }
    if (lastWrite > 0) {
      step(new Input.LogDurable(lastWrite));
    }
  }

  void full(boolean full) {
    if (disk.isFull() != full) {
      disk.full(full);
      step(new Input.StorageFull(full));
    }
  }

  // ---- the state machine

  void apply(int batches) {
    if (machine.hasWork()) {
      step(new Input.Applied(machine.apply(batches)));
    }
  }

  void takeSnapshot() {
    if (machine.appliedIndex() > machine.snapshotIndex()
        && machine.appliedIndex() == raft().appliedIndex()) {
      machine.takeSnapshot();
      life.totals().snapshotsTaken++;
      step(new Input.SnapshotTaken(machine.snapshotIndex()));
    }
  }

  void snapshotWork(Action.Outcome outcome) {
    Input done = snapshotWork.work(outcome);
    if (done != null) {
      step(done);
    }
  }

  @Override
  public String toString() {
    if (raft == null) {
      return "server "
          + id
          + " down, "
          + disk.hardState()
          + ", log to "
          + disk.durable().lastIndex();
    }
    return "server "
        + id
        + (paused ? " paused " : " ")
        + leadership()
        + ", log "
        + disk.image().base().index()
        + " to "
        + raft.lastIndex()
        + " ("
        + disk.durable().lastIndex()
        + " durable), committed "
        + raft.committedIndex()
        + ", applied "
        + machine.appliedIndex()
        + (held() == 0 ? "" : ", waiting " + whatIsHeld());
  }

  private String whatIsHeld() {
    return disk.pendingCount()
        + " writes, "
        + snapshotWork
        + ", "
        + gathered
        + ", "
        + machine.held()
        + " handed over or open";
  }
}
