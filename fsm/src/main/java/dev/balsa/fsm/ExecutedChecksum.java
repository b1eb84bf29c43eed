package dev.balsa.fsm;

import java.util.HashMap;
import java.util.Map;

/**
 * The checksum of what a writer view has executed and shipped: that of the published state, and on
 * top of it the hashes that entries in flight change. When an entry is published its hashes move
 * down; when the view is discarded this goes with it, and the published state is as it was.
 *
 * <p>Used under the lock that also guards the published checksum while the view lives.
 */
final class ExecutedChecksum implements PageHashes {
  private final DatabaseChecksum published;
  private final Map<Integer, Ahead> ahead = new HashMap<>();
  private int pages;
  private long value;

  private long adopted;
  private long settled;

  /** A page's hash, and the number of the entry that it comes from. */
  private record Ahead(long hash, long entry) {}

  ExecutedChecksum(DatabaseChecksum published) {
    this.published = published;
    this.pages = published.pages();
    this.value = published.value();
  }

  @Override
  public int pageSize() {
    return published.pageSize();
  }

  @Override
  public int pages() {
    return pages;
  }

  @Override
  public long value() {
    return value;
  }

  @Override
  public long hash(int number) {
    Ahead own = ahead.get(number);
    return own != null ? own.hash() : published.hash(number);
  }

  /** An entry is shipped: the next one is built on it. */
  void adopt(DatabaseChecksum.Update update) {
    adopted++;
    for (int i = 0; i < update.numbers().length; i++) {
      ahead.put(update.numbers()[i], new Ahead(update.hashes()[i], adopted));
    }
    pages = update.databasePages();
    value = update.value();
  }

  /** The oldest entry is published, and the published checksum has adopted it. */
  void settle(DatabaseChecksum.Update update) {
    settled++;
    for (int number : update.numbers()) {
      Ahead own = ahead.get(number);
      if (own != null && own.entry() == settled) {
        ahead.remove(number);
      }
    }
  }

  /** How many hashes it holds beside the published ones. */
  int hashesAhead() {
    return ahead.size();
  }
}
