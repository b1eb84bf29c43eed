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
    this.checksum = new DatabaseChecksum(pageSize);
    checksum.adopt(checksum.preview(create.pages(), create.pages().size()));
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

  /** Takes the next entry that concerns this database. */
  Verdict receive(Command.Commit commit) {
    Command.Transaction transaction = commit.transaction();
    if (commit.incarnation() != incarnation) {
      return new Verdict.Skipped("it was made for another database of that name");
    }
    if (commit.parts() > 1) {
      if (commit.part() == 0 && !decisions.continues(transaction.id(), openId)) {
        clearParts();
        openId = transaction.id();
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

  /** Checks a transaction's effect on the checksum against what its maker computed. */
  DatabaseChecksum.Update verify(Command.Transaction transaction) {
    DatabaseChecksum.Update update =
        checksum.preview(transaction.pages(), transaction.databasePages());
    Invariant.check(
        update.value() == transaction.checksumAfter(),
        "database %s: checksum after %s is %016x here and %016x on the node that made it",
        name,
        transaction.id(),
        update.value(),
        transaction.checksumAfter());
    return update;
  }

  /** The transaction has been applied. */
  void applied(EntryId id, DatabaseChecksum.Update update) {
    checksum.adopt(update);
    last = id;
  }

  private void clearParts() {
    openId = null;
    openPages.clear();
    openParts = 0;
  }
}
