package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class PageEncodingTest {
  private static byte[] encode(byte[] content) {
    ByteBuffer out = ByteBuffer.allocate(PageEncoding.bytesMax(content.length));
    ByteBuffer in = ByteBuffer.wrap(content);
    PageEncoding.put(out, in);
    assertThat(in.remaining()).isEqualTo(content.length);
    return Arrays.copyOf(out.array(), out.position());
  }

  private static byte[] decode(byte[] encoded, int pageSize) {
    ByteBuffer in = ByteBuffer.wrap(encoded);
    ByteBuffer content = PageEncoding.get(in, 1, pageSize);
    assertThat(in.remaining()).isZero();
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    return bytes;
  }

  /** No byte of it is zero. */
  private static byte[] page(Random random, int pageSize) {
    byte[] content = new byte[pageSize];
    for (int i = 0; i < pageSize; i++) {
      content[i] = (byte) (1 + random.nextInt(255));
    }
    return content;
  }

  @Property(tries = 2000)
  void whateverRunsAPageHasItComesBack(
      @ForAll Random random,
      @ForAll @IntRange(min = 9, max = 16) int pageSizeBits,
      @ForAll @IntRange(max = 4) int runs) {
    byte[] content = page(random, 1 << pageSizeBits);
    for (int i = 0; i < runs; i++) {
      int from = random.nextInt(content.length + 1);
      Arrays.fill(content, from, from + random.nextInt(content.length - from + 1), (byte) 0);
    }
    byte[] encoded = encode(content);
    assertThat(decode(encoded, content.length)).isEqualTo(content);
    assertThat(encode(content.clone())).isEqualTo(encoded);
    assertThat(encoded.length).isLessThanOrEqualTo(PageEncoding.bytesMax(content.length));
  }

  @Property(tries = 2000)
  void theLongestRunIsLeftOutWhereverItIs(
      @ForAll Random random,
      @ForAll @IntRange(min = 9, max = 16) int pageSizeBits,
      @ForAll @IntRange(max = 2) int place) {
    byte[] content = page(random, 1 << pageSizeBits);
    int length =
        PageEncoding.HOLE_BYTES_MIN
            + random.nextInt(content.length - PageEncoding.HOLE_BYTES_MIN + 1);
    int last = content.length - length;
    int from = place == 0 ? 0 : place == 1 ? last : random.nextInt(last + 1);
    Arrays.fill(content, from, from + length, (byte) 0);
    byte[] encoded = encode(content);
    assertThat(encoded).hasSize(1 + 4 + content.length - length);
    assertThat(decode(encoded, content.length)).isEqualTo(content);
  }

  @Property(tries = 300)
  void aRunTooShortToPayIsKept(@ForAll Random random) {
    byte[] content = page(random, 1024);
    int from = random.nextInt(1024 - PageEncoding.HOLE_BYTES_MIN);
    Arrays.fill(content, from, from + PageEncoding.HOLE_BYTES_MIN - 1, (byte) 0);
    assertThat(encode(content)).hasSize(1 + 1024).startsWith(0);
  }

  @Example
  void aPageOfZerosTakesFiveBytes() {
    for (int pageSize = 512; pageSize <= 65536; pageSize *= 2) {
      byte[] content = new byte[pageSize];
      assertThat(encode(content)).hasSize(5);
      assertThat(decode(encode(content), pageSize)).isEqualTo(content);
    }
  }

  @Example
  void aHoleThatLeavesThePageIsRefused() {
    // At 500, of 13 bytes: one beyond a page of 512.
    byte[] encoded = new byte[512];
    ByteBuffer.wrap(encoded).put((byte) 1).putShort((short) 500).putShort((short) 12);
    assertThatThrownBy(() -> decode(encoded, 512))
        .isInstanceOf(UnreadableEntryException.class)
        .hasMessageContaining("hole of 13 bytes at 500");
    encoded[4] = 11;
    assertThat(decode(Arrays.copyOf(encoded, 5 + 500), 512)).hasSize(512);
    assertThatThrownBy(() -> decode(Arrays.copyOf(encoded, 5 + 499), 512))
        .isInstanceOf(BufferUnderflowException.class);
  }

  @Example
  void anUnknownEncodingIsNamed() {
    assertThatThrownBy(() -> decode(new byte[] {7}, 512))
        .isInstanceOf(UnreadableEntryException.class)
        .hasMessageContaining("page 1 in encoding 7");
  }

  @Property(tries = 2000)
  void randomBytesDecodeToAPageOrAreRefused(@ForAll @Size(max = 600) byte[] bytes) {
    try {
      assertThat(PageEncoding.get(ByteBuffer.wrap(bytes), 1, 512).remaining()).isEqualTo(512);
    } catch (UnreadableEntryException | BufferUnderflowException e) {
      assertThat(e.getStackTrace()).isNotEmpty();
    }
  }
}
