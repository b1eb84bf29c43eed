package dev.balsa.sqlite.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Positive;
import net.jqwik.api.constraints.Size;

/** Headers, checksums and frames, against what the format's page says in prose. */
class WalFormatTest {
  @Property(tries = 1000)
  void theChecksumIsTheOneOfTheFormatsPage(
      @ForAll @Size(max = 600) byte[] bytes,
      @ForAll int s0,
      @ForAll int s1,
      @ForAll("orders") ByteOrder order,
      @ForAll @IntRange(max = 7) int offset) {
    int length = bytes.length & ~7;
    int first = s0;
    int second = s1;
    ByteBuffer words = ByteBuffer.wrap(bytes).order(order);
    for (int i = 0; i < length; i += 8) {
      first += words.getInt(i) + second;
      second += words.getInt(i + 4) + first;
    }
    long expected = ((long) first << 32) | (second & 0xffffffffL);
    long seed = ((long) s0 << 32) | (s1 & 0xffffffffL);
    ByteBuffer direct = ByteBuffer.allocateDirect(offset + length);
    direct.put(offset, bytes, 0, length);
    int half = (length / 2) & ~7;
    long inParts = WalChecksum.update(seed, direct, offset, half, order);
    inParts = WalChecksum.update(inParts, direct, offset + half, length - half, order);
    assertThat(WalChecksum.update(seed, ByteBuffer.wrap(bytes), 0, length, order))
        .isEqualTo(expected);
    assertThat(inParts).isEqualTo(expected);
  }

  @Property(tries = 1000)
  void aWalHeaderSurvivesItsBytesAndNoneOfThemCanChange(
      @ForAll("orders") ByteOrder order,
      @ForAll("pageSizes") int pageSize,
      @ForAll int sequence,
      @ForAll long salts,
      @ForAll @IntRange(max = 31) int damaged,
      @ForAll @IntRange(min = 1, max = 255) int damage) {
    WalHeader header = WalHeader.create(order, pageSize, sequence, salts);
    ByteBuffer bytes = ByteBuffer.allocate(WalHeader.BYTES);
    header.encode(bytes);
    assertThat(WalHeader.decode(bytes)).isEqualTo(header);
    bytes.put(damaged, (byte) (bytes.get(damaged) ^ damage));
    assertThatThrownBy(() -> WalHeader.decode(bytes)).isInstanceOf(WalFormatException.class);
  }

  @Property(tries = 1000)
  void anIndexHeaderSurvivesItsBytesAndNoChecksummedOneCanChange(
      @ForAll int change,
      @ForAll("orders") ByteOrder order,
      @ForAll("pageSizes") int pageSize,
      @ForAll @Positive int lastFrame,
      @ForAll @Positive int pages,
      @ForAll long checksum,
      @ForAll long salts,
      @ForAll @IntRange(max = 47) int damaged,
      @ForAll @IntRange(min = 1, max = 255) int damage) {
    WalIndexHeader header =
        new WalIndexHeader(change, order, pageSize, lastFrame, pages, checksum, salts);
    ByteBuffer bytes = ByteBuffer.allocate(WalIndexHeader.BYTES);
    header.encode(bytes);
    assertThat(WalIndexHeader.decode(bytes)).isEqualTo(header);
    bytes.put(damaged, (byte) (bytes.get(damaged) ^ damage));
    assertThatThrownBy(() -> WalIndexHeader.decode(bytes)).isInstanceOf(WalFormatException.class);
  }

  @Property(tries = 1000)
  void aFrameHeaderSurvivesItsBytes(
      @ForAll int page, @ForAll int pages, @ForAll long salts, @ForAll long checksum) {
    FrameHeader header = new FrameHeader(page, pages, salts, checksum);
    ByteBuffer bytes = ByteBuffer.allocate(FrameHeader.BYTES + 3);
    header.encode(bytes, 3);
    assertThat(FrameHeader.decode(bytes, 3)).isEqualTo(header);
    assertThat(header.commit()).isEqualTo(pages != 0);
  }

  @Property(tries = 1000)
  void framesThatWereWrittenAreReadUntilTheFirstThatIsDamaged(
      @ForAll("orders") ByteOrder order,
      @ForAll("pageSizes") int pageSize,
      @ForAll long salts,
      @ForAll @IntRange(min = 1, max = 12) int frames,
      @ForAll @IntRange(max = 11) int damagedFrame,
      @ForAll @IntRange(max = 65_559) int damagedByte) {
    BytesInMemory bytes = new BytesInMemory(new byte[0]);
    WalFile wal = new WalFile(bytes, pageSize);
    WalHeader header = WalHeader.create(order, pageSize, 0, salts);
    wal.writeHeader(header);
    List<PageImage> pages = new ArrayList<>();
    for (int i = 0; i < frames; i++) {
      byte[] content = new byte[pageSize];
      java.util.Arrays.fill(content, (byte) i);
      pages.add(new PageImage(i + 1, ByteBuffer.wrap(content)));
    }
    long end = new FrameWriter(wal).append(header, 0, header.checksum(), pages, frames);
    assertThat(wal.size()).isEqualTo(wal.sizeUpTo(frames));
    assertThat(wal.requireHeader()).isEqualTo(header);

    FrameReader reader = new FrameReader(wal);
    reader.start(header, 0, header.checksum(), 1);
    byte[] page = new byte[pageSize];
    for (int i = 0; i < frames; i++) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.frame()).isEqualTo(i + 1);
      assertThat(reader.pageNumber()).isEqualTo(i + 1);
      assertThat(reader.databasePages()).isEqualTo(i == frames - 1 ? frames : 0);
      reader.copyPage(page, 0);
      assertThat(page).containsOnly(i);
    }
    assertThat(reader.checksum()).isEqualTo(end);
    assertThat(wal.frameHeader(frames).checksum()).isEqualTo(end);
    assertThat(reader.next()).isFalse();
    assertThat(reader.stopped()).isEqualTo(FrameReader.Stop.END_OF_FILE);

    int damaged = damagedFrame % frames;
    byte[] raw = bytes.toArray();
    raw[(int) wal.offset(damaged + 1) + damagedByte % wal.frameBytes()] ^= 0x40;
    WalFile broken = new WalFile(new BytesInMemory(raw), pageSize);
    FrameReader again = new FrameReader(broken);
    again.start(header, 0, header.checksum(), 1);
    for (int i = 0; i < damaged; i++) {
      assertThat(again.next()).isTrue();
    }
    assertThat(again.next()).isFalse();
    assertThat(again.stopped()).isNotEqualTo(FrameReader.Stop.END_OF_FILE);
  }

  @Provide
  Arbitrary<ByteOrder> orders() {
    return Arbitraries.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN);
  }

  @Provide
  Arbitrary<Integer> pageSizes() {
    return Arbitraries.of(512, 1024, 2048, 4096, 8192, 16384, 32768, 65536);
  }
}
