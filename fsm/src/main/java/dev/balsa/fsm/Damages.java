package dev.balsa.fsm;

import dev.balsa.raft.LogStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Takes databases whose content on this node is not what the log says out of service, and puts good
 * copies in their place. How copies are got is the {@link Healer}'s business. Owned by the apply
 * thread.
 */
final class Damages {
  private final DatabaseStateMachine machine;
  private final Catalogue catalogue;
  private final LogStore store;
  private final Replicas replicas;
  private final LogApplier applier;
  private final Disputes disputes = new Disputes();

  Damages(
      DatabaseStateMachine machine,
      Catalogue catalogue,
      LogStore store,
      Replicas replicas,
      LogApplier applier) {
    this.machine = machine;
    this.catalogue = catalogue;
    this.store = store;
    this.replicas = replicas;
    this.applier = applier;
  }

  /** A database's content is not what the log says: it is not served any more. */
  void found(Database database, String reason) {
    found(database, reason, null, new TreeSet<>());
  }

  /** As above, with what {@link DamagedDatabase} tells of it. */
  void found(
      Database database,
      String reason,
      RecentStates.@Nullable State found,
      SortedSet<Long> overruledBy) {
    DamagedDatabase damaged =
        DamagedDatabase.found(
            database.name(),
            database.incarnation(),
            database.pageSize(),
            reason,
            found,
            overruledBy);
    replicas.put(damaged);
    database.unserved(() -> Replicas.unavailable(damaged));
    machine.forgetFile(database);
    machine.wakeHealer();
  }

  /** A node whose database is damaged may be right, and this one wrong. */
  void disputed(long from, HealingMessage.StateQuestion question) {
    RecentStates.State found = question.found();
    if (found == null
        || !(replicas.get(question.database()) instanceof Database database)
        || database.incarnation() != question.incarnation()) {
      return;
    }
    SortedSet<Long> against =
        disputes.note(
            database.name(), from, found, database.recent(), machine.configuration().voters());
    if (!against.isEmpty()) {
      found(
          database,
          String.format(
              "a majority of the voters, the nodes %s, computes checksum %016x for transaction %s,"
                  + " and this node another one",
              against, found.checksum(), found.last()),
          null,
          against);
    }
  }

  /**
   * A good copy of a damaged database is here: takes its place, and gets what was applied since.
   *
   * @param copy holds what {@code state} says, durably
   * @param through index of the last entry that is in it
   * @return false if the damaged one is not there any more
   * @throws IOException if the file cannot be moved; it is damaged still
   */
  boolean healed(DamagedDatabase damaged, DatabaseState state, Path copy, long through)
      throws IOException {
    FileLayer files = machine.files();
    DatabaseName name = damaged.name();
    if (replicas.get(name) != damaged) {
      files.delete(copy);
      return false;
    }
    Path mainFile = machine.config().folder().resolve(name.value());
    // First: if it ends here, recovery redoes the log that far on whichever of the two it finds.
    catalogue.update(
        known -> known.change(name, damaged.incarnation(), record -> record.begunTo(through)));
    DatabaseFiles.deleteCompanions(files, mainFile);
    files.rename(copy, mainFile);
    files.forceFolder(machine.config().folder());
    catalogue.update(known -> known.with(state.record(through)));
    Database database = applier.open(state);
    LogEntries.give(
        store::read,
        name,
        through,
        machine.appliedIndex(),
        new LogEntries.Target() {
          @Override
          public void termBegins(long term) {
            database.termBegins(term);
          }

          @Override
          public void commit(long index, Command.Commit commit) {
            if (!database.isClosed()) {
              database.apply(index, commit);
            }
          }
        });
    return true;
  }
}
