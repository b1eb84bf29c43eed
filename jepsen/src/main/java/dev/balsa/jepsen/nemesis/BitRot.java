package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.cluster.ClusterException;
import dev.balsa.jepsen.sut.SutNode;
import dev.balsa.node.StartFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/**
 * Bits flip in the files of fewer than a majority of the nodes, while these run or are down. A node
 * must heal its database, or refuse to start on its log; then it is replaced by a new node, as its
 * operator would.
 *
 * <p>While a node runs, pages that it reads are not checked against its hashes before the scrub
 * comes to them. So only such damage is done to a database in use as SQLite itself notices, and not
 * on the leader, which would replicate what it makes of them. What a node holds when it starts is
 * checked as a whole: any bit may have flipped.
 *
 * <p>In the log only the first half is concerned: damage of the latest batch before a crash cannot
 * be told from a write that the crash has torn, as the product's documents say.
 */
final class BitRot implements Fault {
  private static final Duration HEAL = Duration.ofSeconds(90);
  private static final Duration START = Duration.ofSeconds(60);
  private static final int FLIPS_MAX = 4;

  /** Exit codes of nodes that refuse a log: of an unknown format, or damaged. */
  private static final List<Integer> REFUSALS =
      List.of(StartFailure.UNKNOWN_LOG_FORMAT.exitCode(), StartFailure.LOG_NOT_USABLE.exitCode());

  /** Where bits flip, and when. */
  enum Kind {
    DATABASE_WHILE_STOPPED,
    DATABASE_WHILE_RUNNING,
    LOG_WHILE_STOPPED,
    LOG_WHILE_RUNNING
  }

  private final List<Kind> kinds;
  private final Cluster cluster;
  private final Victims victims;
  private final Operator operator;
  private final List<Victim> struck = new ArrayList<>();

  private record Victim(long node, Kind kind) {}

  /**
   * Creates it.
   *
   * @param kinds one of them is drawn each time
   */
  BitRot(List<Kind> kinds, Cluster cluster) {
    this.kinds = kinds;
    this.cluster = cluster;
    this.victims = new Victims(cluster);
    this.operator = new Operator(cluster);
  }

  @Override
  public String name() {
    return "bit-rot";
  }

  @Override
  public Optional<String> missing() {
    return cluster.nodes().size() < 3
        ? Optional.of("bit-rot needs 3 nodes or more: others have to be intact")
        : Optional.empty();
  }

  @Override
  public List<String> excusedLogLines() {
    return Excuses.ofBitRot();
  }

  @Override
  public String begin(RandomGenerator random) throws IOException {
    Kind kind = kinds.get(random.nextInt(kinds.size()));
    long leader = victims.leader();
    List<Long> nodes = new ArrayList<>(victims.choose(Choice.MINORITY, random));
    if (kind == Kind.DATABASE_WHILE_RUNNING) {
      nodes.remove(leader);
    }
    StringBuilder done = new StringBuilder();
    for (long node : cluster.processes().running(nodes)) {
      struck.add(new Victim(node, kind));
      done.append("node ").append(node).append(": ").append(strike(node, kind, random));
    }
    return done.isEmpty() ? "nothing: only the leader was drawn, or none runs" : done.toString();
  }

  private String strike(long node, Kind kind, RandomGenerator random) throws IOException {
    Path database = cluster.dataFolder(node).database(SutNode.DATABASE);
    Path log = cluster.dataFolder(node).log();
    return switch (kind) {
      case DATABASE_WHILE_STOPPED -> {
        // Killed: a node that was closed in order trusts main files that look untouched.
        cluster.kill(List.of(node));
        String done = Flips.anywhere(database, 1 + random.nextInt(FLIPS_MAX), random);
        cluster.start(List.of(node));
        yield "while it was down, " + done;
      }
      case DATABASE_WHILE_RUNNING -> Flips.noticeable(database, random);
      case LOG_WHILE_STOPPED -> {
        // Closed in order: so it knows how far its log was durable.
        cluster.processes().stop(List.of(node));
        String done = Flips.early(log, random);
        cluster.startDoubtful(List.of(node));
        yield "while it was down, " + done;
      }
      case LOG_WHILE_RUNNING -> {
        cluster.processes().expectEnds(List.of(node));
        yield Flips.early(log, random);
      }
    };
  }

  @Override
  public String end() throws IOException, InterruptedException {
    StringBuilder done = new StringBuilder();
    for (Victim victim : List.copyOf(struck)) {
      done.append("node ").append(victim.node()).append(' ').append(repair(victim)).append("; ");
      struck.remove(victim);
    }
    operator.requireFinish(HEAL);
    return done + "all serve";
  }

  private String repair(Victim victim) throws IOException, InterruptedException {
    long node = victim.node();
    if (!cluster.nodes().contains(node)) {
      return "is no member any more";
    }
    switch (victim.kind()) {
      case DATABASE_WHILE_STOPPED -> {}
      case DATABASE_WHILE_RUNNING -> {
        // A start reads everything, whether the scrub has come there or not.
        cluster.kill(List.of(node));
        cluster.start(List.of(node));
      }
      case LOG_WHILE_STOPPED, LOG_WHILE_RUNNING -> {
        OptionalInt code = cluster.processes().exitCode(node);
        if (victim.kind() == Kind.LOG_WHILE_RUNNING) {
          if (code.isEmpty()) {
            cluster.processes().stop(List.of(node));
          }
          cluster.startDoubtful(List.of(node));
        }
        if (!cluster.processes().awaitServing(node, START)) {
          return replace(node);
        }
        cluster.processes().requireLife(List.of(node));
      }
    }
    if (!cluster.awaitServed(node, HEAL)) {
      throw new ClusterException(
          "node " + node + " does not serve its database again after " + victim.kind());
    }
    return "serves its database";
  }

  private String replace(long node) throws IOException {
    int code = cluster.processes().exitCode(node).orElse(-1);
    if (!REFUSALS.contains(code)) {
      cluster.processes().report("node " + node + " has a damaged log and ended with " + code);
    }
    long joins = operator.join(node);
    cluster.succeed(node, joins);
    operator.leave(node);
    return "refuses its log (exit code " + code + "), replaced by node " + joins;
  }
}
