package dev.balsa.fsm;

import org.jspecify.annotations.Nullable;

/**
 * The parts of a transaction as far as they have come: how many, and what its pages make of the
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
  private final DatabaseChecksum.Preview preview;
  private int received;

  private OpenTransaction(long firstIndex, Command.Commit first, PageHashes before) {
    Command.Transaction transaction = first.transaction();
    this.firstIndex = firstIndex;
    this.id = transaction.id();
    this.predecessor = transaction.predecessor();
    this.checksumBefore = transaction.checksumBefore();
    this.checksumAfter = transaction.checksumAfter();
    this.databasePages = transaction.databasePages();
    this.parts = first.parts();
    this.preview = new DatabaseChecksum.Preview(before, databasePages);
  }

  /**
   * Begins with the first part, on the state as it is; {@link #add} comes next.
   *
   * @param index of its entry
   */
  static OpenTransaction begin(long index, Command.Commit first, PageHashes before) {
    return new OpenTransaction(index, first, before);
  }

  EntryId id() {
    return id;
  }

  /** Index of the first part's entry: what comes from there on is needed until it is decided. */
  long firstIndex() {
    return firstIndex;
  }

  /** Takes a part. Returns why it cannot be one of these, null if it can. */
  @Nullable String add(Command.Commit commit) {
    Command.Transaction part = commit.transaction();
    if (commit.part() != received) {
      return "parts of it are missing";
    }
    if (commit.parts() != parts || !sameStates(part)) {
      return "its parts differ in what they belong to";
    }
    if (part.pages().isEmpty()
        || part.pages().get(0).pageNumber() <= preview.last()
        || part.pages().get(part.pages().size() - 1).pageNumber() > part.databasePages()) {
      return "the pages of its parts are not in order";
    }
    preview.add(part.pages());
    received++;
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

  /** What it makes of the checksum, once it is complete. */
  DatabaseChecksum.Update update() {
    return preview.finish();
  }
}
