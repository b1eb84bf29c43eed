package dev.balsa.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.demo.FreePorts;
import dev.balsa.fsm.Session;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.node.BalsaConfig;
import dev.balsa.node.BalsaNode;
import dev.balsa.node.DataFolder;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node's databases are what its log says, also where there is nothing to compare them with. */
@Timeout(120)
class ReplicaFolderTest {
  @TempDir private Path place;

  @Test
  void aFolderIsVerifiedAndDamageInItIsFound() throws Exception {
    Path folder = place.resolve("node");
    BalsaConfig config =
        BalsaConfig.builder()
            .nodeId(1)
            .dataFolder(folder)
            .listen("127.0.0.1:" + FreePorts.find(1).get(0))
            .build();
    try (BalsaNode node = BalsaNode.start(config)) {
      assertThat(node.awaitLeading(Duration.ofSeconds(30))).isTrue();
      try (Session session = node.session("a")) {
        session.execute("CREATE TABLE t(x)");
        session.execute("INSERT INTO t VALUES (zeroblob(20000))");
      }
    }
    Path database = new DataFolder(folder).database("a");
    Path twin = place.resolve("twin.db");
    Files.copy(database, twin);
    Path wal = database.resolveSibling(database.getFileName() + "-wal");
    if (Files.exists(wal)) {
      Files.copy(wal, place.resolve("twin.db-wal"));
    }
    ReplicaChecker checker =
        new ReplicaChecker(
            "a", Map.of(1L, database, 2L, twin), Map.of(1L, folder), place.resolve("copies"));
    Finding good = checker.check();
    assertThat(good.validity()).as("%s", good).isEqualTo(Validity.VALID);
    assertThat(good.facts()).containsEntry("folders-verified", 1);

    // The same byte in both files: they are equal, but not what the log says.
    for (Path file : new Path[] {database, twin}) {
      try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
        bytes.seek(bytes.length() - 100);
        bytes.write(1);
      }
    }
    Finding bad = checker.check();
    assertThat(bad.validity()).isEqualTo(Validity.INVALID);
    assertThat(bad.anomalies()).extracting(Anomaly::type).containsOnly("damaged-replica");
    assertThat(bad.facts()).containsEntry("folders-verified", 0);
  }
}
