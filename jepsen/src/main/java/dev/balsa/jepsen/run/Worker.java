package dev.balsa.jepsen.run;

import dev.balsa.jepsen.db.Client;
import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.db.SystemUnderTest;
import dev.balsa.jepsen.db.Transaction;
import dev.balsa.jepsen.db.Transaction.Kind;
import dev.balsa.jepsen.history.Op;
import dev.balsa.jepsen.workload.Operation;
import dev.balsa.jepsen.workload.ReadLevel;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A client: does one operation at a time and records it, as one process after the other, since a
 * process ends with an operation of which nobody knows the outcome. Nothing is tried a second time.
 *
 * <p>As many as there are nodes stay with one of them each, also if it does not lead, is cut off or
 * down. The others look for the leader as an application would, by what they are told. Reads that
 * any node can answer go to any. Used by one thread.
 */
final class Worker implements AutoCloseable {
  /** For a node; one that does not answer takes a little longer. */
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final int number;
  private final SystemUnderTest system;
  private final Recorder recorder;
  private final ReadLevel level;
  private final RandomGenerator random;
  private final Map<Long, Client> clients = new HashMap<>();
  private long process;

  /** The node that is thought to lead; 0 if none. */
  private long leader;

  /** How often a node did not do what was asked: the next one may. */
  private int disappointments;

  private @Nullable String bookmark;

  Worker(
      int number,
      SystemUnderTest system,
      Recorder recorder,
      ReadLevel level,
      RandomGenerator random) {
    this.number = number;
    this.system = system;
    this.recorder = recorder;
    this.level = level;
    this.random = random;
    this.process = recorder.newProcess();
  }

  /**
   * Does an operation on a node of its choice.
   *
   * @return whether it was answered, and not refused
   */
  boolean perform(Operation operation) throws IOException {
    return switch (operation.kind()) {
      case WRITE -> perform(operation, node(), Kind.WRITE);
      case FRESH_READ -> perform(operation, node(), Kind.READ);
      case READ -> perform(operation, level == ReadLevel.STALE ? anyNode() : node(), level.kind());
    };
  }

  /**
   * Reads on a node.
   *
   * @return whether it was answered, and not refused
   */
  boolean read(Operation operation, long node, ReadLevel at) throws IOException {
    return perform(operation, node, at.kind());
  }

  private boolean perform(Operation operation, long node, Kind kind) throws IOException {
    Client client = clients.computeIfAbsent(node, system::client);
    Transaction transaction = new Transaction(kind, TIMEOUT, bookmark, operation.statements());
    Op invoke = recorder.invoke(process, operation.f(), operation.value(), node);
    Outcome outcome = client.execute(transaction);
    Completion completion = Completion.of(operation, outcome);
    recorder.complete(invoke, completion);
    if (completion.type() == Op.Type.INFO) {
      process = recorder.newProcess();
      bookmark = null;
    } else if (outcome instanceof Outcome.Ok ok && level == ReadLevel.STALE) {
      bookmark = ok.bookmark();
    }
    learn(node, outcome);
    return outcome instanceof Outcome.Ok;
  }

  private long anyNode() {
    List<Long> nodes = system.nodes();
    return nodes.get(random.nextInt(nodes.size()));
  }

  private long node() {
    List<Long> nodes = system.nodes();
    if (number < nodes.size()) {
      return nodes.get(number);
    }
    return nodes.contains(leader) ? leader : nodes.get((number + disappointments) % nodes.size());
  }

  private void learn(long node, Outcome outcome) {
    if (outcome instanceof Outcome.Ok) {
      return;
    }
    disappointments++;
    if (outcome instanceof Outcome.Failed failed && failed.leader() != 0) {
      leader = failed.leader();
    } else if (node == leader) {
      leader = 0;
    }
  }

  @Override
  public void close() {
    clients.values().forEach(Client::close);
  }
}
