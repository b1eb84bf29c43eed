package dev.balsa.fsm;

import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.SnapshotMark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovery at start, before SQLite opens anything. What the WALs held is dropped: all that is
 * committed in them is in the log. The images of the entries after each database's recorded index
 * are written straight into its main file, which makes good whatever a checkpoint that was cut
 * short has left there; then the file is read once, and must amount to the log's checksum.
 *
 * <p>A main file that is missing is damage like any other: a healer brings another node's copy.
 *
 * <p>It can be cut short itself at any point, and is repeated at the next start.
 */
final class Redo implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Redo.class);
  private static final long READ_BYTES_MAX = 4 << 20;
  private static final long PROGRESS_NANOS = 5_000_000_000L;

  private final FileLayer files;
  private final Path folder;
  private final EngineDecisions decisions;
  private final Catalogue catalogue;
  private final LogStore store;

  /** What the catalogue said at the start. */
  private final CatalogueState atStart;

  private final Map<DatabaseName, RecoveringDatabase> databases = new TreeMap<>();

  /** Those of the catalogue whose main file somebody has deleted. */
  private final Map<DatabaseName, DatabaseRecord> missing = new TreeMap<>();

  private long lastTerm;

  private Redo(
      FileLayer files,
      Path folder,
      EngineDecisions decisions,
      Catalogue catalogue,
      LogStore store) {
    this.files = files;
    this.folder = folder;
    this.decisions = decisions;
    this.catalogue = catalogue;
    this.store = store;
    this.atStart = catalogue.state();
  }

  /**
   * A database that SQLite may open.
   *
   * @param openPages of the transaction of which not all parts have come; to be closed
   */
  record Ready(DatabaseState state, PartsFile openPages) {}

  /**
   * What recovery left.
   *
   * @param ready databases that SQLite may open, and pages of transactions that are open
   * @param recovering those that need entries which the log does not have yet
   * @param damaged those whose content is not what the log says
   * @param applied index of the last entry redone
   * @param lastTerm that entry's term
   */
  record Result(
      List<Ready> ready,
      List<RecoveringDatabase> recovering,
      List<DamagedDatabase> damaged,
      long applied,
      long lastTerm) {}

  /**
   * Brings the main files to what the log says is committed.
   *
   * @param folder the databases' folder
   * @throws BalsaException if files or log cannot be read or written, or do not belong together
   */
  static Result run(
      FileLayer files,
      Path folder,
      EngineDecisions decisions,
      Catalogue catalogue,
      LogStore store) {
    try (Redo redo = new Redo(files, folder, decisions, catalogue, store)) {
      return redo.run();
    } catch (IOException | Catalogue.NoRoomException e) {
      throw new BalsaException(
          "cannot recover the databases in " + folder + ": " + e.getMessage(), e);
    }
  }

  private Result run() throws IOException {
    long started = System.nanoTime();
    CatalogueState known = catalogue.state();
    requireLog(files, folder, known, store);
    clear(known, List.of());
    for (DatabaseRecord record : known.databases().values()) {
      if (files.exists(folder.resolve(record.name().value()))) {
        databases.put(record.name(), new RecoveringDatabase(files, folder, record, decisions));
      } else {
        missing.put(record.name(), record);
      }
    }
    long target = target(known, store);
    long from = known.neededAfter();
    if (target > from) {
      redo(from, target, started);
    }
    lastTerm = target == 0 ? 0 : termAt(target, known);
    Result result = complete(target);
    if (target > 0) {
      log.info(
          "recovered {} databases by {} log entries in {} ms",
          databases.size(),
          target - from,
          (System.nanoTime() - started) / 1_000_000);
    }
    databases.values().removeAll(result.recovering()); // they stay open
    return result;
  }

  /** Whether the log is still the one before the snapshot that was installed last. */
  private static boolean logIsOld(CatalogueState known, LogStore store) {
    SnapshotMark installed = known.installed();
    return installed != null
        && store.base().index() < installed.index()
        && (store.lastIndex() < installed.index()
            || store.term(installed.index()) != installed.term());
  }

  /**
   * The databases can be made from what the log has.
   *
   * @throws BalsaException if not
   */
  static void requireLog(FileLayer files, Path folder, CatalogueState known, LogStore store)
      throws IOException {
    boolean old = logIsOld(known, store);
    if (store.lastIndex() == 0 && (known.through() > 0 || hasFiles(files, folder)) && !old) {
      throw new BalsaException(
          folder
              + " holds databases, but the log beside it is empty: the log was removed or belongs"
              + " to another node. Restore it, or move the whole data folder away to let this node"
              + " start anew");
    }
    if (old) {
      return;
    }
    if (store.base().index() > known.neededAfter()) {
      throw new BalsaException(
          "the databases in "
              + folder
              + " need the log from index "
              + (known.neededAfter() + 1)
              + " on, and it begins after "
              + store.base().index()
              + ": one of the two is not this node's, or is an old copy. Restore it, or replace the"
              + " node: remove it from the cluster, and add it with an empty folder and another id");
    }
    if (requiredTo(known) > store.lastIndex()) {
      throw new BalsaException(
          "the databases in "
              + folder
              + " hold what the log says up to index "
              + requiredTo(known)
              + ", but that ends at "
              + store.lastIndex()
              + ": it is an old copy, or another node's. Restore it, or replace the node:"
              + " remove it from the cluster, and add it with an empty folder and another id");
    }
  }

  private static boolean hasFiles(FileLayer files, Path folder) throws IOException {
    return files.list(folder).stream()
        .anyMatch(file -> !Catalogue.isPart(file) && !Incoming.isPart(file));
  }

  /** The index that the files are known to be of: committed, whatever the log says of that. */
  private static long requiredTo(CatalogueState known) {
    long index = known.through();
    for (DatabaseRecord record : known.databases().values()) {
      index = Math.max(index, record.received() ? 0 : record.begun());
    }
    return index;
  }

  /** The index up to which the log is known to be committed. */
  static long target(CatalogueState known, LogStore store) {
    if (logIsOld(known, store)) {
      return known.through();
    }
    long committed = store.hardState().committed();
    long files = known.through();
    for (DatabaseRecord record : known.databases().values()) {
      files = Math.max(files, record.received() ? 0 : record.begun());
    }
    return Math.max(committed, files);
  }

  private long termAt(long index, CatalogueState known) {
    SnapshotMark installed = known.installed();
    if (installed != null && installed.index() == index) {
      return installed.term();
    }
    return index == store.base().index() ? store.base().term() : store.term(index);
  }

  /** What is no main file of the catalogue is left over: WALs, shared memory, what was dropped. */
  private void clear(CatalogueState known, List<Path> openPages) throws IOException {
    boolean deleted = false;
    for (Path file : files.list(folder)) {
      String name = file.getFileName().toString();
      if (!Catalogue.isPart(file)
          && !Incoming.isPart(file)
          && !CleanStop.isPart(file)
          && !openPages.contains(file)
          && known.databases().keySet().stream().noneMatch(each -> each.value().equals(name))) {
        files.delete(file);
        deleted = true;
      }
    }
    if (deleted) {
      files.forceFolder(folder);
    }
  }

  private void redo(long from, long to, long started) throws IOException {
    long done = from;
    long told = started;
    while (done < to) {
      for (Entry entry : store.read(done + 1, to, READ_BYTES_MAX)) {
        redo(entry);
        done = entry.index();
      }
      if (System.nanoTime() - told > PROGRESS_NANOS) {
        told = System.nanoTime();
        log.info("recovering: {} of {} log entries", done - from, to - from);
      }
    }
  }

  private void redo(Entry entry) throws IOException {
    if (entry.term() != lastTerm) {
      lastTerm = entry.term();
      databases.values().forEach(database -> database.termBegins(entry.term()));
    }
    if (entry.type() != EntryType.COMMAND) {
      return;
    }
    Command command = EntryCodec.decode(entry.payload());
    RecoveringDatabase database = databases.get(command.database());
    if (command instanceof Command.Commit commit) {
      if (database != null) {
        database.redo(entry.index(), commit);
      }
    } else if (!atStart.hasMember(entry.index())) {
      if (command instanceof Command.Create create) {
        if (database == null && !missing.containsKey(create.database())) {
          create(entry.index(), create);
        }
      } else if (command instanceof Command.Drop drop) {
        drop(drop, database);
      }
    }
  }

  private void drop(Command.Drop drop, @Nullable RecoveringDatabase database) throws IOException {
    DatabaseRecord lost = missing.get(drop.database());
    if (lost != null && lost.incarnation() == drop.incarnation()) {
      missing.remove(drop.database());
    } else if (database != null && database.incarnation() == drop.incarnation()) {
      databases.remove(drop.database());
      database.close(); // the file goes once the catalogue says so
    }
  }

  private void create(long index, Command.Create create) throws IOException {
    DatabaseFiles.create(files, folder, create);
    DatabaseRecord record = new DatabaseState(index, create, decisions).record(index);
    databases.put(create.database(), new RecoveringDatabase(files, folder, record, decisions));
  }

  /** What is redone far enough is made durable and verified; then the catalogue says so. */
  private Result complete(long target) throws IOException {
    List<RecoveringDatabase> good = new ArrayList<>();
    List<RecoveringDatabase> recovering = new ArrayList<>();
    List<DamagedDatabase> damaged = new ArrayList<>();
    CatalogueState next = catalogue.state();
    for (DatabaseName gone : next.databases().keySet()) {
      if (!databases.containsKey(gone) && !missing.containsKey(gone)) {
        next = next.without(gone);
      }
    }
    List<Path> openPages = new ArrayList<>();
    for (RecoveringDatabase database : databases.values()) {
      DatabaseState state = database.state();
      openPages.add(database.partsPath());
      if (!decisions.mayOpen(database.begun(), target)) {
        recovering.add(database);
      } else if (database.complete(next.databases().get(state.name()))) {
        good.add(database);
        next = next.with(state.record(target));
      } else {
        damaged.add(DamagedDatabase.of(state, "what recovery found in its file"));
        // It stays known, also if it is new: other nodes have it.
        next = next.with(database.record().begunTo(target));
      }
    }
    for (DatabaseRecord lost : missing.values()) {
      damaged.add(missing(lost));
      next = next.with(lost.begunTo(target)); // the log after it is needed for another's copy
    }
    files.forceFolder(folder);
    CatalogueState reached = next.through(target);
    catalogue.update(before -> reached);
    clear(reached, openPages);
    // Last: until then it is here that the pages of open transactions are closed.
    List<Ready> ready =
        good.stream().map(each -> new Ready(each.state(), each.handOverParts())).toList();
    return new Result(ready, recovering, damaged, target, lastTerm);
  }

  private DamagedDatabase missing(DatabaseRecord lost) {
    return DamagedDatabase.found(
        lost.name(),
        lost.incarnation(),
        lost.pageSize(),
        folder.resolve(lost.name().value())
            + " is missing, which the catalogue says holds index "
            + lost.index()
            + ": somebody has deleted it. Another node's copy takes its place, if there is one;"
            + " else restore this node's data folder as a whole from a backup, or drop the"
            + " database");
  }

  @Override
  public void close() throws IOException {
    IOException failed = null;
    for (RecoveringDatabase database : databases.values()) {
      try {
        database.close();
      } catch (IOException e) {
        failed = e;
      }
    }
    if (failed != null) {
      throw failed;
    }
  }
}
