package dev.balsa.raft.model;

import dev.balsa.raft.Role;
import dev.balsa.raft.model.Act.Kind;
import dev.balsa.raft.model.Bounds.Feature;
import dev.balsa.raft.model.Violated.Property;
import dev.balsa.raft.sim.Cores;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Explores the real core breadth-first: all that can happen in a cluster, in all orders, within
 * {@link Bounds}. Every state is checked, and of a violation the shortest way to it is told.
 *
 * <p>States are compared by a 128-bit hash of all on which the future depends ({@link
 * CanonicalHash}), nodes that start alike taken for each other, messages on their way as a set:
 * what is sent once more while it is still on its way is covered by its being delivered twice.
 * Counters and clocks are left out, but for what follows from them.
 */
public final class ModelChecker {
  private final Bounds bounds;
  private final long statesMax;
  private final Cluster cluster;
  private final NodeSteps steps;
  private final CanonicalHash hash;
  private final CanonicalHash orbit;
  private final Invariants invariants;
  private final Histories histories;
  private final HashSet128 known = new HashSet128();
  private final HashSet128 orbits = new HashSet128();
  private boolean countsOrbits;
  private final Map<Reached, Long> reached = new EnumMap<>(Reached.class);

  /** For each state in order of discovery, the one that it was reached from, and how. */
  private int[] parents = new int[1 << 12];

  private long[] happened = new long[1 << 12];
  private int states;

  /** Steps from the cluster that has never run to where exploration began. */
  private int settlingSteps = Integer.MAX_VALUE;

  /** Number of the state whose followers are told next. */
  private int expanded;

  /** Number of the state in which a property does not hold, -1 if it was a step to it. */
  private int violatedState = -1;

  private ArrayDeque<ClusterState> frontier = new ArrayDeque<>();
  private ArrayDeque<ClusterState> nextFrontier = new ArrayDeque<>();
  private int depth;

  /** What states are counted for. */
  public enum Reached {
    /** Nodes are in two or more terms. */
    TWO_TERMS,
    /** Two nodes lead, in different terms. */
    TWO_LEADERS,
    /** On the way there a node lost entries that it had appended and not forced. */
    CRASH_AFTER_UNFORCED_APPEND,
    /** Some entry is committed. */
    COMMITTED,
    /** A node has entries that are not what another has committed. */
    DIVERGED,
    /** A read waits. */
    READ_WAITS,
    /** A node has a joint configuration. */
    JOINT,
    /** A node's log begins after a snapshot. */
    COMPACTED
  }

  /** What stands for the end of a search, thrown to leave the visitor. */
  private static final class Enough extends Violated {
    private static final long serialVersionUID = 1L;

    Enough() {
      super(Property.CORE, "enough");
    }
  }

  /**
   * What was found.
   *
   * @param depth steps to the farthest state from where exploration began
   * @param complete whether there is nothing else within the bounds
   * @param violated the invariant that does not hold, null if all do
   * @param counterexample a shortest way there, empty if there is none
   */
  public record Result(
      Bounds bounds,
      int states,
      int depth,
      boolean complete,
      double seconds,
      int nodeStates,
      int nodeSteps,
      Map<Reached, Long> reached,
      @Nullable String violated,
      String counterexample) {
    long count(Reached what) {
      return reached.getOrDefault(what, 0L);
    }

    @Override
    public String toString() {
      return bounds
          + "\n  "
          + states
          + " states, depth "
          + depth
          + (complete ? ", complete" : "")
          + ", "
          + Math.round(seconds * 10) / 10.0
          + " s, "
          + nodeStates
          + " states of a node, "
          + nodeSteps
          + " steps of the core, "
          + reached
          + (violated == null ? "" : "\n  VIOLATED: " + violated + "\n" + counterexample);
    }
  }

  private ModelChecker(Bounds bounds, Cores cores, long statesMax, Set<Property> ignored) {
    this.bounds = bounds;
    this.statesMax = statesMax;
    Judge judge = new Judge(ignored);
    Symmetry symmetry = new Symmetry(bounds.nodes(), bounds.alike());
    steps = new NodeSteps(bounds, cores, symmetry);
    histories = new Histories(steps, symmetry, judge, bounds.initial());
    cluster = new Cluster(bounds, steps, histories, judge);
    hash = new CanonicalHash(steps, histories, symmetry.folding());
    orbit = new CanonicalHash(steps, histories, symmetry.size());
    invariants = new Invariants(steps, histories, bounds, judge);
  }

  /**
   * Explores.
   *
   * @param statesMax stop when so many different states were found
   * @param ignored properties that are not checked; where the core's own checks are among them, a
   *     node that they would stop does not take that step
   */
  public static Result explore(Bounds bounds, Cores cores, long statesMax, Set<Property> ignored) {
    return new ModelChecker(bounds, cores, statesMax, Set.copyOf(ignored)).run();
  }

  /** Explores the sound core, and checks all properties. */
  public static Result explore(Bounds bounds, long statesMax) {
    return explore(bounds, Cores.SOUND, statesMax, Set.of());
  }

  /**
   * Explores the sound core without bound on the states.
   *
   * @return how many states there are that differ not only in the names of nodes
   */
  static int orbits(Bounds bounds) {
    ModelChecker checker = new ModelChecker(bounds, Cores.SOUND, Integer.MAX_VALUE, Set.of());
    checker.countsOrbits = true;
    checker.run();
    return checker.orbits.size();
  }

  private Result run() {
    long start = System.nanoTime();
    String violated = null;
    String counterexample = "";
    boolean complete = false;
    try {
      begin();
      while (!frontier.isEmpty()) {
        while (!frontier.isEmpty()) {
          int parent = expanded++;
          cluster.follow(frontier.removeFirst(), (state, how) -> found(state, parent, how));
        }
        ArrayDeque<ClusterState> empty = frontier;
        frontier = nextFrontier;
        nextFrontier = empty;
        depth += frontier.isEmpty() ? 0 : 1;
      }
      complete = true;
    } catch (Enough enough) {
      depth++;
    } catch (Violated found) {
      violated = found.property() + ": " + found.getMessage();
      depth++;
      counterexample = transcript(found);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Result(
        bounds,
        states,
        depth,
        complete,
        seconds,
        steps.nodeStates(),
        steps.stepsRun(),
        reached,
        violated,
        counterexample);
  }

  // ---- where exploration begins

  private void begin() throws Violated {
    ClusterState state = cluster.initial();
    boolean fromTheBeginning = bounds.has(Feature.FROM_THE_BEGINNING);
    root(state, 0, fromTheBeginning);
    if (bounds.has(Feature.FROM_A_LEADER)) {
      cluster.settle(true);
      while (!isSettled(state)) {
        expanded = states;
        Onward onward = new Onward(state);
        cluster.follow(state, onward);
        state = onward.next;
        root(state, onward.how, fromTheBeginning || isSettled(state));
      }
    }
    cluster.settle(false);
    settlingSteps = states - 1;
    expanded = states - frontier.size();
  }

  /** The way from the beginning to where exploration begins must be told, too. */
  private void root(ClusterState state, long how, boolean explored) throws Violated {
    if (explored) {
      hash.hash(state);
      known.add(hash.high(), hash.low());
      frontier.add(state);
    }
    record(state, states - 1, how);
  }

  private boolean isSettled(ClusterState state) {
    boolean established = false;
    for (int i = 0; i < state.size(); i++) {
      ModelNode node = steps.node(state.node(i));
      established |= node.established;
      if (node.disk.pendingWrites() > 0 || node.applied < node.handed) {
        return false;
      }
    }
    return established && state.messages() == 0;
  }

  /** Chooses what brings a leader about. */
  private static final class Onward implements Cluster.Visitor {
    private static final List<Kind> ORDER =
        List.of(Kind.FORCE, Kind.APPLY, Kind.DELIVER, Kind.CAMPAIGN, Kind.TIME_OUT, Kind.EXPIRE);

    private ClusterState next;
    private long how;
    private int place = ORDER.size();

    Onward(ClusterState from) {
      next = from;
    }

    @Override
    public void next(ClusterState state, long happenedThen) {
      int candidate = ORDER.indexOf(Act.kind((int) happenedThen));
      if (candidate >= 0 && candidate < place) {
        place = candidate;
        next = state;
        how = happenedThen;
      }
    }
  }

  // ---- what is found

  private void found(ClusterState state, int parent, long how) throws Violated {
    hash.hash(state);
    if (!known.add(hash.high(), hash.low())) {
      return;
    }
    if (countsOrbits) {
      orbit.hash(state);
      orbits.add(orbit.high(), orbit.low());
    }
    record(state, parent, how);
    nextFrontier.add(state);
    if (states >= statesMax) {
      throw new Enough();
    }
  }

  private void record(ClusterState state, int parent, long how) throws Violated {
    if (states == parents.length) {
      int wider = (int) Math.min(Integer.MAX_VALUE - 8L, 3L * states / 2);
      parents = Arrays.copyOf(parents, wider);
      happened = Arrays.copyOf(happened, wider);
    }
    parents[states] = parent;
    happened[states] = how;
    states++;
    count(state);
    violatedState = states - 1;
    invariants.check(state);
    violatedState = -1;
  }

  private void count(ClusterState state) {
    long lowestTerm = Long.MAX_VALUE;
    long highestTerm = 0;
    int leaders = 0;
    History history = histories.history(state.history());
    for (int i = 0; i < state.size(); i++) {
      ModelNode node = steps.node(state.node(i));
      lowestTerm = Math.min(lowestTerm, node.term);
      highestTerm = Math.max(highestTerm, node.term);
      leaders += node.role == Role.LEADER ? 1 : 0;
      count(Reached.JOINT, node.raft.configuration().isJoint());
      count(Reached.COMPACTED, node.baseIndex > 0);
      long both = Math.min(node.lastIndex(), history.committed().size());
      count(
          Reached.DIVERGED,
          both > node.baseIndex && !node.holds(history.committed().get((int) both - 1)));
    }
    count(Reached.TWO_TERMS, highestTerm > lowestTerm);
    count(Reached.TWO_LEADERS, leaders > 1);
    count(Reached.CRASH_AFTER_UNFORCED_APPEND, state.crashed());
    count(Reached.COMMITTED, !history.committed().isEmpty());
    count(Reached.READ_WAITS, !history.reads().isEmpty());
  }

  private void count(Reached what, boolean is) {
    if (is) {
      reached.merge(what, 1L, Long::sum);
    }
  }

  // ---- how it came to that

  private String transcript(Violated violated) {
    List<Long> way = new ArrayList<>();
    int last = violatedState >= 0 ? violatedState : Math.max(0, expanded - 1);
    for (int at = last; at > 0; at = parents[at]) {
      way.add(happened[at]);
    }
    Collections.reverse(way);
    Transcript transcript = new Transcript(cluster, steps);
    transcript.replay(way, settlingSteps);
    if (violatedState < 0) {
      transcript.tried(cluster.tried());
    }
    transcript.line(violated.property() + ": " + violated.getMessage());
    return transcript.text();
  }
}
