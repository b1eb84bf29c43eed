package dev.balsa.raft.sim;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.Limits;
import dev.balsa.raft.core.TraceSink;
import dev.balsa.raft.sim.SimNetwork.Envelope;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A cluster under the control of a test. Nothing happens by itself: time passes, messages arrive
 * and disks are forced when the test says so.
 */
public final class SimCluster {
  /** Heartbeat interval, in ticks. */
  public static final int HEARTBEAT_TICKS = 2;

  /** Minimum election timeout, in ticks. */
  public static final int ELECTION_TICKS = 10;

  /** Small limits, so that they are met often. */
  public static final Limits SMALL_LIMITS = new Limits(400, 3, 900, 1000, 1200, 600);

  private static final UUID CLUSTER_ID = new UUID(11, 22);

  private final SplittableRandom random;
  private final Map<Long, SimNode> nodes = new TreeMap<>();
  private final ClusterInvariants invariants = new ClusterInvariants();
  private final SimNetwork network;
  private long now;
  private long lastNumber;

  /** Starts nodes 1 to {@code size} with empty disks, on a network without faults. */
  public SimCluster(int size, long seed, Limits limits) {
    this(size, seed, limits, id -> TraceSink.none());
  }

  /** Starts nodes whose transitions are traced. */
  public SimCluster(int size, long seed, Limits limits, LongFunction<TraceSink> traces) {
    random = new SplittableRandom(seed);
    network = new SimNetwork(random.split());
    TreeSet<Long> voters = new TreeSet<>();
    for (long id = 1; id <= size; id++) {
      voters.add(id);
    }
    for (long id : voters) {
      CoreConfig config =
          new CoreConfig(
              id,
              Configuration.ofVoters(voters),
              CLUSTER_ID,
              HEARTBEAT_TICKS,
              ELECTION_TICKS,
              0,
              limits);
      SimNode node =
          new SimNode(
              config,
              random.nextLong(),
              (Send send) -> {
                invariants.sent(id, send);
                network.send(now, id, send.to(), send.message());
              },
              invariants,
              traces.apply(id));
      nodes.put(id, node);
      invariants.add(node);
    }
  }

  /** The node with that id. */
  public SimNode node(long id) {
    return Objects.requireNonNull(nodes.get(id));
  }

  /** All nodes, also those that are down. */
  public List<SimNode> nodes() {
    return new ArrayList<>(nodes.values());
  }

  /** The network. */
  public SimNetwork network() {
    return network;
  }

  /** The invariants. */
  public ClusterInvariants invariants() {
    return invariants;
  }

  /** The cluster's virtual time, in ticks. */
  public long now() {
    return now;
  }

  /** A source of randomness for the test's own decisions. */
  public SplittableRandom random() {
    return random;
  }

  /** Time passes by one tick, on the network; nodes are ticked one by one. */
  public void advance() {
    now++;
  }

  /** Delivers what has arrived; several messages for one node may come in one step. */
  public void deliver() {
    for (Envelope envelope : network.arrived(now)) {
      deliver(envelope);
    }
  }

  /** Delivers one message, also late or again. */
  public void deliver(Envelope envelope) {
    SimNode node = node(envelope.to());
    if (node.isUp()) {
      node.step(new Input.Received(envelope.from(), envelope.message()));
    }
  }

  /** Lets messages, disks and state machines work, without time passing, until nothing moves. */
  public void settle() {
    boolean moved = true;
    while (moved) {
      moved = false;
      for (Envelope envelope : network.arrived(now)) {
        deliver(envelope);
        moved = true;
      }
      for (SimNode node : nodes.values()) {
        if (node.isUp() && node.disk().pendingWrites() > 0) {
          node.force(node.disk().pendingWrites());
          moved = true;
        }
        if (node.isUp()) {
          node.reportApplied();
        }
      }
    }
  }

  /** A tick on every running node, then all settles. */
  public void tickAll() {
    now++;
    for (SimNode node : nodes.values()) {
      if (node.isUp()) {
        node.step(new Input.Tick());
      }
    }
    settle();
  }

  /** Lets time pass until a condition holds. */
  public void runUntil(String what, int ticksMax, BooleanSupplier condition) {
    for (int i = 0; i < ticksMax; i++) {
      if (condition.getAsBoolean()) {
        return;
      }
      tickAll();
    }
    if (!condition.getAsBoolean()) {
      throw new AssertionError("not within " + ticksMax + " ticks: " + what + "\n" + this);
    }
  }

  /** Ticks one node, and nothing else, until it asks for votes; then all settles. */
  public void campaign(long id) {
    SimNode node = node(id);
    for (int i = 0; i < 3 * ELECTION_TICKS; i++) {
      node.step(new Input.Tick());
      if (!network.isIdle() || node.disk().pendingWrites() > 0) {
        break;
      }
    }
    settle();
  }

  /** Makes a node the established leader of a cluster at rest; others may have led before. */
  public SimNode elect(long id) {
    SimNode node = node(id);
    for (SimNode other : nodes.values()) {
      if (other.isUp() && other != node) {
        for (int i = 0; i < ELECTION_TICKS && other.leadership().leaderId() != 0; i++) {
          if (other.leadership().leaderId() == other.id()) {
            break;
          }
          // Time passes for followers too, until they would vote again, short of standing.
          other.step(new Input.Tick());
        }
      }
    }
    network.takeAll();
    settle();
    for (int i = 0; i < 10 && !node.isLeader(); i++) {
      campaign(id);
    }
    if (!node.leadership().established()) {
      throw new AssertionError("node " + id + " is not elected: " + node.leadership());
    }
    return node;
  }

  /** The running leader of the highest term, if there is one. */
  public @Nullable SimNode leader() {
    SimNode leader = null;
    for (SimNode node : nodes.values()) {
      if (node.isLeader()
          && (leader == null || node.leadership().term() > leader.leadership().term())) {
        leader = node;
      }
    }
    return leader;
  }

  /** Proposes a command in the node's term; answers with the proposal's number. */
  public long propose(SimNode node, String command) {
    lastNumber++;
    node.step(
        new Input.Proposed(
            lastNumber, node.leadership().term(), command.getBytes(StandardCharsets.UTF_8)));
    return lastNumber;
  }

  /** Asks a node for a linearizable read; answers with the read's number. */
  public long read(SimNode node) {
    lastNumber++;
    invariants.readRequested(lastNumber);
    node.step(new Input.ReadRequested(lastNumber));
    return lastNumber;
  }

  /** Asks a node what a linearizable read must wait for, wherever; answers with its number. */
  public long leaderRead(SimNode node) {
    lastNumber++;
    invariants.readRequested(lastNumber);
    node.step(new Input.LeaderReadRequested(lastNumber));
    return lastNumber;
  }

  /** Whether all nodes run and have applied all that was ever committed. */
  public boolean isConverged() {
    List<Entry> committed = invariants.committed();
    return nodes.values().stream()
        .allMatch(node -> node.isUp() && node.applied().equals(committed));
  }

  /** One line for each node. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("committed " + invariants.committed().size() + "\n");
    for (SimNode node : nodes.values()) {
      text.append(node).append('\n');
    }
    return text.toString();
  }
}
