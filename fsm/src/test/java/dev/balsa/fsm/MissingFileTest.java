package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.fsm.DatabaseStatus.Phase;
import dev.balsa.raft.core.Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Somebody has deleted a main file of a node that did not run. */
@Timeout(120)
final class MissingFileTest {
  @TempDir Path folder;

  @Test
  void anothersCopyTakesThePlaceOfAMissingFile() throws Exception {
    try (HealingScene scene = new HealingScene(folder, FileLayer.SYSTEM)) {
      scene.three.stop();
      Files.delete(scene.mainFile());
      scene.three.restart();
      assertThat(scene.phase()).isEqualTo(Phase.DAMAGED);
      scene.insert(40);
      scene.follow();
      scene.three.restart(); // nobody has healed it yet: it is not forgotten
      assertThat(scene.phase()).isEqualTo(Phase.DAMAGED);
      assertThat(scene.mainFile()).doesNotExist();
      scene.connect();
      Writers.awaitThat(() -> scene.phase() == Phase.SERVING);
      scene.insert(5);
      scene.follow();
      assertThat(HealingScene.status(scene.three).checksum())
          .isEqualTo(HealingScene.status(scene.one).checksum());
      scene.three.restart();
      assertThat(scene.phase()).isEqualTo(Phase.SERVING);
      assertThat(HealingScene.status(scene.three).checksum())
          .isEqualTo(HealingScene.status(scene.one).checksum());
      assertThat(scene.three.failure()).isNull();
    }
  }

  @Test
  void whatTheLogDropsAndCreatesAfterwardsIsDroppedAndCreated() throws Exception {
    try (HealingScene scene = new HealingScene(folder, FileLayer.SYSTEM)) {
      scene.three.stop();
      Files.delete(scene.mainFile());
      scene.one.machine().drop("a.db", Duration.ofSeconds(10));
      scene.insert(20);
      long known = scene.three.lastIndex();
      for (Entry entry : scene.one.committedEntries()) {
        if (entry.index() > known) {
          scene.three.receive(entry); // it is in the log when the node starts
        }
      }
      scene.three.restart();
      assertThat(scene.phase()).isEqualTo(Phase.SERVING);
      assertThat(HealingScene.status(scene.three).checksum())
          .isEqualTo(HealingScene.status(scene.one).checksum());
    }
  }

  @Test
  void aNodeAloneServesItsOtherDatabasesAndSaysWhatToDo() throws Exception {
    FsmConfig config = FsmConfig.of(folder.resolve("alone"), "alone");
    try (HandRaft raft = HandRaft.open(config).lead();
        Mesh mesh = new Mesh()) {
      for (String name : new String[] {"lost.db", "kept.db"}) {
        try (Session session = raft.session(name)) {
          session.execute("CREATE TABLE t(v)");
          session.execute("INSERT INTO t VALUES (1)");
        }
      }
      raft.stop();
      Files.delete(config.folder().resolve("lost.db"));
      raft.restart();
      mesh.connect(1, raft, 1L);
      raft.lead();
      assertThat(raft.session("kept.db").query("SELECT v FROM t").single().getLong(0)).isEqualTo(1);
      assertThatThrownBy(() -> raft.session("lost.db").query("SELECT v FROM t"))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContaining("lost.db is missing")
          .hasMessageContaining("restore this node's data folder as a whole from a backup");
      raft.machine().drop("lost.db", Duration.ofSeconds(10));
      try (Session session = raft.session("lost.db")) {
        session.execute("CREATE TABLE t(v)"); // another one of that name
      }
      assertThat(raft.failure()).isNull();
    }
  }
}
