package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.SnapshotMark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is found in the files of a node that does not run; see also the command line's tests. */
@Timeout(180)
final class VerificationTest {
  @TempDir Path folder;

  @Test
  void whatASnapshotsSenderHadDroppedAlreadyIsNotExpected() throws Exception {
    List<Entry> entries;
    long last;
    try (HandRaft raft = HandRaft.open(folder.resolve("sender")).lead()) {
      try (Session session = raft.session("gone.db")) {
        session.execute("CREATE TABLE t(v)");
      }
      entries = raft.committedEntries();
      raft.machine().drop("gone.db", Duration.ofSeconds(10));
      last = raft.lastIndex();
    }
    // It came with a snapshot of index 1 that was sent after the drop, which the log has not yet.
    Path databases = folder.resolve("receiver");
    Catalogue catalogue = Catalogue.open(FileLayer.SYSTEM, databases);
    SnapshotMark mark = new SnapshotMark(1, entries.get(0).term(), Configuration.EMPTY);
    catalogue.update(empty -> empty.installed(mark, new TreeMap<>(), last));
    List<Finding> findings = new ArrayList<>();
    Path scratch = Files.createDirectory(folder.resolve("scratch"));
    try (HandRaft log =
        HandRaft.reopen(
            FsmConfig.of(folder.resolve("log"), "log"),
            EngineParts.PRODUCT,
            SnapshotMark.NONE,
            entries,
            entries.size())) {
      Verification.run(databases, scratch, log, line -> {}, findings::add);
    }
    assertThat(findings).hasSize(1);
    assertThat(findings.toString()).contains("catalogue").doesNotContain("gone.db");
  }
}
