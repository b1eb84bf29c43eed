package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
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
  private @Nullable OpenTransaction open;

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
    return Math.max(from, open == null ? applied : open.firstIndex() - 1);
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
    /**
     * A part, and not the last one: its pages wait for that.
     *
     * @param first whether it is the first one
     */
    record Part(boolean first) implements Verdict {}

    /** It was made for another state than this: skipped, here and on every other node. */
    record Skipped(String reason) implements Verdict {}

    /**
     * It is to be applied now.
     *
     * @param transaction with the pages of this entry
     * @param parts those before this one and this one; null if it is the only one
     */
    record Complete(Command.Transaction transaction, @Nullable OpenTransaction parts)
        implements Verdict {}
  }

  /** Whether an entry is in this state already. */
  boolean has(long index) {
    return decisions.isIn(index, from);
  }

  /** Takes the next entry that concerns this database, and is not in it yet. */
  Verdict receive(long index, Command.Commit commit) {
    Invariant.check(!has(index), "entry %d after %d", index, from);
    Command.Transaction transaction = commit.transaction();
    if (!decisions.isOf(incarnation, commit)) {
      return new Verdict.Skipped("it was made for another database of that name");
    }
    if (commit.parts() > 1) {
      return receivePart(index, commit);
    }
    return fits(transaction)
        ? new Verdict.Complete(transaction, null)
        : skippedForState(transaction);
  }

  private Verdict receivePart(long index, Command.Commit commit) {
    Command.Transaction transaction = commit.transaction();
    boolean first = commit.part() == 0 && !decisions.continues(transaction.id(), openId());
    if (first) {
      open = null;
      if (!fits(transaction)) {
        return skippedForState(transaction);
      }
      open = new OpenTransaction(index, commit, checksum);
    }
    OpenTransaction parts = open;
    if (parts == null || !decisions.continues(transaction.id(), parts.id())) {
      return new Verdict.Skipped("parts of it are missing");
    }
    String wrong = parts.add(commit, decisions);
    if (wrong != null) {
      open = null;
      return new Verdict.Skipped(wrong);
    }
    if (!parts.isComplete()) {
      return new Verdict.Part(first);
    }
    open = null;
    return fits(transaction)
        ? new Verdict.Complete(transaction, parts)
        : skippedForState(transaction);
  }

  private boolean fits(Command.Transaction transaction) {
    return transaction.predecessor().equals(last)
        && transaction.checksumBefore() == checksum.value();
  }

  private Verdict skippedForState(Command.Transaction transaction) {
    return new Verdict.Skipped(
        "it follows " + transaction.predecessor() + ", and the last one applied is " + last);
  }

  /** The parts of a transaction that is not complete; null if there are none. */
  @Nullable OpenTransaction open() {
    return open;
  }

  /** The transaction of which there are parts; null if there are none. */
  @Nullable EntryId openId() {
    return open == null ? null : open.id();
  }

  /** Forgets parts of a transaction that can no longer be completed: its term is over. */
  void termBegins(long term) {
    if (open != null && decisions.forgetsParts(open.id(), term)) {
      open = null;
    }
  }

  /**
   * Computes a transaction's effect on the checksum; whether that is what its maker computed is for
   * the caller to see.
   */
  DatabaseChecksum.Update preview(Verdict.Complete complete) {
    OpenTransaction parts = complete.parts();
    return parts != null
        ? parts.update()
        : checksum.preview(complete.transaction().pages(), complete.transaction().databasePages());
  }

  /** The transaction has been applied. */
  void applied(EntryId id, DatabaseChecksum.Update update) {
    checksum.adopt(update);
    done(id);
  }

  /** What is open was made for the state before: it can never be completed any more. */
  private void done(EntryId id) {
    last = id;
    open = null;
  }

  /** The transaction has been written to the main file; its hashes are to be read from there. */
  void redone(Command.Transaction transaction) {
    checksum.claim(transaction);
    done(transaction.id());
  }
}
