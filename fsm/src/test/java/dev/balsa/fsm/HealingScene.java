package dev.balsa.fsm;

import dev.balsa.fsm.DatabaseStatus.Phase;
import dev.balsa.raft.core.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Three nodes that have the same database, the first of which leads, and that can soon talk to each
 * other.
 */
final class HealingScene implements AutoCloseable {
  private static final CheckpointPolicy TINY =
      new CheckpointPolicy(8, 10, 1L << 40, 60, 4_000, Duration.ofSeconds(30));

  final Mesh mesh = new Mesh();
  final HandRaft one;
  final HandRaft two;
  final HandRaft three;
  private final Path folder;

  /**
   * Starts them.
   *
   * @param files of the third node
   */
  HealingScene(Path folder, FileLayer files) throws InterruptedException {
    this.folder = folder;
    one = HandRaft.open(config(1)).lead();
    two = HandRaft.open(config(2));
    three =
        HandRaft.open(
            config(3), new EngineParts(EngineDecisions.SOUND, PipelineLimits.DEFAULT, files));
    insert(100);
    follow();
  }

  private FsmConfig config(int id) {
    return FsmConfig.of(folder.resolve("n" + id), "n" + id).withCheckpoints(TINY);
  }

  /** Commits rows of about a page each. */
  void insert(int rows) {
    try (Session session = one.session("a.db")) {
      session.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v)");
      for (int i = 0; i < rows; i++) {
        session.execute("INSERT INTO t(v) VALUES (randomblob(3000))");
      }
    }
  }

  /** What is committed comes to the others, who apply it. */
  void follow() throws InterruptedException {
    follow(two);
    follow(three);
  }

  void follow(HandRaft follower) throws InterruptedException {
    long next = follower.lastIndex();
    for (Entry entry : one.committedEntries()) {
      if (entry.index() > next) {
        follower.receive(entry);
      }
    }
    follower.awaitApplied();
  }

  /** The main file of the third node's database. */
  Path mainFile() {
    return folder.resolve("n3").resolve("a.db");
  }

  /** Stops the third node in order, damages its main file, and starts it again. */
  HealingScene damage() throws IOException {
    three.stop();
    byte[] bytes = Files.readAllBytes(mainFile());
    bytes[4096 * 50 + 17] ^= 4;
    Files.write(mainFile(), bytes);
    three.restart();
    Writers.awaitThat(() -> phase() == Phase.DAMAGED);
    return this;
  }

  /** From now on they talk to each other. */
  HealingScene connect() {
    mesh.connect(1, one, 1L, 2L, 3L);
    mesh.connect(2, two, 1L, 2L, 3L);
    mesh.connect(3, three, 1L, 2L, 3L);
    return this;
  }

  static DatabaseStatus status(HandRaft raft) {
    return raft.machine().databases().get(0);
  }

  /** How the third node's database is. */
  Phase phase() {
    return status(three).phase();
  }

  @Override
  public void close() {
    three.close();
    two.close();
    one.close();
    mesh.close();
  }
}
