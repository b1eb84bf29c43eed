package dev.balsa.sqlite.wal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The wal-index of one database, as readers of many threads and processes see it (<a
 * href="https://sqlite.org/walformat.html#the_wal_index_file_format">format</a>).
 *
 * <p>Readers take no lock against who advances it. They copy the header, and believe it only if its
 * two copies agree; then they look up frames up to that header's last one and ignore what the hash
 * tables hold beyond. So an advance stores in this order: page numbers and hash entries; a barrier;
 * the second copy of the header; a barrier; the first. {@link #prepare} does all that can fail,
 * {@link #publish} all that is seen.
 *
 * <p>Only the holder of {@link WalLock#WRITE} may advance it, from one thread.
 */
public final class WalIndex {
  private static final VarHandle SHORT =
      MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.nativeOrder());

  private static final int CHECKPOINT_INFO = 2 * WalIndexHeader.BYTES;
  private static final int FIRST_PAGES = CHECKPOINT_INFO + 40;
  private static final int HASH = 16 * 1024;
  private static final int HASH_SLOTS = 8192;
  private static final int HASH_FACTOR = 383;

  /** Frames whose page numbers stand in the first region, and in each other one. */
  private static final int FIRST_FRAMES = 4062;

  private static final int REGION_FRAMES = 4096;

  private static final byte[] ZEROS = new byte[SharedMemory.REGION_BYTES];

  private final SharedMemory memory;
  private final List<ByteBuffer> regions = new ArrayList<>();
  private final byte[] headerBytes = new byte[WalIndexHeader.BYTES];
  private int preparedAfter = -1;
  private int preparedTo = -1;

  /** The wal-index in {@code memory}. */
  public WalIndex(SharedMemory memory) {
    this.memory = memory;
  }

  /**
   * Reads the header.
   *
   * @throws WalFormatException if its copies differ or are not valid; under {@link WalLock#WRITE}
   *     that means damage
   */
  public WalIndexHeader header() {
    byte[] first = new byte[WalIndexHeader.BYTES];
    byte[] second = new byte[WalIndexHeader.BYTES];
    region(0).get(0, first);
    memory.barrier();
    region(0).get(WalIndexHeader.BYTES, second);
    if (!Arrays.equals(first, second)) {
      throw new WalFormatException("the two copies of the wal-index header differ");
    }
    return WalIndexHeader.decode(ByteBuffer.wrap(first));
  }

  /** Reads how far checkpoints and readers are. */
  public ReadMarks readMarks() {
    ByteBuffer region = region(0);
    List<Integer> marks = new ArrayList<>(ReadMarks.COUNT);
    for (int i = 0; i < ReadMarks.COUNT; i++) {
      marks.add(region.getInt(CHECKPOINT_INFO + 4 + 4 * i));
    }
    return new ReadMarks(
        region.getInt(CHECKPOINT_INFO), region.getInt(CHECKPOINT_INFO + 32), marks);
  }

  /**
   * Makes ready for frames after {@code lastFrame}, the last published one: maps the regions that
   * they need, and checks that nobody else put something there.
   */
  public void prepare(int lastFrame, int newLastFrame) {
    Invariant.check(
        0 <= lastFrame && lastFrame < newLastFrame, "frames (%d, %d]", lastFrame, newLastFrame);
    for (int frame = lastFrame + 1; frame <= newLastFrame; frame++) {
      int region = regionOf(frame);
      ByteBuffer bytes = region(region);
      if (slot(frame) == 0) {
        // Its first frame wipes a region: what a former life of the WAL left there may stay so far.
        frame = Math.min(newLastFrame, lastFrameOf(region));
        continue;
      }
      int found = bytes.getInt(pageNumberOffset(frame));
      Invariant.check(
          found == 0,
          "wal-index slot of frame %d holds page %d, but frame %d is the last one",
          frame,
          found,
          lastFrame);
    }
    preparedAfter = lastFrame;
    preparedTo = newLastFrame;
  }

  /**
   * Publishes what was prepared. Once this has begun, an exception leaves the shared memory in
   * between, and the process must not go on.
   *
   * @param pageNumbers of the frames after the last published one, in order; what it holds beyond
   *     their number does not matter
   */
  public void publish(WalIndexHeader header, int[] pageNumbers) {
    Invariant.check(
        preparedTo == header.lastFrame() && pageNumbers.length >= preparedTo - preparedAfter,
        "prepared (%d, %d], published %d",
        preparedAfter,
        preparedTo,
        header.lastFrame());
    header.encode(ByteBuffer.wrap(headerBytes));
    for (int frame = preparedAfter + 1; frame <= preparedTo; frame++) {
      store(frame, pageNumbers[frame - preparedAfter - 1]);
    }
    preparedTo = -1;
    storeHeader();
  }

  private void storeHeader() {
    VarHandle.fullFence();
    memory.barrier();
    region(0).put(WalIndexHeader.BYTES, headerBytes);
    VarHandle.fullFence();
    memory.barrier();
    region(0).put(0, headerBytes);
    VarHandle.fullFence();
  }

  /**
   * Lets the WAL begin anew, as SQLite's {@code walRestartHdr} does: no frame is published, none is
   * in the main file, no reader has a mark. To be called under {@link WalLock#WRITE}, {@link
   * WalLock#CHECKPOINT} and all read marks' locks but that of mark 0. Once this has begun, an
   * exception leaves the shared memory in between.
   *
   * @param header without frames
   */
  public void restart(WalIndexHeader header) {
    Invariant.check(header.lastFrame() == 0, "begins with frame %d", header.lastFrame());
    preparedTo = -1;
    header.encode(ByteBuffer.wrap(headerBytes));
    storeHeader();
    ByteBuffer region = region(0);
    region.putInt(CHECKPOINT_INFO, 0);
    region.putInt(CHECKPOINT_INFO + 32, 0);
    for (int mark = 1; mark < ReadMarks.COUNT; mark++) {
      region.putInt(CHECKPOINT_INFO + 4 + 4 * mark, mark == 1 ? 0 : ReadMarks.NOT_USED);
    }
    VarHandle.fullFence();
  }

  private void store(int frame, int pageNumber) {
    ByteBuffer region = region(regionOf(frame));
    int slot = slot(frame);
    if (slot == 0) {
      int from = pageNumberOffset(frame);
      region.put(from, ZEROS, 0, SharedMemory.REGION_BYTES - from);
    }
    int key = hash(pageNumber);
    for (int tries = 0; hashed(region, key) != 0; tries++) {
      Invariant.check(tries < HASH_SLOTS, "the wal-index hash of frame %d is full", frame);
      key = (key + 1) & (HASH_SLOTS - 1);
    }
    region.putInt(pageNumberOffset(frame), pageNumber);
    SHORT.setRelease(region, HASH + 2 * key, (short) (slot + 1));
  }

  /**
   * Where a reader whose last frame is {@code lastFrame} finds a page.
   *
   * @return the newest frame that holds it, or 0: the main file has it
   */
  public int findFrame(int pageNumber, int lastFrame) {
    for (int index = regionOf(lastFrame); lastFrame > 0 && index >= 0; index--) {
      ByteBuffer region = region(index);
      int first = index == 0 ? 1 : FIRST_FRAMES + (index - 1) * REGION_FRAMES + 1;
      int found = 0;
      int key = hash(pageNumber);
      for (int entry = hashed(region, key); entry != 0; entry = hashed(region, key)) {
        int frame = first + entry - 1;
        if (frame <= lastFrame && region.getInt(pageNumberOffset(frame)) == pageNumber) {
          found = Math.max(found, frame);
        }
        key = (key + 1) & (HASH_SLOTS - 1);
      }
      if (found != 0) {
        return found;
      }
    }
    return 0;
  }

  /** The page number that the wal-index has for a frame. */
  public int pageNumber(int frame) {
    return region(regionOf(frame)).getInt(pageNumberOffset(frame));
  }

  private ByteBuffer region(int index) {
    while (regions.size() <= index) {
      ByteBuffer region = memory.region(regions.size());
      Invariant.check(
          region.capacity() == SharedMemory.REGION_BYTES
              && region.order() == ByteOrder.nativeOrder(),
          "a wal-index region of %d bytes in %s",
          region.capacity(),
          region.order());
      regions.add(region);
    }
    return regions.get(index);
  }

  private static int hash(int pageNumber) {
    return (pageNumber * HASH_FACTOR) & (HASH_SLOTS - 1);
  }

  private static int hashed(ByteBuffer region, int key) {
    return (short) SHORT.getAcquire(region, HASH + 2 * key) & 0xffff;
  }

  /** The region that a frame's page number stands in. */
  static int regionOf(int frame) {
    return (frame + REGION_FRAMES - FIRST_FRAMES - 1) / REGION_FRAMES;
  }

  /** A frame's place in its region, from 0. */
  private static int slot(int frame) {
    return frame <= FIRST_FRAMES ? frame - 1 : (frame - FIRST_FRAMES - 1) % REGION_FRAMES;
  }

  private static int lastFrameOf(int region) {
    return FIRST_FRAMES + region * REGION_FRAMES;
  }

  private static int pageNumberOffset(int frame) {
    return (frame <= FIRST_FRAMES ? FIRST_PAGES : 0) + 4 * slot(frame);
  }
}
