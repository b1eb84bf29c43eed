package dev.balsa.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.fsm.DatabaseStatus;
import dev.balsa.fsm.Session;
import dev.balsa.fsm.SessionOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Three nodes in this process that replicate a large transaction. */
final class LargeTransactionProcess {
  private static final SessionOptions PATIENT =
      SessionOptions.DEFAULT
          .withTimeout(Duration.ofMinutes(5))
          .withStatementTimeout(Duration.ofMinutes(5));

  private LargeTransactionProcess() {}

  /** Arguments: a folder, and the transaction's size in MiB. */
  public static void main(String[] args) throws Exception {
    int mebibytes = Integer.parseInt(args[1]);
    try (LocalCluster cluster = new LocalCluster(Path.of(args[0]), 3)) {
      BalsaNode leader = cluster.leader();
      try (Session session = leader.session("app", PATIENT)) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
        long begun = System.nanoTime();
        session.execute(
            "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<?)"
                + " SELECT x, randomblob(65536) FROM c",
            mebibytes * 16L);
        System.out.println("committed in " + (System.nanoTime() - begun) / 1_000_000 + " ms");
        session.execute("INSERT INTO t VALUES (0, 'after it')");
      }
      cluster.awaitApplied();
      List<Long> checksums =
          cluster.nodes().stream()
              .flatMap(node -> node.status().databases().stream())
              .map(DatabaseStatus::checksum)
              .distinct()
              .toList();
      assertThat(checksums).hasSize(1);
      System.out.println("the replicas agree");
    }
  }
}
