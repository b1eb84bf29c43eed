package dev.balsa.jepsen.cluster;

import dev.balsa.jepsen.sut.SutClient;
import dev.balsa.jepsen.sut.SutStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Asks the nodes of a cluster how they are, and waits for what they shall say. Thread-safe. */
final class Watch implements AutoCloseable {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Map<Long, SutClient> watchers = new TreeMap<>();
  private final Supplier<List<String>> problems;

  /**
   * Creates it, of no nodes.
   *
   * @param problems what nodes have done that they should not: then nothing is waited for
   */
  Watch(Supplier<List<String>> problems) {
    this.problems = problems;
  }

  /** A further node, with a client of its own, which is closed with this. */
  void add(long node, SutClient client) {
    synchronized (watchers) {
      watchers.put(node, client);
    }
  }

  void remove(long node) {
    synchronized (watchers) {
      SutClient watcher = watchers.remove(node);
      if (watcher != null) {
        watcher.close();
      }
    }
  }

  /** The states of those nodes that answer. */
  Map<Long, SutStatus> statuses() {
    Map<Long, SutStatus> all = new TreeMap<>();
    synchronized (watchers) {
      watchers.forEach((node, watcher) -> watcher.status().ifPresent(s -> all.put(node, s)));
    }
    return all;
  }

  private int nodes() {
    synchronized (watchers) {
      return watchers.size();
    }
  }

  /** See {@link Cluster#awaitLeader}. */
  long awaitLeader(Duration guard) {
    Map<Long, SutStatus> states = await("a leader", guard, all -> leader(all) != 0);
    return leader(states);
  }

  private long leader(Map<Long, SutStatus> states) {
    for (Map.Entry<Long, SutStatus> state : states.entrySet()) {
      long node = state.getKey();
      long followers =
          states.values().stream()
              .filter(s -> s.leader() == node && s.term() == state.getValue().term())
              .count();
      if (state.getValue().leader() == node && followers > nodes() / 2) {
        return node;
      }
    }
    return 0;
  }

  /** See {@link Cluster#awaitWhole}. */
  void awaitWhole(long upTo, Duration guard) {
    await(
        "all nodes to follow one leader and apply entry " + upTo,
        guard,
        all ->
            isOneCluster(all)
                && all.values().stream().allMatch(s -> s.ready() && s.appliedIndex() >= upTo));
  }

  /** See {@link Cluster#awaitQuiet}. */
  void awaitQuiet(Duration guard) {
    await(
        "all nodes to have applied the same entries",
        guard,
        all ->
            isOneCluster(all)
                && all.values().stream()
                        .flatMap(s -> List.of(s.lastIndex(), s.appliedIndex()).stream())
                        .distinct()
                        .count()
                    == 1);
  }

  private boolean isOneCluster(Map<Long, SutStatus> all) {
    return all.size() == nodes()
        && all.values().stream().map(SutStatus::leader).distinct().count() == 1
        && all.values().stream().map(SutStatus::term).distinct().count() == 1
        && leader(all) != 0;
  }

  /**
   * An interrupt ends it like a guard that is over, and stays, so that nobody who breaks off waits.
   */
  private Map<Long, SutStatus> await(
      String what, Duration guard, Predicate<Map<Long, SutStatus>> condition) {
    long started = System.nanoTime();
    while (true) {
      Map<Long, SutStatus> states = statuses();
      if (condition.test(states)) {
        return states;
      }
      List<String> wrong = problems.get();
      boolean interrupted = Thread.currentThread().isInterrupted();
      if (!wrong.isEmpty() || interrupted || System.nanoTime() - started > guard.toNanos()) {
        String why =
            !wrong.isEmpty()
                ? "no "
                : interrupted
                    ? "interrupted while waiting for "
                    : "waited " + guard.toSeconds() + " s in vain for ";
        throw new ClusterException(why + what + "; " + wrong + states);
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }

  @Override
  public void close() {
    synchronized (watchers) {
      watchers.values().forEach(SutClient::close);
    }
  }
}
