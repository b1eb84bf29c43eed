package dev.balsa.fsm;

import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Entry;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The databases of a node by name, in whatever state they are. Any thread looks, the apply thread
 * alone changes.
 */
final class Replicas {
  private final ConcurrentSkipListMap<DatabaseName, Replica> byName = new ConcurrentSkipListMap<>();

  /** Held while the log is read for a damaged database, and while one goes. */
  private final Object logReadersGate = new Object();

  /** Puts a database in, or in the place of what stood for it so far. */
  void put(Replica replica) {
    byName.put(replica.name(), replica);
  }

  /** A database is dropped. */
  void remove(DatabaseName name) {
    synchronized (logReadersGate) {
      byName.remove(name);
    }
  }

  /** All are about to be replaced. */
  void clear() {
    synchronized (logReadersGate) {
      byName.clear();
    }
  }

  /** The database; null if there is none on this node. */
  @Nullable Replica get(DatabaseName name) {
    return byName.get(name);
  }

  /**
   * The database; null if there is none on this node.
   *
   * @throws DatabaseUnavailableException if there is one, and it is not served at present
   */
  @Nullable Database find(DatabaseName name) {
    Replica replica = byName.get(name);
    if (replica == null || replica instanceof Database) {
      return (Database) replica;
    }
    throw unavailable(replica);
  }

  /** What a database says that is not served. */
  static DatabaseUnavailableException unavailable(Replica replica) {
    return new DatabaseUnavailableException(
        replica instanceof DamagedDatabase damaged
            ? "database '"
                + damaged.name()
                + "' is damaged on this node, and not served here: "
                + damaged.reason()
            : "database '" + replica.name() + "' is being recovered on this node");
  }

  /** All of them; a view. */
  Collection<Replica> all() {
    return byName.values();
  }

  /** Those that SQLite has open. */
  List<Database> open() {
    return byName.values().stream()
        .filter(Database.class::isInstance)
        .map(Database.class::cast)
        .toList();
  }

  /** Those whose content on this node is not what the log says. */
  List<DamagedDatabase> damaged() {
    return byName.values().stream()
        .filter(DamagedDatabase.class::isInstance)
        .map(DamagedDatabase.class::cast)
        .toList();
  }

  /** Whether a database of the catalogue is open. */
  boolean isServed(DatabaseRecord record) {
    return byName.get(record.name()) instanceof Database database
        && !database.isClosed()
        && database.incarnation() == record.incarnation();
  }

  /**
   * How each is.
   *
   * @param copying whether a copy of a damaged one is on its way
   */
  List<DatabaseStatus> statuses(Predicate<DatabaseName> copying) {
    return byName.values().stream()
        .map(
            each ->
                each instanceof DamagedDatabase && copying.test(each.name())
                    ? each.status().in(DatabaseStatus.Phase.HEALING)
                    : each.status())
        .toList();
  }

  /**
   * Reads the log after a damaged database's record, as long as that database is there: what it
   * needs is not discarded, and the whole log not replaced, before it is gone. On any thread.
   *
   * @throws IOException if it was dropped, or replaced by a snapshot
   */
  List<Entry> readLogFor(
      DamagedDatabase damaged, LogStore store, long from, long to, long payloadBytesMax)
      throws IOException {
    synchronized (logReadersGate) {
      if (byName.get(damaged.name()) != damaged) {
        throw new IOException("it was dropped, or replaced by a snapshot");
      }
      return store.read(from, to, payloadBytesMax);
    }
  }
}
