package dev.balsa.raft;

import dev.balsa.raft.core.ClusterId;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.PeerStatus;
import dev.balsa.raft.core.Raft;
import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.TraceSink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of a node runs on the event loop: gives the core its inputs and does what it asks for. All
 * methods are called on the loop, but for those that say otherwise.
 */
final class NodeLoop {
  private static final Logger LOG = LoggerFactory.getLogger(RaftNode.class);

  private final RaftConfig config;
  private final Transport transport;
  private final CommitNews outgoing;
  private final StateMachine machine;
  private final @Nullable Snapshots snapshots;
  private final @Nullable SnapshotWorker snapshotWorker;
  private final LogWriter writer;
  private final Consumer<Throwable> fatal;
  private final Raft raft;
  private final Ticker ticker;
  private final KnownCluster cluster;
  private final Proposals proposals = new Proposals();
  private final MembershipChanges changes = new MembershipChanges();
  private final Map<Long, CompletableFuture<ReadOutcome>> reads = new HashMap<>();
  private final Map<Long, CompletableFuture<TransferOutcome>> transfers = new HashMap<>();

  /** What the state machine has reported, from any thread. */
  private final AtomicLong applied = new AtomicLong();

  private final AtomicLong snapshotTaken = new AtomicLong();

  /** What the log is to be given, still in this turn of the loop. */
  private final List<AppendToLog> due = new ArrayList<>();

  private List<Input> inputs = new ArrayList<>();

  /**
   * Begins at random, so that no two lives of a node use the same numbers: those of reads travel,
   * and an answer may come after its asker's end.
   */
  private long lastNumber = UUID.randomUUID().getMostSignificantBits() >>> 2;

  /** Last index that the state machine was given, and last ones that the core was told of. */
  private long given;

  private long toldApplied;
  private long toldSnapshot;

  private boolean storageFull;
  private @Nullable SnapshotId refusedSnapshot;
  private List<PeerStatus> peers = List.of();
  private volatile RaftStatus status;
  private volatile Leadership leadership;

  /**
   * Reads the log and starts the state machine.
   *
   * @param fatal ends the node; from any thread
   * @param answers takes what the snapshot thread has to say
   */
  NodeLoop(
      RaftConfig config,
      LogStore log,
      ClusterIdStore clusterIds,
      KeptClusterId keptClusterId,
      Transport transport,
      StateMachine machine,
      Cores cores,
      LogWriter writer,
      Consumer<Input> answers,
      Consumer<Throwable> fatal) {
    this.config = config;
    this.transport = transport;
    this.outgoing = new CommitNews(transport::send);
    this.machine = machine;
    this.snapshots = machine.snapshots();
    this.writer = writer;
    this.fatal = fatal;
    if (snapshots != null && clusterIds == ClusterIdStore.none()) {
      throw new IllegalArgumentException(
          "a log that is compacted needs a place where the cluster's id is kept");
    }
    Restart restart = Restart.of(config, log, machine, snapshots, new Reports(fatal));
    applied.accumulateAndGet(restart.applied(), Math::max);
    given = restart.applied();
    toldApplied = restart.applied();
    cluster = new KnownCluster(config, restart, log, transport, machine, keptClusterId);
    snapshotWorker =
        snapshots == null
            ? null
            : new SnapshotWorker(config.nodeId(), snapshots, keptClusterId, answers, fatal);
    UUID known = cluster.id();
    if (known != null) {
      writer.keepClusterId(known);
    }
    raft =
        cores.create(
            config.core(),
            restart.hardState(),
            restart.extent(),
            restart.applied(),
            log::read,
            new SplittableRandom(config.randomSeed()),
            TraceSink.none());
    ticker = new Ticker(config.clock(), config.tick().toNanos(), config.heartbeatTicks());
    leadership = raft.leadership();
    status = newStatus(null);
  }

  /** Takes the state machine's reports, from any thread. */
  private final class Reports implements StateMachine.Progress {
    private final Consumer<Throwable> fatal;

    Reports(Consumer<Throwable> fatal) {
      this.fatal = fatal;
    }

    @Override
    public void applied(long index) {
      applied.accumulateAndGet(index, Math::max);
    }

    @Override
    public void snapshotTaken(long index) {
      snapshotTaken.accumulateAndGet(index, Math::max);
    }

    @Override
    public void failed(Throwable cause) {
      fatal.accept(cause);
    }
  }

  /** Starts what runs beside the loop, and tells the transport what is known. */
  void begin() {
    writer.start();
    if (snapshotWorker != null) {
      snapshotWorker.start();
    }
    cluster.tell();
  }

  /** Null as long as it is not known. From any thread. */
  @Nullable UUID clusterId() {
    return cluster.id();
  }

  // ---- inputs, gathered until the next step

  /** Gives the core the time that has passed until now. */
  void countTime() {
    int ticks = ticker.ticksDue();
    if (ticker.takeLost()) {
      inputs.add(new Input.TimeLost()); // before the ticks: they are less than has passed
    }
    for (int i = 0; i < ticks; i++) {
      inputs.add(new Input.Tick());
    }
    if (ticks > 0) {
      outgoing.tick();
      peers = raft.peers();
      if (FirstConfiguration.isMissing(leadership, raft.configurationIndex())) {
        changeMembership(leadership.term(), raft.configuration(), new CompletableFuture<>());
      }
    }
  }

  void input(Input input) {
    if (input instanceof Input.StorageFull storage) {
      storageFull = storage.full();
    }
    inputs.add(input);
  }

  /**
   * A peer's process has most likely ended. If it leads, this node need not wait out its silence:
   * an election timeout passes at once, and only the random part is left, which keeps the others
   * that were told the same from standing all together. Should the hint be wrong, nothing is lost:
   * the pre-vote (thesis 9.6) is refused by who still hears the leader, and the leader's next
   * heartbeat sets this node's clock right.
   *
   * <p>Not with leases, whose safety is that nobody votes within an election timeout of the
   * leader's heartbeat: a leader whose connections were cut, and which still runs, would read what
   * is old.
   */
  void gone(long peer) {
    boolean leads = leadership.role() == Role.FOLLOWER && leadership.leaderId() == peer;
    if (leads && config.leaseClockRatioMax() == 0) {
      LOG.info("node {} has lost its leader, node {}", config.nodeId(), peer);
      for (int i = 0; i < config.electionTimeoutTicks(); i++) {
        inputs.add(new Input.Tick());
      }
    }
  }

  void propose(long expectedTerm, byte[] payload, CompletableFuture<ProposalOutcome> future) {
    lastNumber++;
    proposals.add(lastNumber, future);
    inputs.add(new Input.Proposed(lastNumber, expectedTerm, payload));
  }

  void changeMembership(
      long expectedTerm, Configuration target, CompletableFuture<MembershipOutcome> future) {
    lastNumber++;
    proposals.add(lastNumber, changes.follow(future));
    inputs.add(new Input.ConfigurationProposed(lastNumber, expectedTerm, target));
  }

  void transfer(long target, CompletableFuture<TransferOutcome> future) {
    lastNumber++;
    transfers.put(lastNumber, future);
    inputs.add(new Input.TransferRequested(lastNumber, target));
  }

  void read(CompletableFuture<ReadOutcome> future) {
    lastNumber++;
    reads.put(lastNumber, future);
    inputs.add(new Input.ReadRequested(lastNumber));
  }

  void leaderRead(CompletableFuture<ReadOutcome> future) {
    lastNumber++;
    reads.put(lastNumber, future);
    inputs.add(new Input.LeaderReadRequested(lastNumber));
  }

  /** A lease is good for a time: the core is told how late it is now, after the read has come. */
  void leaseRead(CompletableFuture<ReadOutcome> future) {
    countTime();
    lastNumber++;
    reads.put(lastNumber, future);
    inputs.add(new Input.LeaseReadRequested(lastNumber));
  }

  /** The state machine has something to say to another one. */
  void sendToMachine(long to, byte[] payload) {
    transport.send(to, new Message.MachineMessage(payload));
  }

  /** Another state machine has said something to this one. */
  void machineMessage(long from, byte[] payload) {
    machine.message(from, payload);
  }

  /** A batch is durable: what was promised for then goes out first. */
  void durable(List<AppendToLog> batch) {
    for (AppendToLog write : batch) {
      sendAll(write.whenDurable());
    }
    inputs.add(new Input.LogDurable(batch.get(batch.size() - 1).write()));
  }

  /** A snapshot is installed: the state machine's and the log's part, durably. */
  void installed(InstallSnapshot snapshot) {
    long index = snapshot.mark().index();
    LOG.info("node {} has installed a snapshot at index {}", config.nodeId(), index);
    sendAll(snapshot.whenDurable());
    inputs.add(new Input.LogDurable(snapshot.write()));
    given = Math.max(given, index);
    applied.accumulateAndGet(index, Math::max);
  }

  private void sendAll(List<Send> sends) {
    for (Send send : sends) {
      transport.send(send.to(), send.message());
    }
  }

  /** Gives the core all inputs gathered, and does what it asks for. */
  void step() {
    long appliedNow = Math.min(applied.get(), given);
    if (appliedNow > toldApplied) {
      toldApplied = appliedNow;
      inputs.add(new Input.Applied(appliedNow));
    }
    long snapshotNow = snapshotTaken.get();
    if (snapshotNow > toldSnapshot && snapshotNow <= toldApplied) {
      toldSnapshot = snapshotNow;
      inputs.add(new Input.SnapshotTaken(snapshotNow));
    }
    List<Input> taken = inputs;
    inputs = new ArrayList<>();
    for (Effect effect : raft.step(taken)) {
      perform(effect);
    }
    status = newStatus(null);
  }

  // ---- effects

  private void perform(Effect effect) {
    if (effect instanceof Send send) {
      outgoing.send(send.to(), send.message());
    } else if (effect instanceof AppendToLog write) {
      write(write);
    } else if (effect instanceof Effect.Apply apply) {
      apply(apply.entries());
    } else if (effect instanceof Effect.ProposalAppended appended) {
      proposals.placed(appended.proposal(), appended.index(), appended.term());
    } else if (effect instanceof Effect.ProposalRefused refused) {
      proposals.refused(refused.proposal(), new ProposalOutcome.Refused(refused.reason()));
    } else if (effect instanceof Effect.ReadReady ready) {
      take(reads, ready.read()).complete(new ReadOutcome.Ready(ready.index()));
    } else if (effect instanceof Effect.ReadRefused refused) {
      take(reads, refused.read()).complete(new ReadOutcome.Refused(refused.reason()));
    } else {
      performRare(effect);
    }
  }

  /** Once what is to be sent meanwhile is on its way: a peer has the longer way to go. */
  private void write(AppendToLog write) {
    due.add(write);
    if (due.size() == 1) {
      transport.loop().execute(this::writeDue); // behind the transport's own task, which sends
    }
  }

  /** A task of the loop's own: what it throws would end nothing but itself. */
  private void writeDue() {
    if (due.isEmpty()) {
      return;
    }
    List<AppendToLog> writes = List.copyOf(due);
    due.clear();
    try {
      writer.addOrWrite(writes);
    } catch (Throwable t) { // a failed force, above all: nothing may be written after it
      fatal.accept(t);
    }
  }

  private void performRare(Effect effect) {
    if (effect instanceof Effect.LeadershipChanged change) {
      changed(change.leadership());
    } else if (effect instanceof Effect.ConfigurationChanged change) {
      cluster.changed(change);
    } else if (effect instanceof Effect.TransferDone done) {
      take(transfers, done.transfer()).complete(new TransferOutcome.Done());
    } else if (effect instanceof Effect.TransferRefused refused) {
      take(transfers, refused.transfer()).complete(new TransferOutcome.Refused(refused.reason()));
    } else if (effect instanceof Effect.CompactLog compact) {
      writeDue();
      writer.compact(compact.mark());
    } else if (effect instanceof InstallSnapshot install) {
      install(install);
    } else if (effect instanceof Effect.ReadSnapshotChunk read) {
      worker().add(read);
    } else if (effect instanceof Effect.StoreSnapshotChunk store) {
      storeChunk(store);
    } else {
      worker().add((Effect.SnapshotSent) effect);
    }
  }

  private void apply(List<Entry> entries) {
    if (entries.get(0).index() == 1) {
      UUID clusterId = ClusterId.of(entries.get(0));
      cluster.learn(clusterId);
      writeDue();
      writer.keepClusterId(clusterId);
    }
    given = entries.get(entries.size() - 1).index();
    machine.committed(entries);
    for (Entry entry : entries) {
      proposals.committed(entry);
      changes.committed(entry);
    }
  }

  private SnapshotWorker worker() {
    SnapshotWorker worker = snapshotWorker;
    Invariant.check(worker != null, "a snapshot, and the state machine has none");
    return Objects.requireNonNull(worker);
  }

  private void storeChunk(Effect.StoreSnapshotChunk store) {
    if (snapshotWorker == null) {
      if (!store.id().equals(refusedSnapshot)) {
        refusedSnapshot = store.id();
        LOG.error(
            "node {} is sent a snapshot by node {}, and its state machine takes none",
            config.nodeId(),
            store.id().sender());
      }
      inputs.add(new Input.SnapshotStoreFailed(store.id()));
    } else {
      snapshotWorker.add(store);
    }
  }

  private void install(InstallSnapshot install) {
    Snapshots here = Objects.requireNonNull(snapshots);
    cluster.learn(worker().clusterOf(install.id())); // it was kept when the snapshot was complete
    writeDue();
    writer.install(install, here.install(install.id(), install.mark()));
    proposals.skippedTo(install.mark());
    changes.skippedTo(install.mark());
  }

  private void changed(Leadership now) {
    Leadership before = leadership;
    leadership = now;
    if (now.term() != before.term() || !now.isLeader()) {
      outgoing.clear();
    }
    if (now.isLeader() && !before.isLeader()) {
      LOG.info("node {} leads in term {}", config.nodeId(), now.term());
      peers = raft.peers(); // not only at the next tick
    } else if (before.isLeader() && !now.isLeader()) {
      LOG.info("node {} no longer leads; the term is {}", config.nodeId(), now.term());
      peers = List.of();
    }
    if (!now.isLeader() && now.leaderId() != 0 && now.leaderId() != before.leaderId()) {
      LOG.info("node {} follows node {} in term {}", config.nodeId(), now.leaderId(), now.term());
    }
    machine.leadership(now);
  }

  private static <T> CompletableFuture<T> take(Map<Long, CompletableFuture<T>> from, long number) {
    CompletableFuture<T> future = from.remove(number);
    Invariant.check(future != null, "nobody waits for %s", number);
    return Objects.requireNonNull(future);
  }

  // ---- end

  /** The node stops: fails all that waits. */
  void stop(RaftStoppedException why) {
    if (snapshotWorker != null) {
      snapshotWorker.stop();
    }
    leadership = new Leadership(Role.FOLLOWER, raft.leadership().term(), 0, false);
    peers = List.of();
    status = newStatus(why.getCause());
    List<CompletableFuture<?>> waiting = new ArrayList<>(proposals.drain());
    waiting.addAll(changes.drain());
    waiting.addAll(reads.values());
    waiting.addAll(transfers.values());
    reads.clear();
    transfers.clear();
    waiting.forEach(future -> future.completeExceptionally(why));
  }

  // ---- from any thread

  /** Waits until the snapshot thread has ended. */
  void join() {
    if (snapshotWorker != null) {
      snapshotWorker.join();
    }
  }

  Leadership leadership() {
    return leadership;
  }

  RaftStatus status() {
    RaftStatus last = status;
    return new RaftStatus(
        last.nodeId(),
        last.clusterId(),
        leadership,
        last.firstIndex(),
        last.lastIndex(),
        last.commitIndex(),
        applied.get(),
        writer.sizeBytes(),
        last.storageFull(),
        last.configuration(),
        last.configurationIndex(),
        last.configurationCommitted(),
        last.peers(),
        last.failure());
  }

  private RaftStatus newStatus(@Nullable Throwable failure) {
    return new RaftStatus(
        config.nodeId(),
        cluster.id(),
        raft.leadership(),
        raft.firstIndex(),
        raft.lastIndex(),
        raft.committedIndex(),
        applied.get(),
        writer.sizeBytes(),
        storageFull,
        cluster.configuration(),
        cluster.configurationIndex(),
        cluster.isConfigurationCommitted(),
        peers,
        failure);
  }
}
