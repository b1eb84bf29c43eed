package dev.balsa.jepsen.db;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.nemesis.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A database on several nodes that can be set up, talked to, disturbed and looked at.
 *
 * <p>One thread calls what changes it; {@link #nodes}, {@link #client} and {@link #status} may be
 * called by any thread meanwhile. What the system does not bring about within a guard is a {@link
 * dev.balsa.jepsen.cluster.ClusterException}: a finding about the system, not about the harness.
 */
public interface SystemUnderTest extends AutoCloseable {
  /** Starts all nodes, on nothing, and waits until they serve. */
  void start() throws IOException, InterruptedException;

  /** The nodes' numbers, ascending, from 1. They may change while the cluster's members do. */
  List<Long> nodes();

  /** Opens a client of a node. */
  Client client(long node);

  /** What the nodes say at present; those that do not answer are left out. */
  Status status();

  /**
   * Makes faults that can be brought upon it.
   *
   * @throws IllegalArgumentException if it knows none of a name
   */
  List<Fault> faults(List<String> names);

  /** Waits until it is as if nothing had happened to it: all nodes serve, and have caught up. */
  void awaitWhole(Duration guard) throws InterruptedException;

  /** Waits until all nodes have the same, when nobody writes any more. */
  void awaitQuiet(Duration guard) throws InterruptedException;

  /** Stops all nodes in order. */
  void stop() throws IOException;

  /** What nodes did that they should not, such as ending by themselves; a sentence each. */
  List<String> problems();

  /**
   * Once it is stopped: whether the nodes' databases are the same, and what their logs tell. What
   * {@link #problems} tells is among that.
   *
   * @param folder for copies of the databases, which stay there
   * @param excused regular expressions of what a log may tell, since a fault has caused it
   */
  List<Finding> autopsy(Path folder, List<String> excused) throws IOException;

  /** Once it is stopped: what it has counted itself, such as snapshots, by names. */
  Map<String, Object> facts() throws IOException;

  /** Ends everything at once, paused or not, and heals the machine. Closing twice does nothing. */
  @Override
  void close() throws IOException;

  /**
   * A moment of the system.
   *
   * @param leader who leads by the highest term that is told; 0 if nobody
   * @param term the highest term
   * @param answering how many nodes have answered
   */
  record Status(long leader, long term, int answering) {}
}
