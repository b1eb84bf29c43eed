package dev.balsa.fsm;

import dev.balsa.sqlite.wal.PageImage;
import dev.balsa.sqlite.wal.WalChecksum;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What is computed over the pages of a transaction on their way into the log and out of it. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class EntryBenchmark {
  private static final int PAGE_SIZE = 4096;
  private static final int DATABASE_PAGES = 10_000;
  private static final int ENTRY_BYTES_MAX = 1 << 20;

  /** Pages of the transaction. */
  @Param({"1", "10"})
  public int pages;

  /** Bytes of zeros in the midst of each page. */
  @Param({"0", "2000"})
  public int hole;

  private final DatabaseName name = new DatabaseName("bench");
  private DatabaseChecksum checksum;
  private Command.Transaction transaction;
  private byte[] payload;
  private ByteBuffer walBytes;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // JMH calls the set-up first
  public EntryBenchmark() {}

  /** Makes a database's checksum, and a transaction on it. */
  @Setup
  public void prepare() {
    SplittableRandom random = new SplittableRandom(1);
    checksum = new DatabaseChecksum(PAGE_SIZE);
    checksum.adopt(checksum.preview(List.of(), DATABASE_PAGES));
    List<PageImage> images = new ArrayList<>();
    for (int i = 1; i <= pages; i++) {
      byte[] content = new byte[PAGE_SIZE];
      random.nextBytes(content);
      Arrays.fill(content, 100, 100 + hole, (byte) 0);
      images.add(new PageImage(i * 100, ByteBuffer.wrap(content)));
    }
    transaction =
        new Command.Transaction(new EntryId(1, 2), new EntryId(1, 1), 1, 2, DATABASE_PAGES, images);
    payload = encode().get(0);
    walBytes = ByteBuffer.allocateDirect(pages * PAGE_SIZE);
    images.forEach(image -> walBytes.put(image.content().duplicate()));
  }

  /** The database's checksum after the transaction. */
  @Benchmark
  public DatabaseChecksum.Update checksum() {
    return checksum.preview(transaction.pages(), DATABASE_PAGES);
  }

  /** The hash of each page alone. */
  @Benchmark
  public long pageHash() {
    long all = 0;
    for (PageImage page : transaction.pages()) {
      all ^= PageHash.of(page.pageNumber(), page.content());
    }
    return all;
  }

  /** The database's checksum after the transaction, and its adoption: as each node does it. */
  @Benchmark
  public long checksumAndAdopt() {
    checksum.adopt(checksum.preview(transaction.pages(), DATABASE_PAGES));
    return checksum.value();
  }

  /** SQLite's own checksum over as many pages. */
  @Benchmark
  public long walChecksum() {
    return WalChecksum.update(
        WalChecksum.SEED, walBytes, 0, walBytes.capacity(), ByteOrder.LITTLE_ENDIAN);
  }

  /** To bytes. */
  @Benchmark
  public List<byte[]> encode() {
    return EntryCodec.encodeCommit(name, 1, PAGE_SIZE, transaction, ENTRY_BYTES_MAX);
  }

  /** From bytes, which the pages without a hole share. */
  @Benchmark
  public Object decode() {
    return EntryCodec.decode(payload);
  }
}
