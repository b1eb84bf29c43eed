package dev.balsa.fsm;

import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import java.io.IOException;

/** What the log holds for one database. */
final class LogEntries {
  private static final long READ_BYTES_MAX = 4 << 20;

  private LogEntries() {}

  /** Takes a database's part of the log, in order. */
  interface Target {
    /** The entries that follow are of that term. */
    void termBegins(long term);

    /** The next transaction, or a part of one. */
    void commit(long index, Command.Commit commit) throws IOException;
  }

  /**
   * Gives it the entries after one index up to another one, which are in the log.
   *
   * @throws dev.balsa.raft.LogStoreException if they cannot be read
   */
  static void give(LogStore store, DatabaseName name, long after, long to, Target target)
      throws IOException {
    long done = after;
    long term = 0;
    while (done < to) {
      for (Entry entry : store.read(done + 1, to, READ_BYTES_MAX)) {
        if (entry.term() != term) {
          term = entry.term();
          target.termBegins(term);
        }
        if (entry.type() == EntryType.COMMAND
            && EntryCodec.decode(entry.payload()) instanceof Command.Commit commit
            && commit.database().equals(name)) {
          target.commit(entry.index(), commit);
        }
        done = entry.index();
      }
    }
  }
}
