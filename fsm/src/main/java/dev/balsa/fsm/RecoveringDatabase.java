package dev.balsa.fsm;

import dev.balsa.sqlite.wal.PageImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A database whose main file is being made good from the log, before SQLite opens it: the images of
 * all entries after its recorded index are written straight into the file, up to where a checkpoint
 * may have got at least. Whole images repair whatever a checkpoint that was cut short, or one that
 * went on while the file was copied, has left.
 *
 * <p>Used by one thread: recovery's, later the apply thread.
 */
final class RecoveringDatabase implements Replica, AutoCloseable {
  private final DatabaseRecord record;
  private final DatabaseState state;
  private final long begun;
  private final FileLayer files;
  private final Path path;
  private final FileLayer.File file;
  private final PartsFile parts;
  private boolean partsAreOurs = true;
  private boolean redone;

  /** The last entry received, and what it means; what it asks for may have to be repeated. */
  private long received;

  private DatabaseState.@Nullable Verdict verdict;

  /** What the file was found to amount to. */
  private long found;

  /**
   * Opens the main file.
   *
   * @param record what is known of it
   */
  RecoveringDatabase(FileLayer files, Path folder, DatabaseRecord record, EngineDecisions decisions)
      throws IOException {
    this(files, record, decisions, existing(files, folder.resolve(record.name().value())));
  }

  /** As above, at another place. */
  RecoveringDatabase(FileLayer files, DatabaseRecord record, EngineDecisions decisions, Path path)
      throws IOException {
    this.files = files;
    this.record = record;
    this.state = new DatabaseState(record, decisions);
    this.begun = record.begun();
    this.path = path;
    this.file = files.open(path);
    this.parts = new PartsFile(files, path, record.pageSize());
  }

  private static Path existing(FileLayer files, Path path) {
    if (!files.exists(path)) {
      throw new BalsaException(path + " is missing");
    }
    return path;
  }

  /** What was known of it before anything was redone. */
  DatabaseRecord record() {
    return record;
  }

  @Override
  public DatabaseName name() {
    return state.name();
  }

  @Override
  public long incarnation() {
    return state.incarnation();
  }

  @Override
  public DatabaseStatus status() {
    return DatabaseStatus.unavailable(
        name().value(), incarnation(), state.pageSize(), DatabaseStatus.Phase.RECOVERING);
  }

  DatabaseState state() {
    return state;
  }

  Path path() {
    return path;
  }

  /** Where the pages of an open transaction are, if there is one. */
  Path partsPath() {
    return parts.path();
  }

  /** The index that must be redone before anybody may open it. */
  long begun() {
    return begun;
  }

  /** Parts of transactions of earlier terms can no longer be completed. */
  void termBegins(long term) {
    state.termBegins(term);
  }

  /** Hands over the pages of the transaction that is open; the taker closes it. */
  PartsFile handOverParts() {
    partsAreOurs = false;
    return parts;
  }

  /** Redoes an entry, unless it is in the file already. If that fails it can be repeated. */
  void redo(long index, Command.Commit commit) throws IOException {
    if (state.has(index)) {
      return;
    }
    if (index != received) {
      verdict = state.receive(index, commit);
      received = index;
    }
    if (verdict instanceof DatabaseState.Verdict.Part part) {
      if (part.first()) {
        parts.clear();
      }
      parts.add(commit.transaction().pages());
    } else if (verdict instanceof DatabaseState.Verdict.Complete complete) {
      redo(complete);
    }
  }

  private void redo(DatabaseState.Verdict.Complete complete) throws IOException {
    Command.Transaction transaction = complete.transaction();
    redone = true;
    if (complete.parts() != null) {
      parts.read(this::write);
    }
    write(transaction.pages());
    if (transaction.databasePages() < state.checksum().pages()) {
      // What a later transaction grows by without writing it must be zeros.
      file.resize((long) transaction.databasePages() * state.pageSize());
    }
    state.redone(transaction);
  }

  private void write(List<PageImage> pages) throws IOException {
    for (PageImage page : pages) {
      file.write((page.pageNumber() - 1L) * state.pageSize(), page.content().duplicate());
    }
  }

  /**
   * All is redone: cuts the file to its size, makes it durable and reads the hashes of its pages.
   * Can be repeated if it fails.
   *
   * @param known what the catalogue says of it; null if nothing
   * @return whether the file is what the log says
   */
  boolean complete(@Nullable DatabaseRecord known) throws IOException {
    long[] kept = redone || known == null ? null : CleanStop.take(files, path, file, known);
    if (kept != null && state.checksum().verify(kept)) {
      return true;
    }
    int pages = state.checksum().pages();
    file.resize((long) pages * state.pageSize());
    file.force();
    long[] hashes = PageScan.hashes(file, state.pageSize(), pages);
    found = DatabaseChecksum.valueOf(hashes);
    return state.checksum().verify(hashes);
  }

  /** What the file amounted to when {@link #complete} read it. */
  long found() {
    return found;
  }

  @Override
  public void close() throws IOException {
    try {
      file.close();
    } finally {
      if (partsAreOurs) {
        parts.close();
      }
    }
  }
}
