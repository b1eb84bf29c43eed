package dev.balsa.bench.raft;

import dev.balsa.bench.NodeGroup;
import dev.balsa.bench.RunFailedException;
import dev.balsa.bench.load.LoadReport;
import dev.balsa.bench.load.NodeConsole;
import dev.balsa.bench.load.Seat;
import dev.balsa.demo.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Three node processes of one contender, on loopback. */
public final class Cluster implements AutoCloseable {
  static final int NODES = 3;

  /** Bytes of each entry. */
  static final int PAYLOAD_BYTES = 100;

  private final Contender contender;
  private final NodeGroup nodes;

  private Cluster(Contender contender, NodeGroup nodes) {
    this.contender = contender;
    this.nodes = nodes;
  }

  /** A load could not be measured; another try may succeed. */
  public static final class LostException extends Exception {
    private static final long serialVersionUID = 1;

    LostException(String message) {
      super(message);
    }
  }

  /**
   * Starts the processes of our own Raft; they are not ready yet.
   *
   * @param folder for their files
   */
  public static Cluster startOurs(Path folder, List<String> jvmArguments)
      throws IOException, RunFailedException {
    return start(Contender.OURS, folder, jvmArguments);
  }

  /** Starts the processes; they are not ready yet. */
  static Cluster start(Contender contender, Path folder, List<String> jvmArguments)
      throws IOException, RunFailedException {
    List<Integer> ports = FreePorts.find(NODES);
    List<List<String>> commands = new ArrayList<>();
    for (int id = 1; id <= NODES; id++) {
      Path data = Files.createDirectories(folder.resolve(contender.label() + id));
      commands.add(contender.java(new Seat(id, data, ports), jvmArguments));
    }
    return new Cluster(contender, NodeGroup.start(contender.label(), folder, commands));
  }

  Contender contender() {
    return contender;
  }

  /** What the nodes say of their settings. */
  public String settings() {
    return nodes.settings();
  }

  /** Waits until all nodes are ready, and one leads. */
  public void awaitReady() throws InterruptedException, RunFailedException {
    nodes.awaitReady();
  }

  /**
   * Puts a load on the leader.
   *
   * @throws LostException if it was lost, with the leader's leadership perhaps
   */
  public LoadReport load(int window, long leadInMillis, long millis)
      throws InterruptedException, RunFailedException, LostException {
    nodes.tellLeader(NodeConsole.load(window, PAYLOAD_BYTES, leadInMillis, millis));
    long deadline =
        NodeGroup.deadline(
            TimeUnit.MILLISECONDS.toSeconds(leadInMillis + millis) + NodeGroup.SLACK_SECONDS);
    while (true) {
      String line = nodes.hear(deadline).line();
      if (line.startsWith(LoadReport.WORD + " ")) {
        return LoadReport.parse(line);
      }
      if (line.startsWith(NodeConsole.LOST)) {
        throw new LostException(line.substring(NodeConsole.LOST.length() + 1));
      }
    }
  }

  /** How long the nodes' JVMs have compiled so far, all together. */
  public long compilationMillis() throws InterruptedException, RunFailedException {
    return nodes.compilationMillis();
  }

  /** Ends the processes at once. From any thread. */
  public void kill() {
    nodes.kill();
  }

  /** Lets the processes end, and waits until they have. */
  @Override
  public void close() {
    nodes.close();
  }
}
