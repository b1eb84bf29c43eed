package dev.balsa.fsm;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database whose content on this node is not what the log says. It serves nobody, and nothing is
 * applied to it; the other nodes' copies are not concerned.
 *
 * @param name the database
 * @param incarnation index of the entry that created it
 * @param pageSize in bytes
 * @param reason what was found, in one sentence
 * @param found what this node computed where the log says otherwise; null if that is not how it was
 *     found
 * @param overruledBy the voters that have all computed another checksum than this node;
 *     unmodifiable
 */
record DamagedDatabase(
    DatabaseName name,
    long incarnation,
    int pageSize,
    String reason,
    RecentStates.@Nullable State found,
    SortedSet<Long> overruledBy)
    implements Replica {
  private static final Logger log = LoggerFactory.getLogger(DamagedDatabase.class);

  /** Says so, loudly. */
  static DamagedDatabase of(DatabaseState state, String found) {
    String reason =
        found
            + " is not the database that the log says: expected checksum "
            + String.format("%016x", state.checksum().value())
            + " of "
            + state.checksum().pages()
            + " pages after transaction "
            + state.last();
    return found(state.name(), state.incarnation(), state.pageSize(), reason);
  }

  /** Says so, loudly. */
  static DamagedDatabase found(DatabaseName name, long incarnation, int pageSize, String reason) {
    return found(name, incarnation, pageSize, reason, null, new TreeSet<>());
  }

  /** Says so, loudly. */
  static DamagedDatabase found(
      DatabaseName name,
      long incarnation,
      int pageSize,
      String reason,
      RecentStates.@Nullable State found,
      SortedSet<Long> overruledBy) {
    log.error("database {} is DAMAGED on this node, and not served: {}", name, reason);
    return new DamagedDatabase(
        name, incarnation, pageSize, reason, found, Collections.unmodifiableSortedSet(overruledBy));
  }

  @Override
  public DatabaseStatus status() {
    return DatabaseStatus.unavailable(
        name.value(), incarnation, pageSize, DatabaseStatus.Phase.DAMAGED);
  }
}
