package dev.balsa.raft;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.Message;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running node: drives the {@linkplain dev.balsa.raft.core core} on the transport's event loop.
 * Thread-safe.
 *
 * <p>Whatever happens to the node goes through one inbox. The first event that finds the inbox idle
 * schedules a wakeup on the loop; that takes all that has gathered and gives it to the core as one
 * step. So events that arrive together (messages decoded from one read of a socket, proposals of
 * many callers) cost one write to the log and one message to each peer, and an event that arrives
 * alone waits for nothing.
 *
 * <p>Any error of the core, the log or the state machine ends the node for good: it sends nothing
 * more and answers nobody. What it knows may be wrong then, and the others do not need it.
 */
public final class RaftNode implements Consensus, SideChannel, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RaftNode.class);

  /** Events of one wakeup; if there are more, the loop looks after its sockets in between. */
  private static final int EVENTS_PER_WAKEUP_MAX = 1024;

  private final RaftConfig config;
  private final StateMachine machine;
  private final ScheduledExecutorService loop;
  private final LogWriter writer;
  private final ConcurrentLinkedQueue<LoopEvent> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean awake = new AtomicBoolean();
  private final NodeLoop node;
  private final Thread loopThread;
  private @Nullable ScheduledFuture<?> timer;

  /** Set once, on the loop (or when there is no loop any more). */
  private volatile @Nullable RaftStoppedException stopped;

  private volatile @Nullable Throwable failure;

  private RaftNode(
      RaftConfig config,
      LogStore log,
      ClusterIdStore clusterIds,
      Transport transport,
      StateMachine machine,
      Cores cores) {
    this.config = config;
    this.machine = machine;
    this.loop = transport.loop();
    KeptClusterId keptClusterId = new KeptClusterId(clusterIds, config);
    this.writer = new LogWriter(config.nodeId(), log, keptClusterId, config.clock(), new Written());
    record Started(NodeLoop node, Thread loopThread) {}

    Started started =
        onLoop(
            loop,
            () ->
                new Started(
                    new NodeLoop(
                        config,
                        log,
                        clusterIds,
                        keptClusterId,
                        transport,
                        machine,
                        cores,
                        writer,
                        input -> post(new LoopEvent.Happened(input)),
                        this::failFromElsewhere),
                    Thread.currentThread()));
    this.node = started.node;
    this.loopThread = started.loopThread;
  }

  /** What the transport tells. */
  private final class Arrived implements Transport.Receiver {
    @Override
    public void received(long from, Message message) {
      if (message instanceof Message.MachineMessage machineMessage) {
        post(new LoopEvent.MachineMessageArrived(from, machineMessage.payload()));
        return;
      }
      post(new LoopEvent.Happened(new Input.Received(from, message)));
    }

    @Override
    public void gone(long peer) {
      post(new LoopEvent.Gone(peer)); // behind what it had sent
    }
  }

  /** What the log thread tells. */
  private final class Written implements LogWriter.Listener {
    @Override
    public void durable(List<AppendToLog> batch) {
      post(new LoopEvent.Durable(batch));
    }

    @Override
    public void installed(InstallSnapshot snapshot) {
      post(new LoopEvent.Installed(snapshot));
    }

    @Override
    public void storageFull(@Nullable LogFullException why) {
      if (why != null) {
        LOG.warn("node {} can't write: {}", config.nodeId(), why.getMessage());
      } else {
        LOG.info("node {} can write again", config.nodeId());
      }
      post(new LoopEvent.Happened(new Input.StorageFull(why != null)));
    }

    @Override
    public void failed(Throwable cause) {
      failFromElsewhere(cause);
    }
  }

  /**
   * Starts a node whose log is never compacted, since its state machine has no {@linkplain
   * StateMachine#snapshots snapshots}. See {@link #start(RaftConfig, LogStore, ClusterIdStore,
   * Transport, StateMachine)}.
   */
  public static RaftNode start(
      RaftConfig config, LogStore log, Transport transport, StateMachine machine) {
    return start(config, log, ClusterIdStore.none(), transport, machine);
  }

  /**
   * Starts a node on what its log holds. The node takes over the transport, which has not been
   * started yet; it closes neither the transport nor the log.
   *
   * @param clusterIds where the node keeps the cluster's id beside its log
   * @throws ClusterMismatchException if the log is one of another cluster than the configured one
   * @throws RuntimeException what the log, the transport or the state machine threw
   */
  public static RaftNode start(
      RaftConfig config,
      LogStore log,
      ClusterIdStore clusterIds,
      Transport transport,
      StateMachine machine) {
    return start(config, log, clusterIds, transport, machine, Cores.SOUND);
  }

  /** As above, with another core: for tests. */
  static RaftNode start(
      RaftConfig config,
      LogStore log,
      ClusterIdStore clusterIds,
      Transport transport,
      StateMachine machine,
      Cores cores) {
    RaftNode node = new RaftNode(config, log, clusterIds, transport, machine, cores);
    node.run(transport);
    return node;
  }

  private void run(Transport transport) {
    try {
      onLoop(
          loop,
          () -> {
            node.begin();
            return this;
          });
      transport.start(new Arrived());
    } catch (Throwable t) {
      close();
      throw t;
    }
    onLoop(
        loop,
        () -> {
          startTimer();
          wakeup(); // gives the state machine what is known committed
          return this;
        });
  }

  private void startTimer() {
    long tickNanos = config.tick().toNanos();
    timer = loop.scheduleWithFixedDelay(this::schedule, tickNanos, tickNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public CompletableFuture<ProposalOutcome> propose(long expectedTerm, byte[] payload) {
    if (payload.length > Entry.PAYLOAD_BYTES_MAX) {
      throw new IllegalArgumentException(
          "payload of " + payload.length + " bytes, at most " + Entry.PAYLOAD_BYTES_MAX);
    }
    CompletableFuture<ProposalOutcome> future = new CompletableFuture<>();
    post(new LoopEvent.Propose(expectedTerm, payload, future));
    return future;
  }

  @Override
  public CompletableFuture<ReadOutcome> readIndex() {
    CompletableFuture<ReadOutcome> future = new CompletableFuture<>();
    post(new LoopEvent.Read(future));
    return future;
  }

  @Override
  public CompletableFuture<ReadOutcome> readLease() {
    CompletableFuture<ReadOutcome> future = new CompletableFuture<>();
    post(new LoopEvent.LeaseRead(future));
    return future;
  }

  @Override
  public CompletableFuture<ReadOutcome> leaderReadIndex() {
    CompletableFuture<ReadOutcome> future = new CompletableFuture<>();
    post(new LoopEvent.LeaderRead(future));
    return future;
  }

  @Override
  public @Nullable UUID clusterId() {
    return node.clusterId();
  }

  /**
   * Changes who belongs to the cluster, and in which role (thesis 4). One change is under way at a
   * time. Where the set of voters changes, the cluster goes through a joint configuration and
   * leaves it by itself, also if another node leads by then.
   *
   * @param expectedTerm the only term in which the change may begin
   * @param target the new configuration, not joint; made from {@link RaftStatus#configuration} by
   *     {@link Configuration#with} and {@link Configuration#without}. A node becomes a standby
   *     first, and a voter once it has caught up.
   * @return completes on the event loop, once the outcome is certain; fails as the future of {@link
   *     #propose} does
   */
  public CompletableFuture<MembershipOutcome> changeMembership(
      long expectedTerm, Configuration target) {
    CompletableFuture<MembershipOutcome> future = new CompletableFuture<>();
    post(new LoopEvent.ChangeMembership(expectedTerm, target, future));
    return future;
  }

  @Override
  public long nodeId() {
    return config.nodeId();
  }

  @Override
  public void send(long to, byte[] payload) {
    if (payload.length > Message.MachineMessage.PAYLOAD_BYTES_MAX) {
      throw new IllegalArgumentException(
          payload.length
              + " bytes to another state machine, at most "
              + Message.MachineMessage.PAYLOAD_BYTES_MAX);
    }
    post(new LoopEvent.SendToMachine(to, payload));
  }

  @Override
  public CompletableFuture<TransferOutcome> transferLeadership(long target) {
    CompletableFuture<TransferOutcome> future = new CompletableFuture<>();
    post(new LoopEvent.Transfer(target, future));
    return future;
  }

  @Override
  public Leadership leadership() {
    return node.leadership();
  }

  /** The node's present state. After the node has stopped, its last. */
  public RaftStatus status() {
    return node.status();
  }

  // ---- the inbox

  /** Hands an event to the loop. From any thread. */
  private void post(LoopEvent event) {
    inbox.add(event);
    RaftStoppedException why = stopped;
    if (why != null) {
      discardInbox(why); // whoever stopped the node may have emptied the inbox before
    } else {
      schedule();
    }
  }

  private void schedule() {
    if (awake.compareAndSet(false, true)) {
      try {
        loop.execute(this::wakeup);
      } catch (RejectedExecutionException e) {
        // The transport was closed first: there is no loop any more.
        awake.set(false); // before the inbox is emptied: who adds later tries anew
        discardInbox(
            new RaftStoppedException("node " + config.nodeId() + " has lost its event loop", e));
      }
    }
  }

  private void wakeup() {
    RaftStoppedException why = stopped;
    if (why == null) {
      try {
        takeAll();
      } catch (Throwable t) {
        fail(t);
        return; // nothing is scheduled any more: whoever posts empties the inbox
      }
    }
    awake.set(false); // before the inbox is looked at: what comes later schedules anew
    if (why != null) {
      discardInbox(why);
    } else if (!inbox.isEmpty()) {
      schedule();
    }
  }

  /**
   * Takes what has gathered, and what that calls forth: who is told of a commitment may propose at
   * once, and that goes out with the rest.
   */
  private void takeAll() {
    node.countTime(); // before the messages: a heartbeat is good for what comes after it
    int events = 0;
    do {
      LoopEvent event;
      while (events < EVENTS_PER_WAKEUP_MAX && (event = inbox.poll()) != null) {
        event.tell(node);
        events++;
      }
      node.step();
    } while (events < EVENTS_PER_WAKEUP_MAX && stopped == null && !inbox.isEmpty());
  }

  private void discardInbox(RaftStoppedException why) {
    for (LoopEvent event = inbox.poll(); event != null; event = inbox.poll()) {
      if (event instanceof LoopEvent.Request request) {
        request.future().completeExceptionally(why);
      }
    }
  }

  // ---- the end

  private void failFromElsewhere(Throwable cause) {
    try {
      loop.execute(() -> fail(cause));
    } catch (RejectedExecutionException e) {
      LOG.error("node {} has failed while it was closed", config.nodeId(), cause);
    }
  }

  /** On the loop. */
  private void fail(Throwable cause) {
    if (stopped != null) {
      return;
    }
    LOG.error("node {} has failed and does nothing more", config.nodeId(), cause);
    failure = cause;
    stop(new RaftStoppedException("node " + config.nodeId() + " has failed", cause));
  }

  /** On the loop, or after its end. */
  private void stop(RaftStoppedException why) {
    if (stopped != null) {
      return;
    }
    stopped = why;
    if (timer != null) {
      timer.cancel(false);
    }
    writer.stop();
    Throwable cause = failure;
    if (cause != null) {
      try {
        machine.failed(cause);
      } catch (Throwable t) {
        LOG.error("node {}: the state machine failed to stop", config.nodeId(), t);
      }
    }
    node.stop(why);
    discardInbox(why);
  }

  /**
   * Stops the node and waits until its threads have ended. Pending futures fail with {@link
   * RaftStoppedException}. Leaves the log and the transport to be closed by the caller. Idempotent.
   */
  @Override
  public void close() {
    RaftStoppedException why =
        new RaftStoppedException("node " + config.nodeId() + " is closed", null);
    if (Thread.currentThread() == loopThread) {
      stop(why);
    } else {
      try {
        onLoop(
            loop,
            () -> {
              stop(why);
              return this;
            });
      } catch (RejectedExecutionException e) {
        stop(why); // there is no loop any more that could run it
      }
    }
    writer.join();
    node.join();
  }

  /**
   * Runs something on the loop and waits for it.
   *
   * @throws RejectedExecutionException if the loop has ended
   */
  private static <T> T onLoop(ScheduledExecutorService loop, Callable<T> work) {
    boolean interrupted = false;
    try {
      Future<T> result = loop.submit(work);
      while (true) {
        try {
          return result.get(100, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (TimeoutException e) {
          if (loop.isTerminated() && !result.isDone()) {
            throw new RejectedExecutionException("the event loop has ended", e);
          }
        } catch (ExecutionException e) {
          throw rethrown(e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** What the loop threw, as it was. */
  private static RuntimeException rethrown(ExecutionException e) {
    Throwable cause = e.getCause();
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof RuntimeException exception) {
      return exception;
    }
    return new IllegalStateException(cause);
  }
}
