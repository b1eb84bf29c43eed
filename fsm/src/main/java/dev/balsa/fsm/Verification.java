package dev.balsa.fsm;

import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.SqliteStatement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks the databases of a node that does not run: the catalogue, and of each database whether its
 * main file with the log amounts to the checksum that the log says, and is sound to SQLite. The
 * node's files are only read: what recovery would do is done to a copy, one database at a time.
 */
public final class Verification {
  private static final long READ_BYTES_MAX = 4 << 20;
  private static final long PROGRESS_NANOS = 5_000_000_000L;

  /** More lines of SQLite's findings help nobody. */
  private static final int SQLITE_ERRORS_MAX = 3;

  private final Path folder;
  private final Path scratch;
  private final LogStore log;
  private final Consumer<String> progress;
  private final Consumer<Finding> each;
  private final FileLayer files = new ReadOnlyFiles();
  private long toldNanos = System.nanoTime();

  /** What the log does with a database. */
  private static final class Life {
    /** What is known of its main file; null if the log creates it. */
    final @Nullable DatabaseRecord record;

    final long incarnation;
    final int pageSize;

    /** Bytes that a copy takes at most. */
    long bytes;

    /** The first and the last entry that matter. */
    final long from;

    long to;

    Life(DatabaseRecord record) {
      this.record = record;
      this.incarnation = record.incarnation();
      this.pageSize = record.pageSize();
      this.bytes = record.bytes();
      this.from = record.index() + 1;
      this.to = record.index();
    }

    Life(long index, Command.Create create) {
      this.record = null;
      this.incarnation = index;
      this.pageSize = create.pageSize();
      this.bytes = (long) create.pages().size() * pageSize;
      this.from = index;
      this.to = index;
    }
  }

  private Verification(
      Path folder, Path scratch, LogStore log, Consumer<String> progress, Consumer<Finding> each) {
    this.folder = folder;
    this.scratch = scratch;
    this.log = log;
    this.progress = progress;
    this.each = each;
  }

  /**
   * Checks the databases in a folder that nobody uses.
   *
   * @param folder the databases' folder
   * @param scratch where copies are made; it takes the largest database's size, or somewhat more
   * @param log the node's log, sound
   * @param progress is told, in a line, of work that takes long
   * @param each is told each finding, the catalogue's first
   */
  public static void run(
      Path folder, Path scratch, LogStore log, Consumer<String> progress, Consumer<Finding> each) {
    new Verification(folder, scratch, log, progress, each).run();
  }

  private void run() {
    String what = "catalogue";
    CatalogueState known;
    Map<DatabaseName, Life> lives;
    long target;
    try {
      Catalogue.Inspection catalogue = Catalogue.inspect(files, folder);
      known = catalogue.state();
      if (known == null) {
        each.accept(Finding.damaged(what, String.join("; ", catalogue.damaged())));
        return;
      }
      if (known.installing() != null) {
        known = Incoming.manifest(files, folder);
      }
      Redo.requireLog(files, folder, known, log);
      target = Redo.target(known, log);
      each.accept(Finding.good(what, describe(known, catalogue)));
      lives = lives(known, target);
    } catch (BalsaException e) {
      each.accept(Finding.damaged(what, String.valueOf(e.getMessage())));
      return;
    } catch (IOException | IllegalArgumentException e) {
      each.accept(Finding.unknown(what, "it cannot be read: " + e));
      return;
    }
    for (Map.Entry<DatabaseName, Life> life : lives.entrySet()) {
      each.accept(database(life.getKey(), life.getValue(), target));
    }
  }

  private static String describe(CatalogueState known, Catalogue.Inspection catalogue) {
    return known.databases().size()
        + " databases, the log applied up to "
        + known.through()
        + (catalogue.damaged().isEmpty()
            ? ""
            : "; one of its two files is not whole, which a crash while it was written leaves,"
                + " and the other one does: "
                + String.join("; ", catalogue.damaged()));
  }

  /** What databases there are at the log's end, and which entries each needs. */
  private Map<DatabaseName, Life> lives(CatalogueState known, long target) {
    Map<DatabaseName, Life> lives = new TreeMap<>();
    for (DatabaseRecord record : known.databases().values()) {
      lives.put(record.name(), new Life(record));
    }
    read(
        known.neededAfter() + 1,
        target,
        "looking through the log",
        entry -> {
          if (entry.type() == EntryType.COMMAND) {
            look(lives, known, entry.index(), EntryCodec.decode(entry.payload()));
          }
        });
    return lives;
  }

  private static void look(
      Map<DatabaseName, Life> lives, CatalogueState known, long index, Command command) {
    Life life = lives.get(command.database());
    if (command instanceof Command.Commit commit) {
      if (life != null && index >= life.from) {
        life.to = index;
        life.bytes =
            Math.max(life.bytes, (long) commit.transaction().databasePages() * life.pageSize);
      }
    } else if (!known.hasMember(index)) {
      if (command instanceof Command.Create create && life == null) {
        lives.put(create.database(), new Life(index, create));
      } else if (command instanceof Command.Drop drop
          && life != null
          && life.incarnation == drop.incarnation()) {
        lives.remove(drop.database());
      }
    }
  }

  private void read(long from, long to, String doing, Consumer<Entry> taker) {
    long next = from;
    while (next <= to) {
      for (Entry entry : log.read(next, to, READ_BYTES_MAX)) {
        taker.accept(entry);
        next = entry.index() + 1;
      }
      tell(doing, next - from, to - from + 1, "entries");
    }
  }

  private void tell(String doing, long done, long all, String unit) {
    if (System.nanoTime() - toldNanos > PROGRESS_NANOS) {
      toldNanos = System.nanoTime();
      progress.accept(doing + ": " + done + " of " + all + " " + unit);
    }
  }

  private Finding database(DatabaseName name, Life life, long target) {
    String what = "database " + name;
    Path copy = scratch.resolve(name.value());
    try {
      long room = Files.getFileStore(scratch).getUsableSpace();
      if (room < life.bytes) {
        return Finding.unknown(
            what,
            String.format(
                "its copy takes %,d bytes, and %s has room for %,d: name another scratch folder",
                life.bytes, scratch, room));
      }
      DatabaseRecord record = life.record;
      if (record != null) {
        if (record.begun() > target) {
          return Finding.unknown(
              what,
              "it came with a snapshot, and is whole with the log up to "
                  + record.begun()
                  + ", which ends at "
                  + target
                  + " here so far");
        }
        Path mainFile = Incoming.mainFile(files, folder, name);
        if (!files.exists(mainFile)) {
          return Finding.damaged(what, mainFile + " is missing");
        }
        copy(mainFile, copy, what);
      }
      return check(what, copy, life, target);
    } catch (IOException | UncheckedIOException e) {
      return Finding.unknown(what, "it cannot be checked: " + e);
    } catch (BalsaException | InvariantViolation e) {
      return Finding.damaged(what, String.valueOf(e.getMessage()));
    } finally {
      deleteQuietly(copy);
    }
  }

  private void copy(Path from, Path to, String what) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    try (FileLayer.File in = files.open(from);
        FileLayer.File out = FileLayer.SYSTEM.open(to)) {
      out.resize(0);
      long size = in.size();
      for (long at = 0; at < size; at += buffer.limit()) {
        buffer.clear();
        in.read(at, buffer);
        out.write(at, buffer.flip());
        tell("copying " + what, at >> 20, size >> 20, "MiB");
      }
    }
  }

  /** What recovery would make of the copy, compared with what the log says. */
  private Finding check(String what, Path copy, Life life, long target) throws IOException {
    RecoveringDatabase opened = null;
    DatabaseRecord record = life.record;
    if (record != null) {
      opened = recovering(record);
    }
    Redoing redoing = new Redoing(opened);
    try {
      read(life.from, life.to, "redoing " + what, entry -> redoing.take(copy, life, entry));
      RecoveringDatabase database = redoing.database();
      progressBeforeReading(what, life);
      DatabaseChecksum expected = database.state().checksum();
      String described =
          String.format(
              "checksum %016x of %d pages of %d bytes after transaction %s, at index %d",
              expected.value(),
              expected.pages(),
              database.state().pageSize(),
              database.state().last(),
              database.state().indexAt(target));
      if (!database.complete(null)) {
        return Finding.damaged(
            what,
            String.format(
                "its main file and the log amount to checksum %016x; expected is %s",
                database.found(), described));
      }
      String sqlite = integrity(copy);
      return sqlite.equals("ok")
          ? Finding.good(what, described + ", integrity_check ok")
          : Finding.damaged(what, described + ", but SQLite's integrity_check says: " + sqlite);
    } finally {
      redoing.close();
    }
  }

  private void progressBeforeReading(String what, Life life) {
    if (life.bytes > 1L << 30) {
      progress.accept("reading " + what + ": " + (life.bytes >> 20) + " MiB");
    }
  }

  private RecoveringDatabase recovering(DatabaseRecord record) throws IOException {
    return new RecoveringDatabase(FileLayer.SYSTEM, scratch, record, EngineDecisions.SOUND);
  }

  /** The copy while entries are redone on it. */
  private final class Redoing {
    private @Nullable RecoveringDatabase database;
    private long term;

    Redoing(@Nullable RecoveringDatabase database) {
      this.database = database;
    }

    RecoveringDatabase database() {
      return Objects.requireNonNull(database);
    }

    void take(Path copy, Life life, Entry entry) {
      RecoveringDatabase open = database;
      if (entry.term() != term && open != null) {
        open.termBegins(entry.term());
      }
      term = entry.term();
      if (entry.type() != EntryType.COMMAND) {
        return;
      }
      Command command = EntryCodec.decode(entry.payload());
      if (!command.database().value().equals(copy.getFileName().toString())) {
        return;
      }
      try {
        if (command instanceof Command.Commit commit && open != null) {
          open.redo(entry.index(), commit);
        } else if (command instanceof Command.Create create && entry.index() == life.incarnation) {
          DatabaseFiles.create(FileLayer.SYSTEM, scratch, create);
          database =
              recovering(
                  new DatabaseState(entry.index(), create, EngineDecisions.SOUND)
                      .record(entry.index()));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void close() throws IOException {
      RecoveringDatabase open = database;
      if (open != null) {
        open.close();
      }
    }
  }

  private static String integrity(Path copy) {
    List<String> found = new ArrayList<>();
    try (SqliteConnection connection = SqliteConnection.open(copy, OpenFlags.READWRITE, null);
        SqliteStatement statement =
            connection.prepare("PRAGMA integrity_check(" + SQLITE_ERRORS_MAX + ")")) {
      while (statement.step()) {
        found.add(String.valueOf(statement.columnText(0)));
      }
      return String.join("; ", found);
    } catch (SqliteException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static void deleteQuietly(Path copy) {
    try {
      for (String suffix : new String[] {"", "-wal", "-shm"}) {
        Files.deleteIfExists(Path.of(copy + suffix));
      }
    } catch (IOException e) {
      // The scratch folder is the caller's, who finds it there.
    }
  }
}
