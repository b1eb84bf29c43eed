package dev.balsa.fsm;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a node's databases, in order: writers end, a last checkpoint of each is made, and what
 * lets the next start be short is left. After a failure the files are left as they are. Used by the
 * apply thread.
 */
final class DatabasesStop {
  private static final Logger log = LoggerFactory.getLogger(DatabasesStop.class);

  private final FsmConfig config;
  private final FileLayer files;
  private final Catalogue catalogue;
  private final Replicas replicas;
  private final Checkpointer checkpointer;
  private final ApplyThread applyThread;

  DatabasesStop(
      FsmConfig config,
      FileLayer files,
      Catalogue catalogue,
      Replicas replicas,
      Checkpointer checkpointer,
      ApplyThread applyThread) {
    this.config = config;
    this.files = files;
    this.catalogue = catalogue;
    this.replicas = replicas;
    this.checkpointer = checkpointer;
    this.applyThread = applyThread;
  }

  /** Discards writer views: what is undecided stays unknown. */
  void endWriters() {
    for (Database database : replicas.open()) {
      try {
        database.leadershipLost("the node was closed", applyThread.failure());
      } catch (RuntimeException | Error e) {
        log.error("closing database {}", database.name(), e);
      }
    }
  }

  /** Closes all; whatever goes wrong with one, the others are closed too. */
  void closeDatabases() {
    for (Replica replica : replicas.all()) {
      try {
        if (replica instanceof Database database) {
          close(database);
        } else if (replica instanceof RecoveringDatabase recovering) {
          recovering.close();
        }
      } catch (IOException | RuntimeException | Error e) {
        log.error("closing database {}", replica.name(), e);
      }
    }
  }

  private void close(Database database) {
    boolean whole = false;
    try {
      whole = applyThread.failure() == null && checkpointer.last(database);
    } finally {
      database.close(() -> new BalsaException("the node is closed"));
    }
    if (whole) {
      CleanStop.keep(files, config.folder(), database, catalogue);
    }
  }
}
