package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.cluster.Cut;
import dev.balsa.jepsen.cluster.Network;
import dev.balsa.jepsen.cluster.Network.Link;
import dev.balsa.jepsen.sut.SutClient;
import dev.balsa.jepsen.sut.SutStatus;
import dev.balsa.raft.Role;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * What happens in the moment in which a leader is elected is undone, but for what nodes must have
 * on their disks by then: the leader is cut off; the moment that the others have elected another
 * one, that one is stopped (SIGSTOP), and those who voted for it are killed, before anything that
 * it sends arrives, since links are slow. They start again, and the old leader can be reached
 * again. Then there are two ways to go on, by turns.
 *
 * <ul>
 *   <li>The one that stood still goes on at the end, and must find that others have elected a later
 *       leader. A voter that has forgotten its vote could have elected a second one in its term.
 *   <li>The old leader, once it is elected again and commits something, is stopped in its turn; the
 *       other one goes on, and may be elected in a still later term. This is what figure 8 of the
 *       Raft paper (3.7 of the thesis) tells: the old leader must not have committed what it had
 *       from its earlier term before an entry of its new term was on a majority.
 * </ul>
 */
final class TornElection implements Fault {
  private static final int DELAY_MILLIS = 200;
  private static final long ELECTION_NANOS_MAX = TimeUnit.SECONDS.toNanos(15);
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final Cluster cluster;
  private final Victims victims;
  private final List<Link> cut = new ArrayList<>();
  private final List<Link> slow = new ArrayList<>();
  private final List<Long> stopped = new ArrayList<>();
  private List<Long> killed = List.of();
  private boolean goesOn;

  TornElection(Cluster cluster) {
    this.cluster = cluster;
    this.victims = new Victims(cluster);
  }

  @Override
  public String name() {
    return "torn-election";
  }

  @Override
  public Optional<String> missing() {
    if (cluster.nodes().size() < 3) {
      return Optional.of("torn-election needs 3 nodes or more");
    }
    return cluster.network().canDelay()
        ? Optional.empty()
        : Optional.of("torn-election needs a network with slow links (--net proxy)");
  }

  @Override
  public String begin(RandomGenerator random) throws IOException {
    long leader = victims.leader();
    if (leader == 0) {
      return "nothing: nobody leads";
    }
    goesOn = !goesOn;
    List<Long> others = cluster.nodes().stream().filter(node -> node != leader).toList();
    slow.addAll(cluster.network().links());
    cluster.network().delay(slow, DELAY_MILLIS, 0, random.nextLong());
    cutOff(leader);
    long elected = first(others, status -> status.role() == Role.LEADER);
    if (elected == 0) {
      return "cut off " + leader + ", and nobody else was elected; " + end();
    }
    stop(elected);
    killed = others.stream().filter(node -> node != elected).toList();
    cluster.kill(killed);
    long committed = committed(leader);
    cluster.network().heal(cut);
    cut.clear();
    cluster.start(killed);
    String done =
        "cut off " + leader + ", stopped " + elected + " when it was elected, restarted " + killed;
    return goesOn ? done : done + stopAtCommit(leader, committed, elected);
  }

  private String stopAtCommit(long leader, long committed, long elected) throws IOException {
    if (first(List.of(leader), status -> status.commitIndex() > committed) == 0) {
      return "; " + leader + " was not elected again";
    }
    stop(leader);
    cutOff(leader);
    cluster.network().calm(slow);
    slow.clear();
    cluster.resume(List.of(elected));
    stopped.remove(elected);
    return "; stopped " + leader + " when it had committed something; " + elected + " goes on";
  }

  private void stop(long node) throws IOException {
    stopped.add(node);
    cluster.pause(List.of(node));
  }

  private void cutOff(long node) throws IOException {
    Network network = cluster.network();
    cut.addAll(network.links().stream().filter(l -> l.from() == node || l.to() == node).toList());
    network.cut(cut, Cut.SWALLOW);
  }

  private long committed(long node) {
    try (SutClient client = cluster.client(node)) {
      return client.status().map(SutStatus::commitIndex).orElse(0L);
    }
  }

  /** The first of some nodes of which something is true; 0 if time is up before. */
  private long first(List<Long> nodes, Predicate<SutStatus> condition) {
    List<SutClient> clients = nodes.stream().map(cluster::client).toList();
    try {
      long begun = System.nanoTime();
      while (System.nanoTime() - begun < ELECTION_NANOS_MAX) {
        for (int i = 0; i < nodes.size(); i++) {
          if (clients.get(i).status().filter(condition).isPresent()) {
            return nodes.get(i);
          }
        }
        LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      }
      return 0;
    } finally {
      clients.forEach(SutClient::close);
    }
  }

  @Override
  public String end() throws IOException {
    cluster.network().calm(slow);
    cluster.network().heal(cut);
    slow.clear();
    cut.clear();
    cluster.start(killed);
    cluster.resume(stopped);
    String done = stopped + " goes on";
    stopped.clear();
    killed = List.of();
    return done;
  }
}
