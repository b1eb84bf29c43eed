package dev.balsa.bench.raft;

import dev.balsa.bench.NodeProcess;
import dev.balsa.bench.load.LoadReport;
import dev.balsa.bench.load.NodeConsole;
import dev.balsa.bench.load.Seat;
import dev.balsa.demo.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Three node processes of one contender, on loopback. */
final class Cluster implements AutoCloseable {
  static final int NODES = 3;

  /** Bytes of each entry. */
  static final int PAYLOAD_BYTES = 100;

  private static final int START_SECONDS_MAX = 60;
  private static final int SLACK_SECONDS = 90;
  private static final int CLOSE_SECONDS_MAX = 20;

  private final Contender contender;
  private final Path folder;
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final BlockingQueue<NodeProcess.Said> heard = new LinkedBlockingQueue<>();
  private final Set<Long> ready = new HashSet<>();
  private @Nullable NodeProcess leader;
  private String settings = "";

  private Cluster(Contender contender, Path folder) {
    this.contender = contender;
    this.folder = folder;
  }

  /** A load could not be measured; another try may succeed. */
  static final class LostException extends Exception {
    private static final long serialVersionUID = 1;

    LostException(String message) {
      super(message);
    }
  }

  /** Starts the processes; they are not ready yet. */
  static Cluster start(Contender contender, Path folder, List<String> jvmArguments)
      throws IOException, RunFailedException {
    Cluster cluster = new Cluster(contender, folder);
    try {
      List<Integer> ports = FreePorts.find(NODES);
      for (int id = 1; id <= NODES; id++) {
        Path data = Files.createDirectories(folder.resolve(contender.label() + id));
        List<String> java = contender.java(new Seat(id, data, ports), jvmArguments);
        cluster.nodes.add(NodeProcess.start(id, java, cluster.log(id), cluster.heard));
      }
      return cluster;
    } catch (IOException | RunFailedException | RuntimeException e) {
      cluster.kill();
      throw e;
    }
  }

  Contender contender() {
    return contender;
  }

  /** What the nodes say of their settings. */
  String settings() {
    return settings;
  }

  /** Waits until all nodes are ready, and one leads. */
  void awaitReady() throws InterruptedException, RunFailedException {
    long deadline = deadline(START_SECONDS_MAX);
    while (ready.size() < NODES || leader == null) {
      hear(deadline);
    }
  }

  /**
   * Puts a load on the leader.
   *
   * @throws LostException if it was lost, with the leader's leadership perhaps
   */
  LoadReport load(int window, long leadInMillis, long millis)
      throws InterruptedException, RunFailedException, LostException {
    awaitReady();
    NodeProcess leading = leader;
    if (leading == null) {
      throw new IllegalStateException("no leader");
    }
    leading.tell(NodeConsole.load(window, PAYLOAD_BYTES, leadInMillis, millis));
    long deadline =
        deadline(TimeUnit.MILLISECONDS.toSeconds(leadInMillis + millis) + SLACK_SECONDS);
    while (true) {
      String line = hear(deadline);
      if (line.startsWith(LoadReport.WORD + " ")) {
        return LoadReport.parse(line);
      }
      if (line.startsWith(NodeConsole.LOST)) {
        throw new LostException(line.substring(NodeConsole.LOST.length() + 1));
      }
    }
  }

  /** How long the nodes' JVMs have compiled so far, all together. */
  long compilationMillis() throws InterruptedException, RunFailedException {
    nodes.forEach(node -> node.tell(NodeConsole.COMPILED));
    long deadline = deadline(SLACK_SECONDS);
    long millis = 0;
    for (int answers = 0; answers < NODES; ) {
      String line = hear(deadline);
      if (line.startsWith(NodeConsole.COMPILED + " ")) {
        millis += Long.parseLong(line.substring(NodeConsole.COMPILED.length() + 1));
        answers++;
      }
    }
    return millis;
  }

  private static long deadline(long seconds) {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
  }

  /** Takes the next line of a node. */
  private String hear(long deadline) throws InterruptedException, RunFailedException {
    NodeProcess.Said said = heard.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    if (said == null) {
      throw new RunFailedException("the nodes of " + contender.label() + " did not answer in time");
    }
    String line = said.line();
    NodeProcess from = nodes.get((int) said.node() - 1);
    if (line.startsWith(NodeConsole.FAILED)) {
      throw new RunFailedException(
          contender.label() + ", node " + said.node() + ": " + line + logged(said.node()));
    } else if (line.startsWith(NodeConsole.SETTINGS + " ")) {
      settings = line.substring(NodeConsole.SETTINGS.length() + 1);
    } else if (line.equals(NodeConsole.READY)) {
      ready.add(said.node());
    } else if (line.equals(NodeConsole.LEADS)) {
      leader = from;
    } else if (line.equals(NodeConsole.FOLLOWS) && from.equals(leader)) {
      leader = null;
    }
    return line;
  }

  private Path log(long id) {
    return folder.resolve(contender.label() + id + ".log");
  }

  private String logged(long id) {
    try {
      String text = Files.readString(log(id));
      return text.isEmpty() ? "" : "\n" + text.strip();
    } catch (IOException e) {
      return " (and its log cannot be read: " + e.getMessage() + ")";
    }
  }

  /** Ends the processes at once. From any thread. */
  void kill() {
    nodes.forEach(NodeProcess::kill);
  }

  /** Lets the processes end, and waits until they have. */
  @Override
  public void close() {
    nodes.forEach(node -> node.tell(NodeConsole.CLOSE));
    nodes.forEach(node -> node.end(CLOSE_SECONDS_MAX));
  }
}
