package dev.balsa.fsm;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.SnapshotMark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the databases from one state to the next: by the log's entries, which change, make and
 * drop them, or by a snapshot that replaces all of them. What a full disk keeps from being done is
 * waited for. Owned by the apply thread.
 */
final class LogApplier {
  private static final Logger log = LoggerFactory.getLogger(LogApplier.class);

  private final DatabaseStateMachine machine;
  private final Catalogue catalogue;
  private final Replicas replicas;
  private final SqlSurface sql;
  private final Checkpointer checkpointer;
  private final LongConsumer told;

  /** What the entries that are being applied have changed. */
  private final Set<Database> touched = new LinkedHashSet<>();

  private long lastTerm;

  /**
   * Nothing is opened yet.
   *
   * @param lastTerm of the last entry that is applied
   * @param told up to which index the log is applied
   */
  LogApplier(
      DatabaseStateMachine machine,
      Catalogue catalogue,
      Replicas replicas,
      SqlSurface sql,
      Checkpointer checkpointer,
      long lastTerm,
      LongConsumer told) {
    this.machine = machine;
    this.catalogue = catalogue;
    this.replicas = replicas;
    this.sql = sql;
    this.checkpointer = checkpointer;
    this.lastTerm = lastTerm;
    this.told = told;
  }

  /** Lets SQLite open a database; replaces what stands for it so far. */
  Database open(DatabaseState state) {
    Path path = machine.config().folder().resolve(state.name().value());
    Database opened = new Database(machine, state, path, sql, machine.appliedIndex());
    replicas.put(opened);
    return opened;
  }

  /** Gives a database that was opened the pages of an open transaction, if there are any. */
  static void resume(Database database, PartsFile openPages) {
    try (openPages) {
      database.resume(openPages);
    } catch (IOException e) {
      throw new BalsaException(database.name() + ": " + e.getMessage(), e);
    }
  }

  /** Applies committed entries, the next ones. */
  void apply(List<Entry> entries) {
    AppliedIndex applied = machine.applied();
    applied.begin(entries.get(entries.size() - 1).index());
    for (Entry entry : entries) {
      if (entry.term() != lastTerm) {
        termBegins(entry.term());
      }
      if (entry.type() == EntryType.COMMAND) {
        machine.applies(entry.payload().length);
        apply(entry.index(), EntryCodec.decode(entry.payload()));
      }
    }
    long index = entries.get(entries.size() - 1).index();
    openRecovered(index);
    applied.advance(index);
    told.accept(index);
    List<Database> changed = List.copyOf(touched);
    touched.clear();
    for (Database database : changed) {
      if (!database.isClosed()) {
        checkpointer.consider(database, index);
      }
    }
  }

  private void termBegins(long term) {
    lastTerm = term;
    for (Replica replica : replicas.all()) {
      if (replica instanceof Database database) {
        database.termBegins(term);
      } else if (replica instanceof RecoveringDatabase recovering) {
        recovering.termBegins(term);
      }
    }
  }

  private void apply(long index, Command command) {
    Replica replica = replicas.get(command.database());
    if (command instanceof Command.Commit commit) {
      if (replica instanceof Database database) {
        database.apply(index, commit);
        touched.add(database);
      } else if (replica instanceof RecoveringDatabase recovering) {
        machine.room().await(commit.database().value(), () -> recovering.redo(index, commit));
      }
    } else if (catalogue.state().hasMember(index)) {
      log.debug("the snapshot that was installed has it already: {}", command);
    } else if (command instanceof Command.Create create) {
      if (replica == null) {
        machine.room().await(create.database().value(), () -> create(index, create));
      }
    } else if (command instanceof Command.Drop drop
        && replica != null
        && replica.incarnation() == drop.incarnation()) {
      drop(index, replica);
    }
  }

  private void create(long index, Command.Create create) throws IOException {
    DatabaseFiles.create(machine.files(), machine.config().folder(), create);
    DatabaseState state = new DatabaseState(index, create, machine.decisions());
    catalogue.update(known -> known.with(state.record(index)).through(index));
    open(state);
  }

  /** First the catalogue, then the files: a crash in between leaves files that recovery removes. */
  private void drop(long index, Replica replica) {
    DatabaseName name = replica.name();
    if (replica instanceof Database database) {
      database.dropped(() -> new NotAppliedException("database '" + name + "' was dropped"));
      machine.forgetFile(database);
    } else if (replica instanceof RecoveringDatabase recovering) {
      closeFile(recovering);
    }
    machine
        .room()
        .await(name.value(), () -> catalogue.update(known -> known.without(name).through(index)));
    replicas.remove(name);
    machine
        .room()
        .await(
            name.value(),
            () -> DatabaseFiles.delete(machine.files(), machine.config().folder(), name));
    log.info("database {} is dropped", name);
  }

  private static void closeFile(RecoveringDatabase recovering) {
    try {
      recovering.close();
    } catch (IOException e) {
      throw new BalsaException(recovering.path() + ": " + e.getMessage(), e);
    }
  }

  /** What waited for entries that have now come is whole, and served. */
  private void openRecovered(long index) {
    for (Replica replica : replicas.all()) {
      if (replica instanceof RecoveringDatabase recovering
          && machine.decisions().mayOpen(recovering.begun(), index)) {
        openRecovered(recovering, index);
      }
    }
  }

  /** Each step is waited for by itself: what is done is not repeated. */
  private void openRecovered(RecoveringDatabase recovering, long index) {
    DatabaseState state = recovering.state();
    String name = state.name().value();
    boolean[] good = new boolean[1];
    machine.room().await(name, () -> good[0] = recovering.complete(null));
    PartsFile openPages = recovering.handOverParts();
    closeFile(recovering);
    if (good[0]) {
      machine.room().await(name, () -> catalogue.update(known -> known.with(state.record(index))));
      Database[] opened = new Database[1];
      machine.room().await(name, () -> opened[0] = open(state));
      resume(opened[0], openPages);
      log.info("database {} is recovered, and served", state.name());
    } else {
      machine.room().await(name, openPages::close);
      replicas.put(DamagedDatabase.of(state, "what came with a snapshot, and was redone,"));
      machine.wakeHealer();
    }
  }

  /**
   * Everything is replaced by a snapshot that is here completely.
   *
   * @param mark its place in the log
   */
  void install(SnapshotMark mark) {
    Supplier<DatabaseUnavailableException> why =
        () -> new DatabaseUnavailableException("a snapshot is being installed on this node");
    for (Replica replica : replicas.all()) {
      if (replica instanceof Database database) {
        database.unserved(why);
        machine.forgetFile(database);
      } else if (replica instanceof RecoveringDatabase recovering) {
        closeFile(recovering);
      }
    }
    replicas.clear();
    FileLayer files = machine.files();
    Path folder = machine.config().folder();
    machine.room().await("the snapshot", () -> catalogue.update(known -> known.installing(mark)));
    machine
        .room()
        .await("the snapshot", () -> Incoming.completeInstallation(files, folder, catalogue));
    lastTerm = mark.term();
    machine.applied().begin(mark.index());
    machine.applied().advance(mark.index());
    for (DatabaseRecord record : catalogue.state().databases().values()) {
      machine
          .room()
          .await(
              record.name().value(),
              () ->
                  replicas.put(new RecoveringDatabase(files, folder, record, machine.decisions())));
    }
    openRecovered(mark.index());
    log.info(
        "{} databases came with the snapshot at index {}", replicas.all().size(), mark.index());
  }
}
