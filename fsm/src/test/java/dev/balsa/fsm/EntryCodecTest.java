package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.wal.PageImage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class EntryCodecTest {
  private static final DatabaseName NAME = new DatabaseName("app.db");

  private static List<PageImage> pages(Random random, int pageSize, int count) {
    List<PageImage> pages = new ArrayList<>();
    int number = 0;
    for (int i = 0; i < count; i++) {
      number += 1 + random.nextInt(5);
      byte[] content = new byte[pageSize];
      random.nextBytes(content);
      if (random.nextBoolean()) {
        int from = random.nextInt(pageSize);
        Arrays.fill(content, from, from + random.nextInt(pageSize - from), (byte) 0);
      }
      pages.add(new PageImage(number, ByteBuffer.wrap(content)));
    }
    return pages;
  }

  @Property(tries = 1000)
  void aTransactionComesBackFromItsParts(
      @ForAll Random random,
      @ForAll @IntRange(min = 9, max = 12) int pageSizeBits,
      @ForAll @IntRange(max = 40) int count,
      @ForAll @IntRange(min = 10_000, max = 60_000) int partBytes) {
    int pageSize = 1 << pageSizeBits;
    List<PageImage> pages = pages(random, pageSize, count);
    Command.Transaction transaction =
        new Command.Transaction(
            new EntryId(random.nextLong(), random.nextLong()),
            new EntryId(random.nextLong(), random.nextLong()),
            random.nextLong(),
            random.nextLong(),
            1 + random.nextInt(1000),
            pages);
    long incarnation = random.nextLong();
    List<byte[]> parts =
        EntryCodec.encodeCommit(NAME, incarnation, pageSize, transaction, partBytes);
    List<PageImage> decoded = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      assertThat(parts.get(i).length).isLessThanOrEqualTo(partBytes);
      Command.Commit commit = (Command.Commit) EntryCodec.decode(parts.get(i));
      assertThat(commit.database()).isEqualTo(NAME);
      assertThat(commit.incarnation()).isEqualTo(incarnation);
      assertThat(commit.part()).isEqualTo(i);
      assertThat(commit.parts()).isEqualTo(parts.size());
      Command.Transaction part = commit.transaction();
      assertThat(part.id()).isEqualTo(transaction.id());
      assertThat(part.predecessor()).isEqualTo(transaction.predecessor());
      assertThat(part.checksumBefore()).isEqualTo(transaction.checksumBefore());
      assertThat(part.checksumAfter()).isEqualTo(transaction.checksumAfter());
      assertThat(part.databasePages()).isEqualTo(transaction.databasePages());
      decoded.addAll(part.pages());
    }
    assertThat(decoded).isEqualTo(pages);
  }

  @Property(tries = 1000)
  void aCreationComesBack(@ForAll Random random, @ForAll @IntRange(max = 5) int count) {
    List<PageImage> pages = pages(random, 4096, count);
    assertThat(EntryCodec.decode(EntryCodec.encodeCreate(NAME, 4096, pages)))
        .isEqualTo(new Command.Create(NAME, 4096, pages));
  }

  @Example
  void anEntryOfMoreThanItCouldHoldRawIsRefused() {
    // 17 pages of 64 KiB zeros: not a hundred bytes, but more than 1 MiB when decoded.
    List<PageImage> pages = new ArrayList<>();
    for (int number = 1; number <= 17; number++) {
      pages.add(new PageImage(number, ByteBuffer.allocate(65536)));
    }
    byte[] sixteen = EntryCodec.encodeCreate(NAME, 65536, pages.subList(0, 16));
    assertThat(EntryCodec.decode(sixteen))
        .isEqualTo(new Command.Create(NAME, 65536, pages.subList(0, 16)));
    assertThatThrownBy(() -> EntryCodec.decode(EntryCodec.encodeCreate(NAME, 65536, pages)))
        .isInstanceOf(UnreadableEntryException.class)
        .hasMessageContaining("17 pages");
  }

  @Property(tries = 2000)
  void randomBytesAreRejectedCleanly(@ForAll @Size(max = 300) byte[] bytes) {
    decodeOrReject(bytes);
  }

  @Property(tries = 2000)
  void damagedEntriesAreRejectedCleanlyOrDecode(
      @ForAll Random random, @ForAll @IntRange(max = 150) int at, @ForAll byte value) {
    byte[] payload = EntryCodec.encodeCreate(NAME, 512, pages(random, 512, 2));
    payload[Math.min(at, payload.length - 1)] = value;
    decodeOrReject(payload);
    decodeOrReject(Arrays.copyOf(payload, Math.min(at, payload.length)));
  }

  private static void decodeOrReject(byte[] bytes) {
    try {
      EntryCodec.decode(bytes);
    } catch (UnreadableEntryException e) {
      assertThat(e).hasMessageMatching("(?s).+");
    }
  }

  @Example
  void anUnknownVersionIsNamed() {
    byte[] payload = EntryCodec.encodeCreate(NAME, 512, List.of());
    payload[0] = 9;
    assertThatThrownBy(() -> EntryCodec.decode(payload))
        .isInstanceOf(UnreadableEntryException.class)
        .hasMessageContaining("version 9")
        .hasMessageContaining("reads version 1");
  }
}
