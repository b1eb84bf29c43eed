package dev.balsa.jepsen.durability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.fsm.Row;
import dev.balsa.fsm.Session;
import dev.balsa.jepsen.durability.RecordedCluster.Node;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Raft thesis 10.2.1: an entry is committed once a majority has it durably. */
class ForceBeforeAcknowledgementTest {
  private static final int WRITERS = 4;
  private static final int INSERTS = 60;

  @TempDir private Path folder;

  @Test
  void aTransactionIsAcknowledgedOnlyOnceAQuorumHasForcedIt() throws Exception {
    try (RecordedCluster cluster = RecordedCluster.start(folder, true)) {
      Node leader = cluster.awaitLeader();
      Node one = cluster.followers(leader).get(0);
      Node other = cluster.followers(leader).get(1);
      makeTable(leader);

      notBefore(cluster, leader, 1, List.of(one, other), List.of(leader), one);
      notBefore(cluster, leader, 2, List.of(one, other), List.of(leader), other);
      notBefore(cluster, leader, 3, List.of(leader, one), List.of(other), leader);
      notBefore(cluster, leader, 4, List.of(leader, other), List.of(one), leader);

      // With one follower alone held back there is a quorum. (The leader publishes what its own
      // log has durably, so it cannot do without its own force.)
      cluster.awaitAllForced();
      for (Node held : List.of(one, other)) {
        held.files().hold();
        try (Session session = leader.session()) {
          session.execute("INSERT INTO t VALUES (?)", 10 + held.id());
        }
        held.files().release();
      }
      assertThat(count(leader)).isEqualTo(6);
    }
  }

  /**
   * A row is inserted while some nodes cannot force. It must not be acknowledged, nor be seen by
   * any reader, before one of them can.
   */
  private static void notBefore(
      RecordedCluster cluster, Node leader, long row, List<Node> held, List<Node> free, Node first)
      throws Exception {
    cluster.awaitAllForced();
    long rows = count(leader);
    held.forEach(node -> node.files().hold());
    long before = leader.log().lastIndex(); // not earlier: an election may add an entry meanwhile
    CompletableFuture<Void> insert = inBackground(() -> insert(leader, row));
    // All have taken the entry, and those that can have forced it.
    RecordedCluster.await(
        "the entry to be written everywhere",
        () ->
            insert.isDone() // too early, or it failed: told below
                || cluster.nodes().stream().allMatch(n -> n.log().lastIndex() > before));
    assertThat(insert).as("row %d", row).isNotDone();
    RecordedCluster.await(
        "the entry to be forced where it can be",
        () -> free.stream().allMatch(n -> n.log().forcedIndex() > before));
    RecordedCluster.await(
        "forces to be held back", () -> held.stream().allMatch(n -> n.files().waiting() == 1));
    // A linearizable read goes to a quorum and back, on the same connections: what a follower had
    // answered too early would have arrived before. Several, since each needs only one follower.
    for (int i = 0; i < 10; i++) {
      assertThat(count(leader)).isEqualTo(rows);
    }
    assertThat(insert).as("row %d", row).isNotDone();
    for (Node node : cluster.nodes()) {
      assertThat(node.machine().appliedIndex())
          .as(
              "node %d has applied; its log: %s",
              node.id(), node.log().read(before, node.log().lastIndex(), Long.MAX_VALUE))
          .isLessThanOrEqualTo(before);
    }

    first.files().release();
    insert.get(RecordedCluster.GUARD_SECONDS, TimeUnit.SECONDS);
    assertThat(cluster.forcedByQuorum()).isGreaterThan(before);
    held.forEach(node -> node.files().release());
    assertThat(count(leader)).isEqualTo(rows + 1);
  }

  @Test
  void whatWasAcknowledgedIsAmongWhatAQuorumHasForcedWheneverThePowerFails() throws Exception {
    List<PowerFailure> failures = new ArrayList<>();
    try (RecordedCluster cluster = RecordedCluster.start(folder.resolve("first"), true)) {
      List<String> early = write(cluster, failures);
      assertThat(early).isEmpty();
    }
    assertThat(failures).hasSizeGreaterThanOrEqualTo(2);
    for (PowerFailure failure : failures) {
      Path after = folder.resolve("after" + failure.acknowledged().size());
      try (RecordedCluster cluster = RecordedCluster.restart(after, failure.survivors())) {
        assertThat(rows(cluster.awaitLeader())).containsAll(failure.acknowledged());
      }
    }
  }

  @Test
  void acknowledgementsOfALogThatDoesNotForceAreFound() throws Exception {
    try (RecordedCluster cluster = RecordedCluster.start(folder, false)) {
      assertThat(write(cluster, new ArrayList<>())).isNotEmpty();
    }
  }

  /**
   * The power fails.
   *
   * @param acknowledged rows that were so before
   * @param survivors what is left of each node's log
   */
  private record PowerFailure(List<Long> acknowledged, List<Map<String, byte[]>> survivors) {}

  /**
   * Several clients insert rows.
   *
   * @param failures gets what the power would leave if it failed now and then
   * @return acknowledgements that came before a quorum had forced what they tell of
   */
  private static List<String> write(RecordedCluster cluster, List<PowerFailure> failures)
      throws Exception {
    Node leader = cluster.awaitLeader();
    makeTable(leader);
    ConcurrentLinkedQueue<Long> acknowledged = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<String> early = new ConcurrentLinkedQueue<>();
    AtomicLong nextRow = new AtomicLong();
    ExecutorService clients = Executors.newFixedThreadPool(WRITERS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        running.add(
            clients.submit(
                () -> {
                  for (int j = 0; j < INSERTS; j++) {
                    long row = nextRow.incrementAndGet();
                    insert(leader, row);
                    // Applied here: committed, and this row with it. Read before what is forced.
                    long applied = leader.machine().appliedIndex();
                    long forced = cluster.forcedByQuorum();
                    if (forced < applied) {
                      early.add("row " + row + ": " + applied + " applied, " + forced + " forced");
                    }
                    acknowledged.add(row);
                  }
                }));
      }
      for (int part = 1; part <= 3; part++) {
        int wanted = part * WRITERS * INSERTS / 4;
        RecordedCluster.await(
            "acknowledgements",
            () -> acknowledged.size() >= wanted || running.stream().allMatch(Future::isDone));
        List<Long> before = List.copyOf(acknowledged);
        failures.add(
            new PowerFailure(before, cluster.nodes().stream().map(Node::survivors).toList()));
      }
      for (Future<?> client : running) {
        client.get(RecordedCluster.GUARD_SECONDS, TimeUnit.SECONDS);
      }
    } finally {
      clients.shutdownNow();
    }
    return List.copyOf(early);
  }

  private static void makeTable(Node leader) {
    try (Session session = leader.session()) {
      session.execute("CREATE TABLE t(id INTEGER)");
    }
  }

  private static void insert(Node leader, long row) {
    try (Session session = leader.session()) {
      session.execute("INSERT INTO t VALUES (?)", row);
    }
  }

  private static long count(Node leader) {
    try (Session session = leader.session()) {
      return session.query("SELECT count(*) FROM t").single().getLong(0);
    }
  }

  private static List<Long> rows(Node leader) {
    try (Session session = leader.session()) {
      return session.query("SELECT id FROM t").stream().map((Row row) -> row.getLong(0)).toList();
    }
  }

  private static CompletableFuture<Void> inBackground(Runnable work) {
    return CompletableFuture.runAsync(work, task -> new Thread(task, "test-writer").start());
  }
}
