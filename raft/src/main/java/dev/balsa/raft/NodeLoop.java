package dev.balsa.raft;

import dev.balsa.raft.core.ClusterId;
import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.Limits;
import dev.balsa.raft.core.LogExtent;
import dev.balsa.raft.core.Raft;
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
  private final StateMachine machine;
  private final LogWriter writer;
  private final Raft raft;
  private final Proposals proposals = new Proposals();
  private final Map<Long, CompletableFuture<ReadOutcome>> reads = new HashMap<>();
  private final AtomicLong applied = new AtomicLong();
  private List<Input> inputs = new ArrayList<>();
  private long lastNumber;
  private @Nullable UUID clusterId;
  private volatile RaftStatus status;
  private volatile Leadership leadership;

  /**
   * Reads the log and starts the state machine.
   *
   * @param fatal ends the node; from any thread
   */
  NodeLoop(
      RaftConfig config,
      LogStore log,
      Transport transport,
      StateMachine machine,
      LogWriter writer,
      Consumer<Throwable> fatal) {
    this.config = config;
    this.transport = transport;
    this.machine = machine;
    this.writer = writer;
    HardState hardState = log.hardState();
    if (hardState.committed() >= 1 && log.firstIndex() == 1) {
      learnClusterId(log.read(1, 1, Entry.PAYLOAD_BYTES_MAX).get(0));
    }
    long alreadyApplied =
        machine.start(
            new StateMachine.Progress() {
              @Override
              public void applied(long index) {
                applied.accumulateAndGet(index, Math::max);
              }

              @Override
              public void failed(Throwable cause) {
                fatal.accept(cause);
              }
            });
    applied.accumulateAndGet(alreadyApplied, Math::max);
    UUID configured = config.clusterId();
    CoreConfig core =
        new CoreConfig(
            config.nodeId(),
            config.voters(),
            configured != null ? configured : UUID.randomUUID(),
            config.heartbeatTicks(),
            config.electionTimeoutTicks(),
            Limits.DEFAULT);
    raft =
        new Raft(
            core,
            hardState,
            LogExtent.of(log.firstIndex(), log.lastIndex(), log::term),
            alreadyApplied,
            log::read,
            new SplittableRandom(config.randomSeed()),
            TraceSink.none());
    leadership = raft.leadership();
    status = newStatus(null);
  }

  @Nullable UUID clusterId() {
    return clusterId;
  }

  // ---- inputs, gathered until the next step

  void ticks(int count) {
    for (int i = 0; i < count; i++) {
      inputs.add(new Input.Tick());
    }
  }

  void input(Input input) {
    inputs.add(input);
  }

  void propose(long expectedTerm, byte[] payload, CompletableFuture<ProposalOutcome> future) {
    lastNumber++;
    proposals.add(lastNumber, future);
    inputs.add(new Input.Proposed(lastNumber, expectedTerm, payload));
  }

  void read(CompletableFuture<ReadOutcome> future) {
    lastNumber++;
    reads.put(lastNumber, future);
    inputs.add(new Input.ReadRequested(lastNumber));
  }

  /** A batch is durable: what was promised for then goes out first. */
  void durable(List<AppendToLog> batch) {
    for (AppendToLog write : batch) {
      for (Send send : write.whenDurable()) {
        transport.send(send.to(), send.message());
      }
    }
    inputs.add(new Input.LogDurable(batch.get(batch.size() - 1).write()));
  }

  /** Gives the core all inputs gathered, and does what it asks for. */
  void step() {
    long appliedNow = applied.get();
    if (appliedNow > raft.appliedIndex()) {
      inputs.add(new Input.Applied(appliedNow));
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
      transport.send(send.to(), send.message());
    } else if (effect instanceof AppendToLog write) {
      writer.add(write);
    } else if (effect instanceof Effect.Apply apply) {
      apply(apply.entries());
    } else if (effect instanceof Effect.ProposalAppended appended) {
      proposals.placed(appended.proposal(), appended.index(), appended.term());
    } else if (effect instanceof Effect.ProposalRefused refused) {
      proposals.refused(refused.proposal(), new ProposalOutcome.Refused(refused.reason()));
    } else if (effect instanceof Effect.ReadReady ready) {
      takeRead(ready.read()).complete(new ReadOutcome.Ready(ready.index()));
    } else if (effect instanceof Effect.ReadRefused refused) {
      takeRead(refused.read()).complete(new ReadOutcome.Refused(refused.reason()));
    } else {
      changed(((Effect.LeadershipChanged) effect).leadership());
    }
  }

  private void apply(List<Entry> entries) {
    if (entries.get(0).index() == 1) {
      learnClusterId(entries.get(0));
      transport.clusterId(Objects.requireNonNull(clusterId));
    }
    machine.committed(entries);
    for (Entry entry : entries) {
      proposals.committed(entry);
    }
  }

  private void learnClusterId(Entry first) {
    UUID committed = ClusterId.of(first);
    UUID configured = config.clusterId();
    if (configured != null && !configured.equals(committed)) {
      throw new ClusterMismatchException(config.nodeId(), configured, committed);
    }
    clusterId = committed;
  }

  private void changed(Leadership now) {
    Leadership before = leadership;
    leadership = now;
    if (now.isLeader() && !before.isLeader()) {
      LOG.info("node {} leads in term {}", config.nodeId(), now.term());
    } else if (before.isLeader() && !now.isLeader()) {
      LOG.info("node {} no longer leads; the term is {}", config.nodeId(), now.term());
    }
    if (!now.isLeader() && now.leaderId() != 0 && now.leaderId() != before.leaderId()) {
      LOG.info("node {} follows node {} in term {}", config.nodeId(), now.leaderId(), now.term());
    }
    machine.leadership(now);
  }

  private CompletableFuture<ReadOutcome> takeRead(long number) {
    CompletableFuture<ReadOutcome> future = reads.remove(number);
    if (future == null) {
      throw new InvariantViolation("no read " + number);
    }
    return future;
  }

  // ---- end

  /** The node stops: fails all that waits. */
  void stop(RaftStoppedException why) {
    leadership = new Leadership(Role.FOLLOWER, raft.leadership().term(), 0, false);
    status = newStatus(why.getCause());
    List<CompletableFuture<?>> waiting = new ArrayList<>(proposals.drain());
    waiting.addAll(reads.values());
    reads.clear();
    waiting.forEach(future -> future.completeExceptionally(why));
  }

  // ---- from any thread

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
        last.failure());
  }

  private RaftStatus newStatus(@Nullable Throwable failure) {
    return new RaftStatus(
        config.nodeId(),
        clusterId,
        raft.leadership(),
        raft.firstIndex(),
        raft.lastIndex(),
        raft.committedIndex(),
        applied.get(),
        writer.sizeBytes(),
        failure);
  }
}
