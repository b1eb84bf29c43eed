package dev.balsa.fsm;

import dev.balsa.sqlite.vfs.CapturedTransaction;
import dev.balsa.sqlite.wal.PageImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Several transactions as one: of each page its last image, and none above the size that the
 * database has in the end.
 */
final class PageMerge {
  private PageMerge() {}

  /**
   * Merges.
   *
   * @param transactions at least one, in the order in which they were executed
   * @return ascending
   */
  static List<PageImage> merge(EngineDecisions decisions, List<CapturedTransaction> transactions) {
    CapturedTransaction last = transactions.get(transactions.size() - 1);
    if (transactions.size() == 1) {
      return last.pages();
    }
    Map<Integer, PageImage> newest = new HashMap<>();
    for (CapturedTransaction transaction : transactions) {
      for (PageImage image : transaction.pages()) {
        newest.merge(image.pageNumber(), image, decisions::merge);
      }
    }
    List<PageImage> merged = new ArrayList<>(newest.size());
    for (PageImage image : newest.values()) {
      if (decisions.remains(image, last.databasePages())) {
        merged.add(image);
      }
    }
    merged.sort(Comparator.comparingInt(PageImage::pageNumber));
    return merged;
  }
}
