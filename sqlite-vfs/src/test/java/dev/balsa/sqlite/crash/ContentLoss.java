package dev.balsa.sqlite.crash;

import dev.balsa.sqlite.crash.Operation.ContentChange;
import dev.balsa.sqlite.crash.Operation.Write;
import java.util.random.RandomGenerator;

/** What becomes of the changes of a file that were not synced. */
enum ContentLoss {
  NONE {
    @Override
    void apply(ContentChange change, boolean last, FileBytes to, RandomGenerator random) {
      change.applyTo(to);
    }
  },
  ALL {
    @Override
    void apply(ContentChange change, boolean last, FileBytes to, RandomGenerator random) {
      // Nothing of it is there.
    }
  },
  /** The file has grown, but what it was to hold there never came. */
  ZEROS {
    @Override
    void apply(ContentChange change, boolean last, FileBytes to, RandomGenerator random) {
      if (change instanceof Write write) {
        to.extendTo(write.position() + write.bytes().remaining());
      } else if (change instanceof Operation.Resize resize) {
        to.extendTo(resize.bytes());
      }
    }
  },
  SOME_CHANGES {
    @Override
    void apply(ContentChange change, boolean last, FileBytes to, RandomGenerator random) {
      if (random.nextBoolean()) {
        change.applyTo(to);
      }
    }
  },
  SECTORS {
    @Override
    void apply(ContentChange change, boolean last, FileBytes to, RandomGenerator random) {
      someBlocks(change, SECTOR_BYTES, to, random);
    }
  },
  PAGES {
    @Override
    void apply(ContentChange change, boolean last, FileBytes to, RandomGenerator random) {
      someBlocks(change, PAGE_BYTES, to, random);
    }
  },
  /** All are there, but of the last one only its beginning. */
  LAST_CHANGE_TORN {
    @Override
    void apply(ContentChange change, boolean last, FileBytes to, RandomGenerator random) {
      if (!last) {
        change.applyTo(to);
      } else if (change instanceof Write write) {
        int sectors = (write.bytes().remaining() + SECTOR_BYTES - 1) / SECTOR_BYTES;
        int kept = random.nextInt(sectors) * SECTOR_BYTES;
        to.write(write.position(), write.bytes().slice(0, kept));
      }
    }
  };

  /** What a disk writes at once. */
  static final int SECTOR_BYTES = 512;

  /** What the page cache writes at once. */
  static final int PAGE_BYTES = 4096;

  /**
   * Does to a file's content what is left of a change.
   *
   * @param last whether it is the last one of its file
   */
  abstract void apply(ContentChange change, boolean last, FileBytes to, RandomGenerator random);

  /** A third are there, a third are not, and of a third some blocks are. */
  private static void someBlocks(
      ContentChange change, int blockBytes, FileBytes to, RandomGenerator random) {
    switch (random.nextInt(3)) {
      case 0 -> {}
      case 1 -> change.applyTo(to);
      default -> {
        if (change instanceof Write write) {
          tear(write, blockBytes, to, random);
        }
      }
    }
  }

  /** Blocks lie at multiples of their size in the file. */
  private static void tear(Write write, int blockBytes, FileBytes to, RandomGenerator random) {
    int length = write.bytes().remaining();
    int start = 0;
    while (start < length) {
      int toBoundary = blockBytes - (int) ((write.position() + start) % blockBytes);
      int bytes = Math.min(length - start, toBoundary);
      if (random.nextBoolean()) {
        to.write(write.position() + start, write.bytes().slice(start, bytes));
      }
      start += bytes;
    }
  }
}
