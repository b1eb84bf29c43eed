package dev.balsa.fsm;

import dev.balsa.raft.LogStore;
import dev.balsa.sqlite.SqliteException;
import java.io.IOException;

/**
 * A start: what an earlier life has left is completed, redone and verified before SQLite opens
 * anything ({@link Redo}); then what is whole is opened.
 */
final class Recovery {
  private Recovery() {}

  /**
   * What a start has found.
   *
   * @param databases to be opened, or closed
   */
  record Recovered(Catalogue catalogue, Redo.Result databases) {}

  /**
   * Brings the files to the state that the log says is committed.
   *
   * @throws BalsaException if they cannot be read or written, or do not belong to the log; nothing
   *     stays open then
   */
  static Recovered run(FsmConfig config, EngineParts parts, LogStore store) {
    Catalogue catalogue = Catalogue.open(parts.files(), config.folder());
    try {
      Incoming.completeInstallation(parts.files(), config.folder(), catalogue);
    } catch (IOException | Catalogue.NoRoomException e) {
      throw new BalsaException(
          "cannot complete the installation of a snapshot in "
              + config.folder()
              + ": "
              + e.getMessage(),
          e);
    }
    return new Recovered(
        catalogue, Redo.run(parts.files(), config.folder(), parts.decisions(), catalogue, store));
  }

  /**
   * Lets SQLite open what is whole.
   *
   * @throws BalsaException if that fails; what is open by then stays so
   */
  static void open(FsmConfig config, Redo.Result databases, LogApplier applier) {
    for (Redo.Ready ready : databases.ready()) {
      try {
        LogApplier.resume(applier.open(ready.state()), ready.openPages());
      } catch (SqliteException e) {
        throw new BalsaException(
            "cannot open database '" + ready.state().name() + "' in " + config.folder() + ": " + e,
            e);
      }
    }
  }

  /** Closes what belongs to databases that were not opened. */
  static void closePages(Redo.Result databases, Throwable because) {
    for (Redo.Ready ready : databases.ready()) {
      try {
        ready.openPages().close();
      } catch (IOException e) {
        because.addSuppressed(e);
      }
    }
  }
}
