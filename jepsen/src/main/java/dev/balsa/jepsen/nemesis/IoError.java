package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.cluster.Processes;
import dev.balsa.jepsen.sut.SutNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/**
 * Forces of files fail with {@code EIO}. A node whose log's force has failed must not go on, since
 * what it wrote may or may not be on the disk: its process has to end with {@value
 * SutNode#NODE_FAILED}, which the end of the fault checks. Then it is started again.
 */
final class IoError implements Fault {
  private static final int FIRST_MAX = 3;
  private static final Duration END_MAX = Duration.ofSeconds(15);
  private static final Duration MAY_END_MAX = Duration.ofSeconds(3);

  /** In the paths of the files of the log, and of the databases. */
  private static final String LOG = "/log/";

  private static final String DATABASES = "/databases/";

  private final List<Choice> choices;
  private final Cluster cluster;
  private final Victims victims;
  private final List<Victim> struck = new ArrayList<>();

  private record Victim(long node, long pid, Strace strace) {}

  /**
   * Creates it.
   *
   * @param choices of the nodes: one is drawn each time
   */
  IoError(List<Choice> choices, Cluster cluster) {
    this.choices = List.copyOf(choices);
    this.cluster = cluster;
    this.victims = new Victims(cluster);
  }

  @Override
  public String name() {
    return "io-error";
  }

  @Override
  public Optional<String> missing() {
    return Machine.missingStrace().map(why -> "io-error: " + why);
  }

  @Override
  public List<String> excusedLogLines() {
    return Excuses.ofFailingDisks();
  }

  @Override
  public String begin(RandomGenerator random) throws IOException, InterruptedException {
    Choice choice = choices.get(random.nextInt(choices.size()));
    int first = random.nextInt(1, FIRST_MAX + 1);
    List<Long> nodes = cluster.processes().running(victims.choose(choice, random));
    cluster.processes().expectEnds(nodes);
    for (long node : nodes) {
      long pid = cluster.processes().pid(node);
      struck.add(
          new Victim(
              node, pid, Strace.attach(pid, Strace.FORCES, "error=EIO:when=" + first + "+")));
    }
    String done =
        "each thread's forces fail from number " + first + " on, on " + choice + ": " + nodes;
    if (choice.leavesMajority()) {
      return done;
    }
    Brief.pass(random);
    return done + "; " + end();
  }

  @Override
  public boolean lasts() {
    return !struck.isEmpty();
  }

  @Override
  public String end() throws IOException {
    List<Long> ended = new ArrayList<>();
    List<Long> went = new ArrayList<>();
    for (Victim victim : struck) {
      victim.strace().detach(); // first: no force may fail after the verdict
    }
    for (Victim victim : struck) {
      (hasEnded(victim) ? ended : went).add(victim.node());
      victim.strace().close();
    }
    struck.clear();
    cluster.processes().requireLife(went);
    cluster.start(ended);
    return "forces are possible; ended and started again: " + ended + ", went on: " + went;
  }

  private boolean hasEnded(Victim victim) throws IOException {
    Processes processes = cluster.processes();
    long node = victim.node();
    if (processes.pid(node) != victim.pid()) {
      return true; // something else has ended it, and perhaps started it again
    }
    boolean mustEnd = victim.strace().hasTampered(LOG);
    if (mustEnd || victim.strace().hasTampered(DATABASES)) {
      processes.awaitEnd(node, mustEnd ? END_MAX : MAY_END_MAX);
    }
    OptionalInt code = processes.exitCode(node);
    if (code.isEmpty() && mustEnd) {
      processes.report("node " + node + " goes on, although a force of its log has failed");
    } else if (code.isPresent() && code.getAsInt() != SutNode.NODE_FAILED) {
      processes.report(
          "node " + node + " has ended with " + code.getAsInt() + " by a failed force");
    }
    return code.isPresent();
  }
}
