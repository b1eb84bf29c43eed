package dev.balsa.bench;

import dev.balsa.bench.load.NodeConsole;
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

/**
 * Processes that are measured together, each with a {@link NodeConsole}: a cluster's nodes, or one
 * that needs no others. Used by one thread; {@link #kill} by any.
 */
public final class NodeGroup implements AutoCloseable {
  private static final int START_SECONDS_MAX = 60;
  private static final int CLOSE_SECONDS_MAX = 20;

  /** How long an answer may take beyond what was asked for. */
  public static final int SLACK_SECONDS = 90;

  private final String name;
  private final Path folder;
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final BlockingQueue<NodeProcess.Said> heard = new LinkedBlockingQueue<>();
  private final Set<Long> ready = new HashSet<>();
  private @Nullable NodeProcess leader;
  private String settings = "";

  private NodeGroup(String name, Path folder) {
    this.name = name;
    this.folder = folder;
  }

  /**
   * Starts the processes; they are not ready yet.
   *
   * @param name for messages, and for the names of the logs of their standard errors
   * @param folder for these logs
   * @param commands for each what {@link NodeProcess#start} takes, the first one's number is 1
   */
  public static NodeGroup start(String name, Path folder, List<List<String>> commands)
      throws IOException {
    NodeGroup group = new NodeGroup(name, folder);
    try {
      for (int id = 1; id <= commands.size(); id++) {
        group.nodes.add(NodeProcess.start(id, commands.get(id - 1), group.log(id), group.heard));
      }
      return group;
    } catch (IOException | RuntimeException e) {
      group.kill();
      throw e;
    }
  }

  /** What it is called. */
  public String name() {
    return name;
  }

  /** How many processes. */
  public int size() {
    return nodes.size();
  }

  /** What the nodes say of their settings. */
  public String settings() {
    return settings;
  }

  /** Waits until all nodes are ready, and one leads. */
  public void awaitReady() throws InterruptedException, RunFailedException {
    long deadline = deadline(START_SECONDS_MAX);
    while (ready.size() < nodes.size() || leader == null) {
      hear(deadline);
    }
  }

  /** Tells the leader something, as soon as there is one. */
  public void tellLeader(String line) throws InterruptedException, RunFailedException {
    awaitReady();
    NodeProcess leading = leader;
    if (leading == null) {
      throw new IllegalStateException("no leader");
    }
    leading.tell(line);
  }

  /** Tells all of them something. */
  public void tellAll(String line) {
    nodes.forEach(node -> node.tell(line));
  }

  /** The number of the node that leads, 0 if none does. */
  public long leader() {
    NodeProcess leading = leader;
    return leading == null ? 0 : leading.id();
  }

  /** The point in time, for {@link #hear}, that is so far away. */
  public static long deadline(long seconds) {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
  }

  /** Takes the next line of a node. */
  public NodeProcess.Said hear(long deadline) throws InterruptedException, RunFailedException {
    NodeProcess.Said said = heard.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    if (said == null) {
      throw new RunFailedException("the nodes of " + name + " did not answer in time");
    }
    String line = said.line();
    NodeProcess from = nodes.get((int) said.node() - 1);
    if (line.startsWith(NodeConsole.FAILED)) {
      throw new RunFailedException(
          name + ", node " + said.node() + ": " + line + logged(said.node()));
    } else if (line.startsWith(NodeConsole.SETTINGS + " ")) {
      settings = line.substring(NodeConsole.SETTINGS.length() + 1);
    } else if (line.equals(NodeConsole.READY)) {
      ready.add(said.node());
    } else if (line.equals(NodeConsole.LEADS)) {
      leader = from;
    } else if (line.equals(NodeConsole.FOLLOWS) && from.equals(leader)) {
      leader = null;
    }
    return said;
  }

  /**
   * Asks all nodes something that they answer with the same first word.
   *
   * @param line what is asked; its first word is that of the answers
   * @return what follows that word, by node
   */
  public List<String> askAll(String line) throws InterruptedException, RunFailedException {
    String word = line.split(" ", 2)[0];
    tellAll(line);
    long deadline = deadline(SLACK_SECONDS);
    String[] answers = new String[nodes.size()];
    for (int missing = answers.length; missing > 0; ) {
      NodeProcess.Said said = hear(deadline);
      if (said.line().equals(word) || said.line().startsWith(word + " ")) {
        answers[(int) said.node() - 1] = said.line().substring(word.length()).strip();
        missing--;
      }
    }
    return List.of(answers);
  }

  /** How long the nodes' JVMs have compiled so far, all together. */
  public long compilationMillis() throws InterruptedException, RunFailedException {
    return askAll(NodeConsole.COMPILED).stream().mapToLong(Long::parseLong).sum();
  }

  private Path log(long id) {
    return folder.resolve(name + id + ".log");
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
  public void kill() {
    nodes.forEach(NodeProcess::kill);
  }

  /** Lets the processes end, and waits until they have. */
  @Override
  public void close() {
    tellAll(NodeConsole.CLOSE);
    nodes.forEach(node -> node.end(CLOSE_SECONDS_MAX));
  }
}
