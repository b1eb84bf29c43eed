package dev.balsa.fsm;

import dev.balsa.raft.Leadership;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Limits;
import dev.balsa.raft.core.Message;
import dev.balsa.sqlite.vfs.TestVfs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/** Three nodes and a network between them, and all that goes wrong with them. */
final class SimCluster {
  static final String DATABASE = "app.db";
  static final String DROPPED = "dropped.db";
  static final UUID CLUSTER_ID = new UUID(1, 1);
  static final long TICK_NANOS = 10_000_000;
  private static final long MILLI = 1_000_000;

  /** Messages that were late have come by then, and nobody stands any more. */
  private static final long SETTLING_NANOS = 500 * MILLI;

  private static final int NODES = 3;
  private static final int PAGE_SIZE = 512;
  private static final int[] ENTRY_BYTES_MAX = {2048, 2048, 8192, 65536};
  private static final CheckpointPolicy CHECKPOINTS =
      new CheckpointPolicy(12, 20, 1L << 40, 60, 1000, Duration.ofHours(1));
  private static final Limits RAFT_LIMITS =
      new Limits(8192, 8, 64 << 10, 48 << 10, 1 << 20, 32 << 10, 16 << 10, 2048, 3);

  private final SimScheduler scheduler;
  private final TestVfs vfs;
  private final Path root;
  private final Function<SimThreads, EngineDecisions> decisions;
  private final SimTotals totals = new SimTotals();
  private final SimLedger ledger = new SimLedger();
  private final List<SimNode> nodes = new ArrayList<>();
  private final boolean[][] cut = new boolean[NODES][NODES];
  private final PipelineLimits limits;
  private final int entryBytesMax;
  private long mendedAt;
  private boolean faulty;
  private boolean slowDisks;
  private boolean underLoad;

  SimCluster(
      SimScheduler scheduler,
      TestVfs vfs,
      Path root,
      Function<SimThreads, EngineDecisions> decisions) {
    this.scheduler = scheduler;
    this.vfs = vfs;
    this.root = root;
    this.decisions = decisions;
    this.limits = new PipelineLimits(1 + scheduler.draw(4), 200_000);
    this.entryBytesMax = ENTRY_BYTES_MAX[scheduler.draw(ENTRY_BYTES_MAX.length)];
    for (long id = 1; id <= NODES; id++) {
      nodes.add(
          new SimNode(
              this,
              new CoreConfig(
                  id,
                  Configuration.ofVoters(List.of(1L, 2L, 3L)),
                  CLUSTER_ID,
                  3,
                  15,
                  0,
                  RAFT_LIMITS)));
    }
  }

  SimScheduler scheduler() {
    return scheduler;
  }

  TestVfs vfs() {
    return vfs;
  }

  Path root() {
    return root;
  }

  SimTotals totals() {
    return totals;
  }

  SimLedger ledger() {
    return ledger;
  }

  List<SimNode> nodes() {
    return nodes;
  }

  SimNode node(long id) {
    return nodes.get((int) id - 1);
  }

  EngineDecisions decisions(SimThreads threads) {
    return decisions.apply(threads);
  }

  PipelineLimits limits() {
    return limits;
  }

  FsmConfig config(Path folder, String name) {
    return new FsmConfig(folder, PAGE_SIZE, entryBytesMax, name)
        .withCheckpoints(CHECKPOINTS)
        .withActivities(
            kind -> {
              totals.count(kind.name().toLowerCase(java.util.Locale.ROOT) + "s");
              return () -> {};
            });
  }

  /** Whether clients are at work. */
  boolean isUnderLoad() {
    return underLoad;
  }

  void underLoad(boolean load) {
    underLoad = load;
  }

  // ---- network and disks

  void send(long from, Send send) {
    int messages = faulty && scheduler.onceIn(40) ? 2 : 1;
    for (int i = 0; i < messages; i++) {
      if (cut[(int) from - 1][(int) send.to() - 1] || (faulty && scheduler.onceIn(30))) {
        continue;
      }
      long delay = scheduler.draw(50_000L, MILLI);
      if (faulty && scheduler.onceIn(30)) {
        delay += scheduler.draw(0L, 60 * MILLI);
      }
      Message message = send.message();
      scheduler.after(
          delay,
          from + " to " + send.to() + " " + message.getClass().getSimpleName(),
          () -> node(send.to()).receive(from, message));
    }
  }

  long forceNanos() {
    return slowDisks || (faulty && scheduler.onceIn(50))
        ? scheduler.draw(MILLI, 40 * MILLI)
        : scheduler.draw(20_000L, MILLI / 2);
  }

  // ---- faults

  /** Things go wrong from now on. */
  void begin() {
    faulty = true;
    nextFault();
  }

  private void nextFault() {
    scheduler.after(
        scheduler.draw(20 * MILLI, 700 * MILLI),
        "fault",
        () -> {
          if (faulty) {
            fault();
            nextFault();
          }
        });
  }

  private void fault() {
    SimNode any = nodes.get(scheduler.draw(NODES));
    SimNode leader = nodes.stream().filter(SimNode::isLeader).findAny().orElse(any);
    switch (scheduler.draw(10)) {
      case 0, 1 -> crashSoon(any);
      case 2, 3 -> crashSoon(leader);
      case 4 -> isolate(any);
      case 5, 6 -> isolate(leader);
      case 7 -> {
        cut[scheduler.draw(NODES)][scheduler.draw(NODES)] = true;
        totals.count("one-way cuts");
        scheduler.after(scheduler.draw(50 * MILLI, 800 * MILLI), "mend", this::mend);
      }
      case 8 -> slowDisks = !slowDisks;
      default -> mend();
    }
  }

  private void crashSoon(SimNode node) {
    if (!node.isUp()) {
      return;
    }
    if (scheduler.onceIn(3)) {
      node.crash();
    } else {
      node.fuse(1 + scheduler.draw(60));
    }
    int life = node.life();
    scheduler.after(
        scheduler.draw(0, 200 * MILLI),
        "end of " + node.id(),
        () -> {
          if (node.life() == life) {
            node.crash();
          }
          restartLater(node);
        });
  }

  private void restartLater(SimNode node) {
    scheduler.after(
        scheduler.onceIn(3)
            ? scheduler.draw(MILLI, 3000 * MILLI)
            : scheduler.draw(MILLI, 300 * MILLI),
        "start of " + node.id(),
        () -> start(node));
  }

  private void start(SimNode node) {
    if (node.isUp()) {
      return;
    }
    if (faulty && scheduler.onceIn(4)) {
      node.fuse(1 + scheduler.draw(30)); // in the midst of recovery, mostly
      restartLater(node);
      totals.count("crashes soon after a start");
    }
    node.start();
  }

  private void isolate(SimNode node) {
    totals.count("isolations");
    int at = (int) node.id() - 1;
    for (int other = 0; other < NODES; other++) {
      cut[at][other] = true;
      cut[other][at] = true;
    }
    scheduler.after(scheduler.draw(50 * MILLI, 1500 * MILLI), "mend", this::mend);
  }

  private void mend() {
    for (boolean[] links : cut) {
      java.util.Arrays.fill(links, false);
    }
  }

  /** Nobody reaches anybody; nothing else goes wrong any more. */
  void blackOut() {
    faulty = false;
    for (boolean[] links : cut) {
      java.util.Arrays.fill(links, true);
    }
  }

  /** Nothing goes wrong any more, and all that did is mended. */
  void heal() {
    faulty = false;
    mendedAt = scheduler.now();
    slowDisks = false;
    mend();
    for (SimNode node : nodes) {
      node.fuse(Integer.MIN_VALUE / 2);
      start(node);
    }
  }

  // ---- the simulation

  /** After each step. */
  void look() {
    nodes.forEach(SimNode::look);
  }

  /** The run is over: what still runs is ended. */
  void abandon() {
    nodes.forEach(SimNode::abandon);
  }

  /** Whether any node takes itself for the leader. */
  boolean isLed() {
    return nodes.stream().anyMatch(SimNode::isLeader);
  }

  /** The node that leads, when all is mended. */
  SimNode leader() {
    return nodes.stream()
        .filter(SimNode::isLeader)
        .max(Comparator.comparingLong(node -> node.raft().leadership().term()))
        .orElseThrow(() -> new AssertionError("nobody leads"));
  }

  /** Whether all nodes have all there is. */
  boolean hasConverged() {
    long last = ledger.last();
    return scheduler.now() > mendedAt + SETTLING_NANOS
        && nodes.stream().allMatch(node -> node.isUp() && hasAll(node, last))
        && haveOneLeader();
  }

  private boolean haveOneLeader() {
    Leadership seen = node(1).raft().leadership();
    return seen.leaderId() != 0
        && node(seen.leaderId()).raft().leadership().established()
        && nodes.stream()
            .map(node -> node.raft().leadership())
            .allMatch(each -> each.term() == seen.term() && each.leaderId() == seen.leaderId());
  }

  private static boolean hasAll(SimNode node, long last) {
    return node.raft().raft().lastIndex() == last
        && node.raft().raft().committedIndex() == last
        && node.machine().appliedIndex() == last
        && node.raft().isIdle()
        && node.machine().replicas().stream().allMatch(Database.class::isInstance);
  }
}
