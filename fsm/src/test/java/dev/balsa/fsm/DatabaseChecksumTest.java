package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.wal.PageImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

final class DatabaseChecksumTest {
  private static final int PAGE_SIZE = 512;

  /** The checksum by its definition, over all pages of a plain model. */
  private static long byDefinition(Map<Integer, byte[]> pages, int size) {
    long value = 0;
    for (int number = 1; number <= size; number++) {
      byte[] content = pages.getOrDefault(number, new byte[PAGE_SIZE]);
      value ^= PageHash.of(number, ByteBuffer.wrap(content));
    }
    return value;
  }

  @Property(tries = 1000)
  void keptUpWithEachTransactionItEqualsItsDefinition(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 12) int transactions) {
    DatabaseChecksum checksum = new DatabaseChecksum(PAGE_SIZE);
    TreeMap<Integer, byte[]> model = new TreeMap<>();
    for (int i = 0; i < transactions; i++) {
      int size = 1 + random.nextInt(100);
      model.tailMap(size, false).clear();
      List<PageImage> images = new ArrayList<>();
      for (int number = 1; number <= size; number++) {
        if (random.nextInt(4) == 0) {
          byte[] content = new byte[PAGE_SIZE];
          random.nextBytes(content);
          model.put(number, content);
          images.add(new PageImage(number, ByteBuffer.wrap(content)));
        }
      }
      long before = checksum.value();
      DatabaseChecksum.Update update = checksum.preview(images, size);
      assertThat(checksum.value()).isEqualTo(before);
      checksum.adopt(update);
      assertThat(checksum.value()).isEqualTo(byDefinition(model, size));
      assertThat(checksum.pages()).isEqualTo(size);
    }
  }

  @Example
  void theLockPageIsLeftOut() {
    int lockPage = (1 << 30) / 65536 + 1;
    DatabaseChecksum checksum = new DatabaseChecksum(65536);
    byte[] content = new byte[65536];
    List<PageImage> without = List.of(new PageImage(1, ByteBuffer.wrap(content)));
    Arrays.fill(content, (byte) 7);
    List<PageImage> with =
        List.of(
            new PageImage(1, ByteBuffer.wrap(content)),
            new PageImage(lockPage, ByteBuffer.wrap(content)));
    assertThat(checksum.preview(with, lockPage).value())
        .isEqualTo(checksum.preview(without, lockPage).value());
  }

  @Example
  void theHashIsXxh64() {
    // Values from the reference implementation.
    String text = "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCDEF";
    assertThat(hash(0, text)).isEqualTo(0x743283498438ab85L);
    assertThat(hash(1, text)).isEqualTo(0x97062566d105d85dL);
    assertThat(hash(12345, text.repeat(8))).isEqualTo(0x914c0edecdadf7b7L);
  }

  private static long hash(int seed, String text) {
    return PageHash.of(seed, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }

  @Property(tries = 1000)
  void aFlippedBitChangesIt(
      @ForAll Random random, @ForAll @IntRange(max = PAGE_SIZE * 8 - 1) int bit) {
    byte[] content = new byte[PAGE_SIZE];
    random.nextBytes(content);
    long before = PageHash.of(3, ByteBuffer.wrap(content));
    content[bit / 8] ^= (byte) (1 << bit % 8);
    assertThat(PageHash.of(3, ByteBuffer.wrap(content))).isNotEqualTo(before);
  }
}
