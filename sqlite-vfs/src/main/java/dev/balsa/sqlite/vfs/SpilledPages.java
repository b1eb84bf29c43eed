package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.wal.PageImage;
import dev.balsa.sqlite.wal.PageSet;
import java.util.Arrays;

/**
 * Pages of a large transaction, left where SQLite has put them: in the WAL. Takes 12 bytes of
 * memory a page. Valid as long as the {@link FrameImages} are.
 */
final class SpilledPages extends PageSet {
  private final FrameImages images;
  private final int[] numbers;
  private final int[] frames;
  private final int[] fingerprints;

  private SpilledPages(FrameImages images, int[] numbers, int[] frames, int[] fingerprints) {
    this.images = images;
    this.numbers = numbers;
    this.frames = frames;
    this.fingerprints = fingerprints;
  }

  @Override
  public int size() {
    return numbers.length;
  }

  @Override
  public int pageNumber(int index) {
    return numbers[index];
  }

  @Override
  public PageImage get(int index) {
    return images.read(frames[index], numbers[index], fingerprints[index]);
  }

  @Override
  public long heapBytes() {
    return 12L * numbers.length;
  }

  /** Takes down a transaction's frames in their order. */
  static final class Builder {
    private final int firstFrame;
    private int[] numbers = new int[1024];
    private int[] fingerprints = new int[1024];
    private int count;

    Builder(int firstFrame) {
      this.firstFrame = firstFrame;
    }

    /** The next frame. */
    void add(int pageNumber, byte[] content) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, count * 2);
        fingerprints = Arrays.copyOf(fingerprints, count * 2);
      }
      numbers[count] = pageNumber;
      fingerprints[count++] = FrameImages.fingerprint(content);
    }

    /** Of each page the last frame, and no page above {@code databasePages}. */
    SpilledPages build(FrameImages images, int databasePages) {
      long[] byPage = new long[count];
      for (int i = 0; i < count; i++) {
        byPage[i] = (numbers[i] & 0xffffffffL) << 32 | i;
      }
      Arrays.sort(byPage);
      int[] pages = new int[count];
      int[] frames = new int[count];
      int[] prints = new int[count];
      int size = 0;
      for (int i = 0; i < count; i++) {
        int page = (int) (byPage[i] >>> 32);
        boolean last = i + 1 == count || page != (int) (byPage[i + 1] >>> 32);
        if (last && page <= databasePages) {
          int at = (int) byPage[i];
          pages[size] = page;
          frames[size] = firstFrame + at;
          prints[size++] = fingerprints[at];
        }
      }
      return new SpilledPages(
          images,
          Arrays.copyOf(pages, size),
          Arrays.copyOf(frames, size),
          Arrays.copyOf(prints, size));
    }
  }
}
