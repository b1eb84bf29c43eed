package dev.balsa.sqlite.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The wal-index as its readers use it. */
class WalIndexTest {
  private static final WalHeader WAL = WalHeader.create(ByteOrder.nativeOrder(), 4096, 0, 7);

  @Property(tries = 1000)
  void everyReaderFindsTheNewestFrameThatItMaySee(
      @ForAll long seed,
      @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 1, max = 60) Integer> transactions,
      @ForAll @IntRange(min = 1, max = 200) int pages) {
    // Multiples of 8192 collide in the hash; frames from 4000 on cross into the second region.
    check(seed, transactions, pages, 4000);
  }

  /** Fewer, for each stores and finds tens of thousands of entries. */
  @Property(tries = 30)
  void everyReaderFindsItsFramesOverManyRegions(
      @ForAll long seed,
      @ForAll @Size(min = 2, max = 5) List<@IntRange(min = 1, max = 9000) Integer> transactions,
      @ForAll @IntRange(min = 1, max = 5000) int pages) {
    check(seed, transactions, pages, 0);
  }

  private static void check(long seed, List<Integer> transactions, int pages, int filler) {
    SplittableRandom random = new SplittableRandom(seed);
    int stride = random.nextBoolean() ? 1 : 8192;
    IndexInMemory memory = IndexInMemory.empty();
    WalIndex index = new WalIndex(memory);
    List<Integer> frames = new ArrayList<>();
    if (filler > 0) {
      publish(index, frames, new int[filler], i -> 1_000_000 + i);
    }
    for (int count : transactions) {
      publish(index, frames, new int[count], i -> 1 + stride * random.nextInt(pages));
    }
    WalIndexHeader header = new WalIndex(memory).header();
    assertThat(header.lastFrame()).isEqualTo(frames.size());
    int last = filler + random.nextInt(frames.size() - filler + 1);
    Map<Integer, Integer> newest = new HashMap<>();
    for (int i = 0; i < last; i++) {
      newest.put(frames.get(i), i + 1);
    }
    for (int i = 0; i < pages; i++) {
      int page = 1 + stride * i;
      assertThat(index.findFrame(page, last)).isEqualTo(newest.getOrDefault(page, 0));
    }
  }

  private static void publish(
      WalIndex index,
      List<Integer> frames,
      int[] pageNumbers,
      java.util.function.IntUnaryOperator page) {
    java.util.Arrays.setAll(pageNumbers, page);
    WalIndexHeader before = index.header();
    int last = before.lastFrame() + pageNumbers.length;
    index.prepare(before.lastFrame(), last);
    index.publish(before.advanced(WAL, last, 1, 0), pageNumbers);
    for (int number : pageNumbers) {
      frames.add(number);
    }
  }

  @Test
  void slotsAreStoredBeforeTheSecondHeaderAndThatBeforeTheFirst() {
    IndexInMemory memory = IndexInMemory.empty();
    WalIndex index = new WalIndex(memory);
    WalIndexHeader before = index.header();
    index.prepare(0, 2);
    ByteBuffer region = memory.region(0);
    List<String> seen = new ArrayList<>();
    memory.atBarrier(
        () ->
            seen.add(
                region.getInt(136 + 4)
                    + " entries, header "
                    + region.getInt(16)
                    + ", copy "
                    + region.getInt(48 + 16)));
    index.publish(before.advanced(WAL, 2, 9, 5), new int[] {3, 4});
    assertThat(seen).containsExactly("4 entries, header 0, copy 0", "4 entries, header 0, copy 2");
    memory.atBarrier(() -> {});
    assertThat(index.header())
        .isEqualTo(
            new WalIndexHeader(
                before.change() + 1, ByteOrder.nativeOrder(), 4096, 2, 9, 5, WAL.salts()));
  }

  @Test
  void aTornHeaderIsNotBelieved() {
    IndexInMemory memory = IndexInMemory.empty();
    WalIndex index = new WalIndex(memory);
    memory.region(0).putInt(48 + 8, 1);
    assertThatThrownBy(index::header)
        .isInstanceOf(WalFormatException.class)
        .hasMessageContaining("differ");
    memory.region(0).putInt(8, 1);
    assertThatThrownBy(index::header)
        .isInstanceOf(WalFormatException.class)
        .hasMessageContaining("checksum");
    memory.region(0).put(0, new byte[96]);
    assertThatThrownBy(index::header)
        .isInstanceOf(WalFormatException.class)
        .hasMessageContaining("not initialized");
  }

  @Test
  void aSlotBeyondTheLastFrameMustBeEmptyUnlessItsRegionIsWiped() {
    IndexInMemory memory = IndexInMemory.empty();
    WalIndex index = new WalIndex(memory);
    List<Integer> frames = new ArrayList<>();
    publish(index, frames, new int[5], i -> i + 1);
    memory.region(0).putInt(136 + 4 * 6, 77);
    index.prepare(5, 6);
    assertThatThrownBy(() -> index.prepare(5, 7))
        .isInstanceOf(InvariantViolation.class)
        .hasMessageContaining("frame 7 holds page 77");
    // A former life of the WAL may have left a whole region; its first frame wipes it.
    memory.region(1).putInt(0, 77);
    memory.region(1).putInt(4, 77);
    memory.region(1).putShort(16384 + 2 * ((77 * 383) & 8191), (short) 2);
    memory.region(0).putInt(136 + 4 * 6, 0);
    publish(index, frames, new int[4060], i -> i + 1);
    assertThat(index.findFrame(77, 4065)).isEqualTo(5 + 77);
    assertThat(index.pageNumber(4065)).isEqualTo(4060);
  }

  @Test
  void onlyWhatWasPreparedIsPublished() {
    WalIndex index = new WalIndex(IndexInMemory.empty());
    WalIndexHeader after = index.header().advanced(WAL, 2, 2, 0);
    assertThatThrownBy(() -> index.publish(after, new int[2]))
        .isInstanceOf(InvariantViolation.class);
    index.prepare(0, 3);
    assertThatThrownBy(() -> index.publish(after, new int[2]))
        .isInstanceOf(InvariantViolation.class);
    assertThat(index.header().lastFrame()).isZero();
  }

  @Test
  void aWalThatBeginsAnewCountsItsFirstSaltUpAndHasNoFrame() {
    ByteOrder order = ByteOrder.nativeOrder();
    WalIndexHeader full = new WalIndexHeader(3, order, 4096, 12, 5, 99, 0xffffffff_00000009L);
    assertThat(full.restarted(0x82345678))
        .isEqualTo(new WalIndexHeader(3, order, 4096, 0, 5, 99, 0x82345678L));
    assertThatThrownBy(() -> new WalIndex(IndexInMemory.empty()).restart(full))
        .isInstanceOf(InvariantViolation.class);
  }

  @Test
  void marksAndLocksAreWhereTheFormatHasThem() {
    IndexInMemory memory = IndexInMemory.empty();
    ByteBuffer region = memory.region(0);
    region.putInt(96, 11);
    for (int i = 0; i < 5; i++) {
      region.putInt(100 + 4 * i, 20 + i);
    }
    region.putInt(128, 12);
    assertThat(new WalIndex(memory).readMarks())
        .isEqualTo(new ReadMarks(11, 12, List.of(20, 21, 22, 23, 24)));
    assertThat(WalLock.reader(0)).isEqualTo(3);
    assertThat(WalLock.reader(4)).isEqualTo(7);
  }
}
