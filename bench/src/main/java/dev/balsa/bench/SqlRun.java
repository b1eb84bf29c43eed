package dev.balsa.bench;

import dev.balsa.demo.FreePorts;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The run: three node processes on the loopback address, one of which comes to lead and writes; and
 * the disk's own speed before each load, while the nodes rest.
 */
final class SqlRun implements AutoCloseable {
  private static final int NODES = 3;
  private static final int START_SECONDS_MAX = 60;
  private static final int SLACK_SECONDS = 60;
  private static final int CLOSE_SECONDS_MAX = 20;
  private static final long DISK_NANOS = TimeUnit.MILLISECONDS.toNanos(700);

  private final PrintStream out;
  private final Path folder;
  private final DiskYardstick disk;
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final BlockingQueue<NodeProcess.Said> heard = new LinkedBlockingQueue<>();
  private final Set<Long> ready = new HashSet<>();
  private @Nullable NodeProcess leader;

  private SqlRun(PrintStream out, Path folder, DiskYardstick disk) {
    this.out = out;
    this.folder = folder;
    this.disk = disk;
  }

  /**
   * What is run.
   *
   * @param writers how many at a time, one load after the other
   * @param warmUpMillis how long each runs before it is measured
   * @param millis how long each is measured
   * @param nodeArguments more arguments for the nodes' JVMs
   */
  record Plan(List<Integer> writers, long warmUpMillis, long millis, List<String> nodeArguments) {}

  /** The run could not be finished. */
  static final class FailedException extends Exception {
    private static final long serialVersionUID = 1;

    FailedException(String message) {
      super(message);
    }
  }

  /**
   * Runs, and prints what is measured. No process and no file is left.
   *
   * @param parent a folder on the disk to be measured
   */
  static void run(Plan plan, Path parent, PrintStream out)
      throws IOException, InterruptedException, FailedException {
    try (BenchFolder folder = BenchFolder.make(parent);
        DiskYardstick disk = DiskYardstick.prepare(folder.path(), NODES);
        SqlRun run = new SqlRun(out, folder.path(), disk)) {
      run.start(plan.nodeArguments());
      for (int writers : plan.writers()) {
        run.measure(writers, plan);
      }
    }
  }

  private void start(List<String> jvmArguments)
      throws IOException, InterruptedException, FailedException {
    List<Integer> ports = FreePorts.find(NODES);
    for (int id = 1; id <= NODES; id++) {
      Path data = folder.resolve("node" + id);
      Files.createDirectories(data);
      List<String> arguments = new ArrayList<>();
      arguments.addAll(List.of("--id", Integer.toString(id), "--dir", data.toString()));
      for (int member = 1; member <= NODES; member++) {
        String address = "127.0.0.1:" + ports.get(member - 1);
        arguments.add(member == id ? "--listen" : "--peer");
        arguments.add(member == id ? address : member + "=" + address);
      }
      nodes.add(NodeProcess.start(id, java(jvmArguments, arguments), log(id), heard));
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
    while (ready.size() < NODES || leader == null) {
      hear(deadline);
    }
    out.printf(
        Locale.ROOT,
        "%d nodes on loopback, node %d leads; %d processors, Java %s, data in %s%n",
        NODES,
        leader.id(),
        Runtime.getRuntime().availableProcessors(),
        Runtime.version(),
        folder);
  }

  private static List<String> java(List<String> jvmArguments, List<String> arguments) {
    List<String> java = new ArrayList<>(jvmArguments);
    java.addAll(List.of("-cp", System.getProperty("java.class.path")));
    java.addAll(List.of(BenchCommand.class.getName(), "bench", SqlNodeCommand.NAME));
    java.addAll(arguments);
    return java;
  }

  private void measure(int writers, Plan plan)
      throws IOException, InterruptedException, FailedException {
    double one = disk.forcesPerSecond(1, DISK_NANOS);
    double together = disk.forcesPerSecond(NODES, DISK_NANOS);
    NodeProcess leading = leader;
    if (leading == null) {
      throw new IllegalStateException("no leader");
    }
    leading.tell(SqlNode.LOAD + " " + writers + " " + plan.warmUpMillis() + " " + plan.millis());
    long deadline =
        System.nanoTime()
            + TimeUnit.MILLISECONDS.toNanos(plan.warmUpMillis() + plan.millis())
            + TimeUnit.SECONDS.toNanos(SLACK_SECONDS);
    LoadResult result;
    do {
      result = hear(deadline);
    } while (result == null);
    print(result, one, together);
  }

  private void print(LoadResult result, double one, double together) {
    double tps = result.transactionsPerSecond();
    out.printf(
        Locale.ROOT,
        "%3d writer%s %,.0f transactions/s; latency p50 %.2f ms, p99 %.2f ms%n",
        result.writers(),
        result.writers() == 1 ? ": " : "s:",
        tps,
        result.p50Nanos() / 1e6,
        result.p99Nanos() / 1e6);
    out.printf(
        Locale.ROOT,
        "     this disk: %,.0f fdatasync/s of one file (%.2f transactions for each),"
            + " %,.0f of each of %d files at once%n",
        one,
        tps / one,
        together,
        NODES);
    out.printf(
        Locale.ROOT,
        "SQL writers=%d tps=%.0f p50_us=%.0f p99_us=%.0f fsync_per_s=%.0f fsync3_per_s=%.0f%n",
        result.writers(),
        tps,
        result.p50Nanos() / 1e3,
        result.p99Nanos() / 1e3,
        one,
        together);
    out.flush();
  }

  /** Takes the next line of a node; answers what a load came to, if that is what it says. */
  private @Nullable LoadResult hear(long deadline) throws InterruptedException, FailedException {
    NodeProcess.Said said = heard.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    if (said == null) {
      throw new FailedException("the nodes did not answer in time");
    }
    if (said.line().startsWith(SqlNode.FAILED)) {
      throw new FailedException(
          "node "
              + said.node()
              + ": "
              + said.line().substring(SqlNode.FAILED.length())
              + logged(said.node()));
    }
    switch (said.line()) {
      case SqlNode.READY -> ready.add(said.node());
      case SqlNode.LEADS -> leader = nodes.get((int) said.node() - 1);
      default -> {
        if (said.line().startsWith(LoadResult.WORD)) {
          return LoadResult.parse(said.line());
        }
        // Something that a JVM itself has to say, at its arguments' wish.
        out.println("node " + said.node() + ": " + said.line());
      }
    }
    return null;
  }

  private Path log(long id) {
    return folder.resolve("node" + id + ".log");
  }

  private String logged(long id) {
    try {
      String text = Files.readString(log(id));
      return text.isEmpty() ? "" : "\n" + text.strip();
    } catch (IOException e) {
      return " (and its log cannot be read: " + e.getMessage() + ")";
    }
  }

  /** Ends the nodes. */
  @Override
  public void close() {
    nodes.forEach(node -> node.tell(SqlNode.CLOSE));
    for (NodeProcess node : nodes) {
      node.end(CLOSE_SECONDS_MAX);
    }
  }
}
