package dev.balsa.bench.sql;

import dev.balsa.bench.BenchCommand;
import dev.balsa.bench.NodeGroup;
import dev.balsa.bench.RunFailedException;
import dev.balsa.bench.load.Seat;
import dev.balsa.bench.raft.Cluster;
import dev.balsa.demo.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All that a run has started. Used by one thread; {@link #kill} by any. */
final class Processes implements AutoCloseable {
  static final int NODES = 3;
  private static final String OURS = "ours";
  private static final String LOCAL = "sqlite";

  private final List<NodeGroup> groups = new ArrayList<>();
  private @Nullable Cluster raft;
  private boolean killed;

  /** Starts three nodes of Balsa, on loopback. */
  NodeGroup startOurs(Path folder, List<String> jvmArguments)
      throws IOException, RunFailedException {
    List<Integer> ports = FreePorts.find(NODES);
    List<List<String>> commands = new ArrayList<>();
    for (int id = 1; id <= NODES; id++) {
      Path data = Files.createDirectories(folder.resolve(OURS + id));
      commands.add(java(SqlNode.class, jvmArguments, new Seat(id, data, ports).toArguments()));
    }
    return started(NodeGroup.start(OURS, folder, commands));
  }

  /** Starts plain SQLite. */
  NodeGroup startLocal(Path folder, List<String> jvmArguments)
      throws IOException, RunFailedException {
    Path data = Files.createDirectories(folder.resolve(LOCAL));
    List<String> command = java(SqliteProcess.class, jvmArguments, List.of(data.toString()));
    return started(NodeGroup.start(LOCAL, folder, List.of(command)));
  }

  private synchronized NodeGroup started(NodeGroup group) throws RunFailedException {
    groups.add(group);
    requireWanted();
    return group;
  }

  /** Starts three nodes of Raft alone. */
  Cluster startRaft(Path folder, List<String> jvmArguments) throws IOException, RunFailedException {
    Cluster cluster =
        Cluster.startOurs(Files.createDirectories(folder.resolve("raft")), jvmArguments);
    synchronized (this) {
      raft = cluster;
      requireWanted();
      return cluster;
    }
  }

  private void requireWanted() throws RunFailedException {
    if (killed) {
      kill();
      throw new RunFailedException("the run is to end");
    }
  }

  private static List<String> java(
      Class<?> main, List<String> jvmArguments, List<String> arguments) {
    List<String> java = new ArrayList<>();
    java.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    BenchCommand.TALKERS.forEach(talker -> java.add("-D" + talker + "=true"));
    java.addAll(jvmArguments);
    java.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    java.addAll(arguments);
    return java;
  }

  /** Ends all of them at once. */
  synchronized void kill() {
    killed = true;
    groups.forEach(NodeGroup::kill);
    Cluster cluster = raft;
    if (cluster != null) {
      cluster.kill();
    }
  }

  /** Lets all of them end, at the same time, and waits until they have. */
  @Override
  public synchronized void close() {
    List<Runnable> closing = new ArrayList<>();
    groups.forEach(group -> closing.add(group::close));
    Cluster cluster = raft;
    if (cluster != null) {
      closing.add(cluster::close);
    }
    closing.parallelStream().forEach(Runnable::run);
  }
}
