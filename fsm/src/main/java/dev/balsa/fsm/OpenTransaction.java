package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import dev.balsa.sqlite.wal.PageImage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a transaction as far as they have come: how many, and what their pages make of the
 * checksum. The pages themselves are kept by whoever receives them.
 */
final class OpenTransaction {
  private final long firstIndex;
  private final EntryId id;
  private final EntryId predecessor;
  private final long checksumBefore;
  private final long checksumAfter;
  private final int databasePages;
  private final int parts;

  /** Null as long as the hashes of the state before it are not known. */
  private DatabaseChecksum.@Nullable Preview preview;

  private int received;
  private int lastPage;

  /**
   * Begins with the first part, on the state as it is; {@link #add} comes next.
   *
   * @param firstIndex of its entry
   */
  OpenTransaction(long firstIndex, Command.Commit first, DatabaseChecksum before) {
    Command.Transaction transaction = first.transaction();
    this.firstIndex = firstIndex;
    this.id = transaction.id();
    this.predecessor = transaction.predecessor();
    this.checksumBefore = transaction.checksumBefore();
    this.checksumAfter = transaction.checksumAfter();
    this.databasePages = transaction.databasePages();
    this.parts = first.parts();
    if (before.isKnown()) {
      this.preview = new DatabaseChecksum.Preview(before, databasePages);
    }
  }

  EntryId id() {
    return id;
  }

  /** Index of the first part's entry: what comes from there on is needed until it is decided. */
  long firstIndex() {
    return firstIndex;
  }

  /** Takes a part. Returns why it cannot be one of these, null if it can. */
  @Nullable String add(Command.Commit commit, EngineDecisions decisions) {
    String wrong = wrong(commit);
    if (wrong != null && decisions.refusesPart()) {
      return wrong;
    }
    List<PageImage> pages = commit.transaction().pages();
    lastPage = pages.get(pages.size() - 1).pageNumber();
    if (preview != null) {
      preview.add(pages);
    }
    received++;
    return null;
  }

  private @Nullable String wrong(Command.Commit commit) {
    Command.Transaction part = commit.transaction();
    List<PageImage> pages = part.pages();
    if (commit.part() != received) {
      return "parts of it are missing";
    }
    if (commit.parts() != parts || !sameStates(part)) {
      return "its parts differ in what they belong to";
    }
    if (pages.isEmpty()
        || pages.get(0).pageNumber() <= lastPage
        || pages.get(pages.size() - 1).pageNumber() > databasePages) {
      return "the pages of its parts are not in order";
    }
    return null;
  }

  private boolean sameStates(Command.Transaction part) {
    return part.predecessor().equals(predecessor)
        && part.checksumBefore() == checksumBefore
        && part.checksumAfter() == checksumAfter
        && part.databasePages() == databasePages;
  }

  boolean isComplete() {
    return received == parts;
  }

  /**
   * The hashes of the state before it are known now, and the pages of its parts come once more.
   *
   * @return takes them
   */
  DatabaseChecksum.Preview again(DatabaseChecksum before) {
    DatabaseChecksum.Preview fresh = new DatabaseChecksum.Preview(before, databasePages);
    preview = fresh;
    return fresh;
  }

  /** What it makes of the checksum, once it is complete. */
  DatabaseChecksum.Update update() {
    DatabaseChecksum.Preview known = preview;
    Invariant.check(known != null && isComplete(), "%s is not complete", id);
    return java.util.Objects.requireNonNull(known).finish();
  }
}
