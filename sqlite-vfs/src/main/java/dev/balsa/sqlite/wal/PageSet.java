package dev.balsa.sqlite.wal;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * The pages that a transaction wrote, ascending. Their numbers are at hand. Their contents may be
 * in memory, or in a file from which they are read whenever they are asked for: so whoever needs
 * them all goes through them once, and keeps none.
 */
public abstract class PageSet extends AbstractList<PageImage> implements RandomAccess {
  /** For those who know where the pages are. */
  protected PageSet() {}

  /** Pages that are in memory. */
  public static PageSet of(List<PageImage> images) {
    return new InMemory(images);
  }

  /** Number of a page, without its content. */
  public abstract int pageNumber(int index);

  /**
   * A page with its content, as it was captured.
   *
   * @throws RuntimeException if it cannot be read any more
   */
  @Override
  public abstract PageImage get(int index);

  /** How many bytes this keeps in memory, about. */
  public abstract long heapBytes();

  private static final class InMemory extends PageSet {
    private final List<PageImage> images;

    InMemory(List<PageImage> images) {
      this.images = List.copyOf(images);
    }

    @Override
    public int size() {
      return images.size();
    }

    @Override
    public int pageNumber(int index) {
      return images.get(index).pageNumber();
    }

    @Override
    public PageImage get(int index) {
      return images.get(index);
    }

    @Override
    public long heapBytes() {
      long sum = 0;
      for (PageImage image : images) {
        sum += image.content().remaining();
      }
      return sum;
    }
  }
}
