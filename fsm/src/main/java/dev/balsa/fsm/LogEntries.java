package dev.balsa.fsm;

import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import java.io.IOException;
import java.util.List;

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

  /** Reads entries, like {@link LogStore#read}. */
  interface Reader {
    /** Some of them, at least the first one. */
    List<Entry> read(long from, long to, long payloadBytesMax) throws IOException;
  }

  /**
   * Gives it the entries after one index up to another one, which are in the log.
   *
   * @throws dev.balsa.raft.LogStoreException if they cannot be read
   */
  static void give(Reader log, DatabaseName name, long after, long to, Target target)
      throws IOException {
    long done = after;
    long term = 0;
    while (done < to) {
      for (Entry entry : log.read(done + 1, to, READ_BYTES_MAX)) {
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
