package dev.balsa.fsm;

import dev.balsa.sqlite.vfs.CapturedTransaction;
import dev.balsa.sqlite.wal.PageImage;
import dev.balsa.sqlite.wal.PageSet;
import java.util.Arrays;
import java.util.List;

/**
 * Several transactions as one: of each page its last image, and none above the size that the
 * database has in the end. Goes by the pages' numbers alone: a content is read when it is asked
 * for.
 */
final class PageMerge extends PageSet {
  private final List<CapturedTransaction> transactions;
  private final int[] transaction;
  private final int[] index;

  /**
   * Takes down where pages are.
   *
   * @param transaction number of the transaction that has the page
   * @param index the page's place there
   */
  private PageMerge(List<CapturedTransaction> transactions, int[] transaction, int[] index) {
    this.transactions = transactions;
    this.transaction = transaction;
    this.index = index;
  }

  /**
   * Merges.
   *
   * @param transactions at least one, in the order in which they were executed
   * @return ascending
   */
  static PageSet merge(EngineDecisions decisions, List<CapturedTransaction> transactions) {
    CapturedTransaction last = transactions.get(transactions.size() - 1);
    if (transactions.size() == 1) {
      return last.pages();
    }
    long[] all = byPage(transactions);
    int[] transaction = new int[all.length];
    int[] index = new int[all.length];
    int[] passed = new int[transactions.size()]; // pages of each transaction, which are ascending
    int size = 0;
    for (int i = 0; i < all.length; ) {
      int page = (int) (all[i] >>> 32);
      int remaining = (int) all[i];
      int from = i;
      while (++i < all.length && (int) (all[i] >>> 32) == page) {
        remaining = decisions.remaining(remaining, (int) all[i]);
      }
      if (decisions.remains(page, last.databasePages())) {
        transaction[size] = remaining;
        index[size++] = passed[remaining];
      }
      for (int each = from; each < i; each++) {
        passed[(int) all[each]]++;
      }
    }
    return new PageMerge(
        transactions, Arrays.copyOf(transaction, size), Arrays.copyOf(index, size));
  }

  /** All page numbers in the upper halves, with their transactions' numbers; sorted. */
  private static long[] byPage(List<CapturedTransaction> transactions) {
    long[] all = new long[transactions.stream().mapToInt(each -> each.pages().size()).sum()];
    int count = 0;
    for (int number = 0; number < transactions.size(); number++) {
      PageSet pages = transactions.get(number).pages();
      for (int i = 0; i < pages.size(); i++) {
        all[count++] = (long) pages.pageNumber(i) << 32 | number;
      }
    }
    Arrays.sort(all);
    return all;
  }

  @Override
  public int size() {
    return index.length;
  }

  @Override
  public int pageNumber(int at) {
    return transactions.get(transaction[at]).pages().pageNumber(index[at]);
  }

  @Override
  public PageImage get(int at) {
    return transactions.get(transaction[at]).pages().get(index[at]);
  }

  @Override
  public long heapBytes() {
    return transactions.stream().mapToLong(each -> each.pages().heapBytes()).sum();
  }
}
