package dev.balsa.raft.model;

import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.Limits;
import dev.balsa.raft.core.SnapshotMark;
import dev.balsa.raft.sim.Cores;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All states of single nodes that were met, all messages, and what each step of a node led to. The
 * core is a function of its state and input: so what it does in a state is computed once, however
 * many states of the cluster hold that state of the node.
 */
final class NodeSteps {
  private static final UUID CLUSTER = new UUID(1, 1);
  private static final int HEARTBEAT_TICKS = 1;
  private final Bounds bounds;
  private final Cores cores;
  private final Symmetry symmetry;
  private final int electionTicks;
  private final List<ModelNode> nodes = new ArrayList<>();
  private final Map<Fingerprint.Id, Integer> numberOfNode = new HashMap<>();
  private final List<Packet> packets = new ArrayList<>();
  private final List<Fingerprint> packetPrints = new ArrayList<>();
  private final Map<Packet, Integer> numberOfPacket = new HashMap<>();
  private final List<Step> steps = new ArrayList<>();
  private final LongIntTable numberOfStep = new LongIntTable();

  /**
   * What a step led to.
   *
   * @param node number of the node's state after it
   * @param sent numbers of the messages sent
   * @param failure why the core stopped, null if it did not; all else is then void
   */
  @SuppressWarnings("ArrayRecordComponent") // never modified, never compared
  record Step(int node, int[] sent, List<Happening> happenings, @Nullable String failure) {}

  NodeSteps(Bounds bounds, Cores cores, Symmetry symmetry) {
    this.bounds = bounds;
    this.cores = cores;
    this.symmetry = symmetry;
    this.electionTicks = bounds.timePassesAlike() ? bounds.leaseTicks() + 1 : 2;
  }

  private CoreConfig config(int id) {
    return new CoreConfig(
        id,
        bounds.initial(),
        CLUSTER,
        HEARTBEAT_TICKS,
        electionTicks,
        bounds.leaseTicks(),
        limits());
  }

  private Limits limits() {
    int messageBytesMax = bounds.has(Bounds.Feature.SMALL_MESSAGES) ? 1 : 1 << 16;
    return new Limits(messageBytesMax, 2, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 0, 1, 1);
  }

  private FingerprintSink sink() {
    return new FingerprintSink(
        symmetry,
        bounds.timePassesAlike() ? FingerprintSink.Clocks.COUNT : FingerprintSink.Clocks.IGNORED);
  }

  /** Number of the state in which a node starts. */
  int initial(int id) {
    return number(new NodeRun(bounds, config(id), cores).end(sink()));
  }

  ModelNode node(int number) {
    return nodes.get(number);
  }

  int nodeStates() {
    return nodes.size();
  }

  int messages() {
    return packets.size();
  }

  int stepsRun() {
    return steps.size();
  }

  Packet packet(int number) {
    return packets.get(number);
  }

  Fingerprint packetPrint(int number) {
    return packetPrints.get(number);
  }

  private int number(ModelNode node) {
    Integer known = numberOfNode.putIfAbsent(node.fingerprint.id(), nodes.size());
    if (known != null) {
      return known;
    }
    nodes.add(node);
    return nodes.size() - 1;
  }

  private int number(Packet packet) {
    Integer known = numberOfPacket.putIfAbsent(packet, packets.size());
    if (known != null) {
      return known;
    }
    FingerprintSink sink = sink();
    packet.describe(sink);
    packets.add(packet);
    packetPrints.add(sink.take());
    return packets.size() - 1;
  }

  /** What an act leads to in a node's state. */
  Step step(int node, int act) {
    long key = (long) node << 32 | (act & 0xffffffffL);
    int known = numberOfStep.get(key);
    if (known >= 0) {
      return steps.get(known);
    }
    Step step = run(node, act);
    numberOfStep.put(key, steps.size());
    steps.add(step);
    return step;
  }

  private Step run(int number, int act) {
    ModelNode node = nodes.get(number);
    NodeRun run = new NodeRun(bounds, config(node.id), cores, node);
    ModelNode after;
    try {
      perform(run, node, Act.kind(act), Act.argument(act));
      after = run.end(sink());
    } catch (InvariantViolation | IllegalArgumentException stopped) {
      return new Step(number, new int[0], List.of(), Objects.toString(stopped.getMessage()));
    }
    int[] sent = run.sent().stream().mapToInt(this::number).distinct().toArray();
    return new Step(number(after), sent, List.copyOf(run.happenings()), null);
  }

  private void perform(NodeRun run, ModelNode node, Act.Kind kind, int argument) {
    switch (kind) {
      case DELIVER -> run.deliver(packets.get(argument));
      case TIME_OUT -> run.timeOut();
      case EXPIRE -> run.ticks(electionTicks);
      case TICK -> run.ticks(1);
      case STALL -> run.loseTime();
      case FORCE -> run.force(false);
      case FORCE_ALL -> run.force(true);
      case CRASH -> run.crash(Act.writesKept(argument), Act.entriesKept(argument));
      case PROPOSE -> run.propose(argument);
      case READ -> run.read(argument);
      case LEASE_READ -> run.leaseRead(argument);
      case APPLY -> run.apply();
      case SNAPSHOT -> run.snapshot(markAt(node, node.applied));
      case TRANSFER -> run.transfer(argument);
      case CONFIGURE -> run.configure(argument);
      default -> throw new AssertionError(kind + " concerns more than one node");
    }
  }

  private static SnapshotMark markAt(ModelNode node, long index) {
    return new SnapshotMark(index, node.raft.termAt(index), node.raft.configuration());
  }
}
