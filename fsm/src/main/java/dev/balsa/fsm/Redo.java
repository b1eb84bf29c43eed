package dev.balsa.fsm;

import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.sqlite.wal.PageImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovery at start, before SQLite opens anything: what the WALs held is dropped, and the images of
 * all committed entries are written straight into the main files. As long as there are no
 * checkpoints, the log holds everything from the first entry on, so the files are made anew.
 */
final class Redo implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Redo.class);
  private static final long READ_BYTES_MAX = 4 << 20;

  private final Path folder;
  private final Map<DatabaseName, Target> targets = new LinkedHashMap<>();
  private long applied;

  private record Target(DatabaseState state, FileChannel file) {}

  private Redo(Path folder) {
    this.folder = folder;
  }

  /**
   * What recovery left.
   *
   * @param databases their states, by name
   * @param applied index of the last entry redone
   */
  record Result(Map<DatabaseName, DatabaseState> databases, long applied) {}

  /**
   * Redoes all entries of the log that are known committed.
   *
   * @param folder the databases' folder; made if missing
   */
  static Result run(Path folder, LogStore store) {
    long started = System.nanoTime();
    try (Redo redo = new Redo(folder)) {
      redo.clear(store);
      long committed = store.hardState().committed();
      while (redo.applied < committed) {
        for (Entry entry : store.read(redo.applied + 1, committed, READ_BYTES_MAX)) {
          redo.redo(entry);
          redo.applied = entry.index();
        }
      }
      Map<DatabaseName, DatabaseState> states = new TreeMap<>();
      redo.targets.forEach((name, target) -> states.put(name, target.state()));
      if (committed > 0) {
        log.info(
            "recovered {} databases from {} log entries in {} ms",
            states.size(),
            committed,
            (System.nanoTime() - started) / 1_000_000);
      }
      return new Result(states, redo.applied);
    } catch (IOException e) {
      throw new BalsaException(
          "cannot recover the databases in " + folder + ": " + e.getMessage(), e);
    }
  }

  /** The folder holds only what the log can make again. */
  private void clear(LogStore store) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (store.lastIndex() == 0) {
          throw new BalsaException(
              folder
                  + " holds databases, but the log beside it is empty: the log was removed or belongs"
                  + " to another node. Restore it, or move the whole data folder away to let this node"
                  + " start anew");
        }
        Files.delete(file);
      }
    }
  }

  private void redo(Entry entry) throws IOException {
    for (Target target : targets.values()) {
      target.state().termBegins(entry.term());
    }
    if (entry.type() != EntryType.COMMAND) {
      return;
    }
    Command command = EntryCodec.decode(entry.payload());
    Target target = targets.get(command.database());
    if (command instanceof Command.Create create) {
      if (target == null) {
        FileChannel file =
            FileChannel.open(
                folder.resolve(create.database().value()),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE);
        targets.put(create.database(), new Target(new DatabaseState(entry.index(), create), file));
        write(file, create.pageSize(), create.pages());
      }
    } else if (command instanceof Command.Commit commit
        && target != null
        && target.state().receive(commit) instanceof DatabaseState.Verdict.Complete complete) {
      Command.Transaction transaction = complete.transaction();
      DatabaseState state = target.state();
      DatabaseChecksum.Update update = state.verify(transaction);
      int pagesBefore = state.checksum().pages();
      write(target.file(), state.pageSize(), transaction.pages());
      long bytes = (long) transaction.databasePages() * state.pageSize();
      if (transaction.databasePages() < pagesBefore) {
        target.file().truncate(bytes);
      } else if (target.file().size() < bytes) {
        target.file().write(ByteBuffer.allocate(1), bytes - 1); // a last page never written
      }
      state.applied(transaction.id(), update);
    }
  }

  private static void write(FileChannel file, int pageSize, Iterable<PageImage> pages)
      throws IOException {
    for (PageImage page : pages) {
      ByteBuffer content = page.content().duplicate();
      long position = (page.pageNumber() - 1L) * pageSize;
      while (content.hasRemaining()) {
        position += file.write(content, position);
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (Target target : targets.values()) {
      target.file().close();
    }
  }
}
