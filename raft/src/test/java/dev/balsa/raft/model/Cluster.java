package dev.balsa.raft.model;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.model.Act.Kind;
import dev.balsa.raft.model.Bounds.Feature;
import dev.balsa.raft.model.Violated.Property;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** All that can happen next in a state of the cluster. */
final class Cluster {
  private static final int SETTLING_IN_FLIGHT = 8;

  private final Bounds bounds;
  private final NodeSteps steps;
  private final Histories histories;
  private final Judge judge;
  private final int size;
  private int inFlightMax;
  private boolean isSettling;
  private int tried;

  /** Takes what comes next. */
  @FunctionalInterface
  interface Visitor {
    /**
     * A state can follow.
     *
     * @param happened what led to it, unique among what can follow: an {@link Act}, and above it
     *     which of the messages then sent are not lost
     */
    void next(ClusterState state, long happened) throws Violated;
  }

  /** A step of the cluster while it is put together. */
  private final class Move {
    final ClusterState from;
    final int[] nodes;
    final List<Integer> sent = new ArrayList<>();
    History history;
    boolean crashed;

    Move(ClusterState from) {
      this.from = from;
      this.nodes = from.nodes();
      this.history = histories.history(from.history());
      this.crashed = from.crashed();
    }

    /** A node's step; false if its core stopped, and that is to be overlooked. */
    boolean step(Kind kind, int node, int argument) throws Violated {
      tried = Act.of(kind, node, argument);
      NodeSteps.Step step = steps.step(nodes[node - 1], tried);
      if (step.failure() != null) {
        judge.check(false, Property.CORE, "node ", node, ": ", step.failure());
        return false;
      }
      nodes[node - 1] = step.node();
      for (Happening happening : step.happenings()) {
        crashed |= happening instanceof Happening.Crashed crash && crash.lostEntries();
      }
      history = histories.after(history, steps.node(step.node()), step, nodes);
      for (int packet : step.sent()) {
        sent.add(packet);
      }
      return true;
    }

    int historyNumber() {
      History before = histories.history(from.history());
      return history.equals(before) ? from.history() : histories.number(history);
    }
  }

  Cluster(Bounds bounds, NodeSteps steps, Histories histories, Judge judge) {
    this.bounds = bounds;
    this.steps = steps;
    this.histories = histories;
    this.judge = judge;
    this.size = bounds.nodes();
    this.inFlightMax = bounds.inFlightMax();
  }

  /** The cluster that has never run. */
  ClusterState initial() {
    int[] nodes = new int[size];
    for (int i = 0; i < size; i++) {
      nodes[i] = steps.initial(i + 1);
    }
    return ClusterState.of(nodes, 0, false, new int[0], 0);
  }

  /**
   * Until told otherwise a first leader is brought about: by more messages, and in its own time.
   */
  void settle(boolean begins) {
    isSettling = begins;
    inFlightMax = begins ? SETTLING_IN_FLIGHT : bounds.inFlightMax();
  }

  /** The last step of a node that was tried. */
  int tried() {
    return tried;
  }

  /** Tells all states that can follow. */
  void follow(ClusterState state, Visitor visitor) throws Violated {
    messages(state, visitor);
    if (bounds.timePassesAlike()) {
      tickAll(state, 0, visitor);
      for (int id = 1; id <= size && bounds.has(Feature.STALLS); id++) {
        tickAll(state, id, visitor);
      }
    }
    for (int id = 1; id <= size; id++) {
      ModelNode node = steps.node(state.node(id - 1));
      disk(state, node, visitor);
      if (node.leads()) {
        lead(state, node, visitor);
      } else if (isSettling || !bounds.timePassesAlike()) {
        wait(state, node, visitor);
      }
      if (node.applied < node.handed) {
        one(state, Kind.APPLY, id, 0, visitor);
      }
      if (bounds.has(Feature.SNAPSHOTS) && node.applied > 0) {
        one(state, Kind.SNAPSHOT, id, 0, visitor);
      }
    }
  }

  private void messages(ClusterState state, Visitor visitor) throws Violated {
    for (int i = 0; i < state.messages(); i++) {
      int packet = state.message(i);
      int to = steps.packet(packet).to();
      if (to <= size) {
        Move move = new Move(state);
        if (move.step(Kind.DELIVER, to, packet)) {
          Kind kind = state.isSecondCopy(i) ? Kind.DELIVER_LAST : Kind.DELIVER;
          end(move, state.messagesWithout(i), Act.of(kind, to, packet), visitor);
          if (kind == Kind.DELIVER && state.secondCopies() < bounds.copiesMax()) {
            int[] words = state.messageWords();
            words[i] |= 1;
            end(move, words, Act.of(Kind.DELIVER_COPY, to, packet), visitor);
          }
        }
      }
      if (state.messages() > bounds.loseAbove()) {
        int lost = state.isSecondCopy(i) ? 1 : 0;
        end(new Move(state), state.messagesWithout(i), Act.of(Kind.LOSE, lost, packet), visitor);
      }
    }
  }

  private void disk(ClusterState state, ModelNode node, Visitor visitor) throws Violated {
    int pending = node.disk.pendingWrites();
    if (pending > 0) {
      one(state, Kind.FORCE, node.id, 0, visitor);
    }
    if (pending > 1) {
      one(state, Kind.FORCE_ALL, node.id, 0, visitor);
    }
    if (bounds.has(Feature.CRASHES)) {
      for (int kept = 0; kept <= pending; kept++) {
        one(state, Kind.CRASH, node.id, Act.crash(kept, -1), visitor);
        int ways = bounds.has(Feature.TORN_WRITES) ? node.disk.tornWays(kept) : 0;
        for (int entries = 0; entries < ways; entries++) {
          one(state, Kind.CRASH, node.id, Act.crash(kept, entries), visitor);
        }
      }
    }
  }

  private void lead(ClusterState state, ModelNode node, Visitor visitor) throws Violated {
    if (bounds.has(Feature.HEARTBEATS) && !bounds.timePassesAlike()) {
      one(state, Kind.TICK, node.id, 0, visitor);
    }
    if (bounds.has(Feature.PROPOSALS) && node.lastIndex() < bounds.indexMax()) {
      one(state, Kind.PROPOSE, node.id, freshPayload(state, node), visitor);
    }
    if (bounds.has(Feature.TRANSFERS)) {
      for (int target = 1; target <= size; target++) {
        if (target != node.id) {
          one(state, Kind.TRANSFER, node.id, target, visitor);
        }
      }
    }
    if (node.lastIndex() < bounds.indexMax()) {
      for (int target = 0; target < bounds.targets().size(); target++) {
        one(state, Kind.CONFIGURE, node.id, target, visitor);
      }
    }
    History history = histories.history(state.history());
    if (history.reads().size() < bounds.readsMax()) {
      read(state, node, history, visitor);
    }
  }

  private void read(ClusterState state, ModelNode node, History history, Visitor visitor)
      throws Violated {
    int number = 1;
    while (history.reads().containsKey(number)) {
      number++;
    }
    Kind kind = bounds.leaseTicks() > 0 ? Kind.LEASE_READ : Kind.READ;
    Move move = new Move(state);
    move.history = history.withRead(number, new History.Read(node.id, history.committed().size()));
    if (move.step(kind, node.id, number)) {
      end(move, state.messageWords(), Act.of(kind, node.id, number), visitor);
    }
  }

  /** A payload that no other entry of that index and term has: 0 unless a core is broken. */
  private int freshPayload(ClusterState state, ModelNode leader) {
    long index = leader.lastIndex() + 1;
    long used = 0;
    for (int i = 0; i < size; i++) {
      ModelNode node = steps.node(state.node(i));
      if (index > node.baseIndex && index <= node.lastIndex()) {
        used |= use(node.entry(index), leader.term);
      }
    }
    for (int i = 0; i < state.messages(); i++) {
      if (steps.packet(state.message(i)).message() instanceof Message.AppendRequest request
          && index > request.prevIndex()
          && index <= request.lastIndex()) {
        used |= use(request.entries().get((int) (index - request.prevIndex() - 1)), leader.term);
      }
    }
    List<Entry> committed = histories.history(state.history()).committed();
    if (index <= committed.size()) {
      used |= use(committed.get((int) index - 1), leader.term);
    }
    return Long.numberOfTrailingZeros(~used);
  }

  private static long use(Entry entry, long term) {
    return entry.term() == term && entry.payload().length == 1 ? 1L << entry.payload()[0] : 0;
  }

  private void wait(ClusterState state, ModelNode node, Visitor visitor) throws Violated {
    if (node.hearsLeader) {
      one(state, Kind.EXPIRE, node.id, 0, visitor);
    }
    if (bounds.has(Feature.PRE_VOTES_TRAVEL)) {
      one(state, Kind.TIME_OUT, node.id, 0, visitor);
    } else {
      campaign(state, node, visitor);
    }
  }

  /**
   * A node's time is up, and enough others grant it a pre-vote before anything else happens. (A
   * pre-vote that is granted changes nothing on the node that grants it.)
   */
  private void campaign(ClusterState state, ModelNode node, Visitor visitor) throws Violated {
    Move move = new Move(state);
    boolean goesOn = move.step(Kind.TIME_OUT, node.id, 0);
    List<Integer> asked = List.copyOf(move.sent);
    for (int request : asked) {
      Packet packet = steps.packet(request);
      if (!goesOn || roleOf(move, node.id) != Role.PRE_CANDIDATE) {
        break;
      }
      if (packet.message() instanceof Message.PreVoteRequest && packet.to() <= size) {
        goesOn = askAtOnce(move, node.id, packet.to(), request);
      }
    }
    if (goesOn && roleOf(move, node.id) == Role.CANDIDATE) {
      move.sent.removeIf(Cluster.this::isPreVote);
      end(move, state.messageWords(), Act.of(Kind.CAMPAIGN, node.id, 0), visitor);
    }
  }

  private boolean askAtOnce(Move move, int from, int to, int request) throws Violated {
    NodeSteps.Step answer = steps.step(move.nodes[to - 1], Act.of(Kind.DELIVER, to, request));
    for (int response : answer.sent()) {
      if (answer.node() == move.nodes[to - 1]
          && steps.packet(response).message() instanceof Message.PreVoteResponse granted
          && granted.granted()) {
        return move.step(Kind.DELIVER, from, response);
      }
    }
    return true;
  }

  private Role roleOf(Move move, int node) {
    return steps.node(move.nodes[node - 1]).role;
  }

  private boolean isPreVote(int packet) {
    Message message = steps.packet(packet).message();
    return message instanceof Message.PreVoteRequest || message instanceof Message.PreVoteResponse;
  }

  /** A tick passes on all nodes, but for one that stands still meanwhile, if any. */
  private void tickAll(ClusterState state, int stalled, Visitor visitor) throws Violated {
    Move move = new Move(state);
    boolean goesOn = true;
    for (int id = 1; id <= size && goesOn; id++) {
      goesOn = move.step(id == stalled ? Kind.STALL : Kind.TICK, id, 0);
    }
    if (goesOn) {
      Kind kind = stalled == 0 ? Kind.TICK_ALL : Kind.STALL;
      end(move, state.messageWords(), Act.of(kind, stalled, 0), visitor);
    }
  }

  private void one(ClusterState state, Kind kind, int node, int argument, Visitor visitor)
      throws Violated {
    Move move = new Move(state);
    if (move.step(kind, node, argument)) {
      end(move, state.messageWords(), Act.of(kind, node, argument), visitor);
    }
  }

  /** What was sent is on its way now; where that is too much, each choice of what is lost. */
  private void end(Move move, int[] before, int act, Visitor visitor) throws Violated {
    for (int number : move.nodes) {
      if (steps.node(number).term > bounds.termMax()) {
        return;
      }
    }
    int[] all = Arrays.copyOf(before, before.length + move.sent.size());
    int[] fresh = new int[move.sent.size()];
    int count = 0;
    for (int packet : move.sent) {
      if (!contains(before, 2 * packet) && !contains(fresh, count, packet)) {
        fresh[count++] = packet;
      }
    }
    int room = Math.max(0, inFlightMax - before.length);
    int kept = Math.min(room, count);
    int history = move.historyNumber();
    for (int mask = 0; mask < 1 << count; mask++) {
      if (Integer.bitCount(mask) == kept) {
        int length = before.length;
        for (int i = 0; i < count; i++) {
          if ((mask >> i & 1) != 0) {
            all[length++] = 2 * fresh[i];
          }
        }
        visitor.next(
            ClusterState.of(move.nodes, history, move.crashed, all, length),
            (long) mask << 32 | (act & 0xffffffffL));
      }
    }
  }

  private static boolean contains(int[] words, int word) {
    return contains(words, words.length, word);
  }

  private static boolean contains(int[] words, int count, int word) {
    for (int i = 0; i < count; i++) {
      if (words[i] == word) {
        return true;
      }
    }
    return false;
  }
}
