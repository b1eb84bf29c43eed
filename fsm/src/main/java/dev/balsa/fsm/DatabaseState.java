package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import dev.balsa.sqlite.wal.PageImage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a replicated database stands, as far as Raft's log says: what decides, alike on every node,
 * whether an entry applies. Knows nothing of files. Owned by the apply thread (before that, by
 * recovery); the checksum is changed under the {@link CommitPipeline}'s lock too, while there is
 * one.
 */
final class DatabaseState {
  private final EngineDecisions decisions;
  private final DatabaseName name;
  private final long incarnation;
  private final int pageSize;
  private final DatabaseChecksum checksum;
  private EntryId last = EntryId.NONE;
  private @Nullable EntryId openId;
  private final List<PageImage> openPages = new ArrayList<>();
  private int openParts;

  /** Index of the first part of what is open. */
  private long openSince;

  /** Entries up to this one are in it already, although the log may be applied from before. */
  private final long from;

  /**
   * A new database.
   *
   * @param incarnation index of the entry that created it
   */
  DatabaseState(long incarnation, Command.Create create) {
    this(incarnation, create, EngineDecisions.SOUND);
  }

  DatabaseState(long incarnation, Command.Create create, EngineDecisions decisions) {
    this.decisions = decisions;
    this.name = create.database();
    this.incarnation = incarnation;
    this.pageSize = create.pageSize();
    this.from = incarnation;
    this.checksum = new DatabaseChecksum(pageSize);
    checksum.adopt(checksum.preview(create.pages(), create.pages().size()));
  }

  /** What the main file holds at a record's index; its pages' hashes are to be read. */
  DatabaseState(DatabaseRecord record, EngineDecisions decisions) {
    this.decisions = decisions;
    this.name = record.name();
    this.incarnation = record.incarnation();
    this.pageSize = record.pageSize();
    this.from = record.index();
    this.checksum = DatabaseChecksum.claimed(pageSize, record.pages(), record.checksum());
    this.last = record.last();
  }

  /**
   * What is durable of this state, once the main file is.
   *
   * @param applied index up to which the log is applied
   */
  DatabaseRecord record(long applied) {
    return new DatabaseRecord(
        name,
        incarnation,
        pageSize,
        indexAt(applied),
        Math.max(from, applied),
        false,
        last,
        checksum.pages(),
        checksum.value());
  }

  /** The index that this state stands for: it never passes the first part of what is open. */
  long indexAt(long applied) {
    return Math.max(from, openId == null ? applied : openSince - 1);
  }

  DatabaseName name() {
    return name;
  }

  long incarnation() {
    return incarnation;
  }

  int pageSize() {
    return pageSize;
  }

  /** The last transaction applied. */
  EntryId last() {
    return last;
  }

  DatabaseChecksum checksum() {
    return checksum;
  }

  /** What an entry means for this database. */
  sealed interface Verdict {
    /** A part; the transaction is not complete yet. */
    record Incomplete() implements Verdict {}

    /** It was made for another state than this: skipped, here and on every other node. */
    record Skipped(String reason) implements Verdict {}

    /** It is to be applied now. */
    record Complete(Command.Transaction transaction) implements Verdict {}
  }

  /** Whether an entry is in this state already. */
  boolean has(long index) {
    return index <= from;
  }

  /** Takes the next entry that concerns this database, and is not in it yet. */
  Verdict receive(long index, Command.Commit commit) {
    Invariant.check(!has(index), "entry %d after %d", index, from);
    Command.Transaction transaction = commit.transaction();
    if (!decisions.isOf(incarnation, commit)) {
      return new Verdict.Skipped("it was made for another database of that name");
    }
    if (commit.parts() > 1) {
      if (commit.part() == 0 && !decisions.continues(transaction.id(), openId)) {
        clearParts();
        openId = transaction.id();
        openSince = index;
      }
      if (!decisions.continues(transaction.id(), openId) || commit.part() != openParts) {
        return new Verdict.Skipped("parts of it are missing");
      }
      openPages.addAll(transaction.pages());
      openParts++;
      if (openParts < commit.parts()) {
        return new Verdict.Incomplete();
      }
      transaction =
          new Command.Transaction(
              transaction.id(),
              transaction.predecessor(),
              transaction.checksumBefore(),
              transaction.checksumAfter(),
              transaction.databasePages(),
              List.copyOf(openPages));
      clearParts();
    }
    if (!transaction.predecessor().equals(last)
        || transaction.checksumBefore() != checksum.value()) {
      return new Verdict.Skipped(
          "it follows " + transaction.predecessor() + ", and the last one applied is " + last);
    }
    return new Verdict.Complete(transaction);
  }

  /** Forgets parts of a transaction that can no longer be completed: its term is over. */
  void termBegins(long term) {
    if (openId != null && decisions.forgetsParts(openId, term)) {
      clearParts();
    }
  }

  /**
   * Computes a transaction's effect on the checksum; whether that is what its maker computed is for
   * the caller to see.
   */
  DatabaseChecksum.Update preview(Command.Transaction transaction) {
    return checksum.preview(transaction.pages(), transaction.databasePages());
  }

  /** The transaction has been applied. */
  void applied(EntryId id, DatabaseChecksum.Update update) {
    checksum.adopt(update);
    done(id);
  }

  /** What is open was made for the state before: it can never be completed any more. */
  private void done(EntryId id) {
    last = id;
    clearParts();
  }

  /** The transaction has been written to the main file; its hashes are to be read from there. */
  void redone(Command.Transaction transaction) {
    checksum.claim(transaction);
    done(transaction.id());
  }

  private void clearParts() {
    openId = null;
    openPages.clear();
    openParts = 0;
  }
}
