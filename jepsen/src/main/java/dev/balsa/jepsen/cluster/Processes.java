package dev.balsa.jepsen.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The processes of a cluster's nodes: each has one at most, and keeps it, also when that has ended,
 * until we end it or start another one. One thread changes them, any may ask.
 */
public final class Processes {
  private final Map<Long, NodeProcess> lives = new ConcurrentSkipListMap<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();

  Processes() {}

  /** A node has a new process. If its last one has ended although it should not, that is noted. */
  void put(long node, NodeProcess life) {
    expectEnds(List.of(node));
    lives.put(node, life);
  }

  /** Where a node's application serves; empty if it does not. */
  Optional<InetSocketAddress> serving(long node) {
    return Optional.ofNullable(lives.get(node)).flatMap(NodeProcess::serving);
  }

  /** Something is about to happen that these nodes, if they run, need not survive. */
  public void expectEnds(List<Long> nodes) {
    lives(nodes).forEach(life -> life.expectEnd().ifPresent(problems::add));
  }

  /** Nodes that run are not expected to end any more. */
  public void requireLife(List<Long> nodes) {
    lives(nodes).stream().filter(NodeProcess::isAlive).forEach(NodeProcess::requireLife);
  }

  /** Something is wrong with a node. */
  public void report(String problem) {
    problems.add(problem);
  }

  /** What nodes did that they should not: failed, or ended by themselves. */
  public List<String> problems() {
    List<String> all = new ArrayList<>(problems);
    lives.values().forEach(life -> life.problem().ifPresent(all::add));
    return all;
  }

  /** SIGKILL to those of some nodes that run; then waits until they are dead. */
  void kill(List<Long> nodes) {
    List<NodeProcess> dying = lives(nodes);
    expectEnds(nodes);
    dying.forEach(NodeProcess::kill);
    dying.forEach(NodeProcess::awaitEnd);
    nodes.forEach(lives::remove);
  }

  /** Closes those of some nodes that run, in order. */
  public void stop(List<Long> nodes) {
    lives(nodes).forEach(life -> life.close().ifPresent(problems::add));
    nodes.forEach(lives::remove);
  }

  /** SIGSTOP to those of some nodes that run. */
  void pause(List<Long> nodes) throws IOException {
    signal("STOP", nodes);
  }

  /** SIGCONT to those of some nodes that run. */
  void resume(List<Long> nodes) throws IOException {
    signal("CONT", nodes);
  }

  private void signal(String name, List<Long> nodes) throws IOException {
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    running(nodes).forEach(node -> command.add(Long.toString(pid(node))));
    if (command.size() > 2) {
      Command.run(command, "");
    }
  }

  /** Those of some nodes whose processes run. */
  public List<Long> running(List<Long> nodes) {
    return nodes.stream()
        .filter(node -> lives(List.of(node)).stream().anyMatch(NodeProcess::isAlive))
        .toList();
  }

  /** The id of the process that a node has, or had at last; 0 if it was ended by us. */
  public long pid(long node) {
    NodeProcess life = lives.get(node);
    return life == null ? 0 : life.pid();
  }

  /** How a node's process has ended by itself; empty if it runs, or was ended by us. */
  public OptionalInt exitCode(long node) {
    NodeProcess life = lives.get(node);
    return life == null ? OptionalInt.empty() : life.exitCode();
  }

  /** Waits until a node's process has ended by itself, or the guard is over. */
  public void awaitEnd(long node, Duration guard) {
    lives(List.of(node)).forEach(life -> life.awaitEnd(guard));
  }

  /** Waits until a node's application serves; false if its process has ended instead. */
  public boolean awaitServing(long node, Duration guard) {
    return Waiting.until(
            () ->
                lives(List.of(node)).stream()
                    .anyMatch(life -> !life.isAlive() || life.serving().isPresent()),
            guard)
        && serving(node).isPresent();
  }

  /** The processes that some nodes have, or had at last. */
  private List<NodeProcess> lives(List<Long> nodes) {
    return nodes.stream().map(lives::get).filter(Objects::nonNull).toList();
  }
}
