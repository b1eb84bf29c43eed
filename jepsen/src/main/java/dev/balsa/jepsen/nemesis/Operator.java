package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.cluster.ClusterException;
import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.sut.SutClient;
import dev.balsa.raft.core.MemberRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Changes the members of a cluster as its operator would: by asking whoever leads, again and again
 * while that fails, since other faults may be going on. What is under way and could not be finished
 * is gone on with later.
 */
final class Operator {
  private static final Duration CALL = Duration.ofSeconds(3);
  private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Cluster cluster;
  private final Victims victims;

  /** Nodes that are to be voters and are not yet, with the role that each certainly has. */
  private final Map<Long, Joining> joining = new LinkedHashMap<>();

  /** Members that are to leave. */
  private final List<Long> leaving = new ArrayList<>();

  private String lastAnswer = "nothing was asked";

  private enum Joining {
    NEW,
    STANDBY
  }

  Operator(Cluster cluster) {
    this.cluster = cluster;
    this.victims = new Victims(cluster);
  }

  /**
   * Starts a new node, which is to become a voter.
   *
   * @param beside a node: the new one's data is to lie beside that one's
   */
  long join(long beside) throws IOException {
    Path folder = cluster.dataFolder(beside).path().getParent();
    long node = cluster.addNode(Files.createTempDirectory(folder, "node-"));
    joining.put(node, Joining.NEW);
    return node;
  }

  /** A member is to be removed, once those that join are voters; then its process and data go. */
  void leave(long node) {
    leaving.add(node);
  }

  /** Goes on with what is under way; returns whether nothing is any more. */
  boolean finish(Duration guard) throws IOException {
    long deadline = System.nanoTime() + guard.toNanos();
    return admitJoining(deadline) && removeLeaving(deadline);
  }

  /** As {@link #finish}, but it must succeed. */
  void requireFinish(Duration guard) throws IOException {
    if (!finish(guard)) {
      throw new ClusterException(
          "within "
              + guard.toSeconds()
              + " s the members could not be changed (joining "
              + joining
              + ", leaving "
              + leaving
              + "); the last answer: "
              + lastAnswer);
    }
  }

  private boolean admitJoining(long deadline) {
    for (long node : List.copyOf(joining.keySet())) {
      String address = cluster.address(node);
      if (joining.get(node) == Joining.NEW) {
        if (!ask(leader -> leader.setMember(node, MemberRole.STANDBY, address, CALL), deadline)) {
          return false;
        }
        joining.put(node, Joining.STANDBY);
      }
      if (!ask(leader -> leader.setMember(node, MemberRole.VOTER, address, CALL), deadline)) {
        return false;
      }
      joining.remove(node);
    }
    return true;
  }

  private boolean removeLeaving(long deadline) throws IOException {
    for (long node : List.copyOf(leaving)) {
      if (!ask(leader -> leader.removeMember(node, CALL), deadline)) {
        return false;
      }
      leaving.remove(node);
      Path data = cluster.dataFolder(node).path();
      cluster.forgetNode(node);
      deleteAll(data);
    }
    return true;
  }

  /** Asks whoever leads until it says that it is done. Each of these changes may be repeated. */
  private boolean ask(Function<SutClient, Outcome> order, long deadline) {
    while (true) {
      long leader = victims.leader();
      if (leader != 0) {
        try (SutClient client = cluster.client(leader)) {
          Outcome outcome = order.apply(client);
          if (outcome instanceof Outcome.Ok) {
            return true;
          }
          lastAnswer = outcome.toString();
        }
      }
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(AGAIN_NANOS);
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
