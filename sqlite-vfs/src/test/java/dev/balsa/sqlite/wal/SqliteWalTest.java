package dev.balsa.sqlite.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.DbConfig;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.vfs.TempFolder;
import dev.balsa.sqlite.vfs.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** WALs that SQLite wrote, read and written by us; WALs that we wrote, recovered by SQLite. */
class SqliteWalTest {
  /** Fewer, for each is a database on disk. */
  @Property(tries = 300)
  void aWalOfSqlitesIsReadToItsEndAndWrittenAgainByteForByte(
      @ForAll("pageSizes") int pageSize,
      @ForAll @Size(min = 1, max = 8) List<@IntRange(max = 5000) Integer> blobs) {
    try (TempFolder folder = new TempFolder()) {
      byte[] original = walOfSqlites(folder, pageSize, blobs);
      WalFile wal = new WalFile(new BytesInMemory(original), pageSize);
      WalHeader header = wal.requireHeader();
      BytesInMemory copy = new BytesInMemory(new byte[0]);
      WalFile written = new WalFile(copy, pageSize);
      written.writeHeader(header);
      FrameWriter writer = new FrameWriter(written);
      FrameReader reader = new FrameReader(wal);
      reader.start(header, 0, header.checksum(), 1);
      List<PageImage> transaction = new ArrayList<>();
      long checksum = header.checksum();
      int commits = 0;
      while (reader.next()) {
        byte[] page = new byte[pageSize];
        reader.copyPage(page, 0);
        transaction.add(new PageImage(reader.pageNumber(), ByteBuffer.wrap(page)));
        if (reader.databasePages() != 0) {
          int before = reader.frame() - transaction.size();
          checksum = writer.append(header, before, checksum, transaction, reader.databasePages());
          transaction.clear();
          commits++;
        }
      }
      assertThat(reader.stopped()).isEqualTo(FrameReader.Stop.END_OF_FILE);
      assertThat(commits).isEqualTo(blobs.size() + 1);
      assertThat(checksum).isEqualTo(reader.checksum());
      assertThat(copy.toArray()).isEqualTo(original);
    }
  }

  /** Fewer, for each is a database on disk. */
  @Property(tries = 200)
  void sqliteRecoversAWalOfEitherByteOrder(
      @ForAll("orders") ByteOrder order, @ForAll("pageSizes") int pageSize, @ForAll long salts) {
    try (TempFolder folder = new TempFolder()) {
      byte[] original = walOfSqlites(folder, pageSize, List.of(100, 3000));
      Path database = folder.file("a.db");
      byte[] expected = TestDatabase.image(database);
      WalFile wal = new WalFile(new BytesInMemory(original), pageSize);
      WalHeader header = wal.requireHeader();
      FrameReader reader = new FrameReader(wal);
      reader.start(header, 0, header.checksum(), 1);
      List<PageImage> pages = new ArrayList<>();
      int databasePages = 0;
      while (reader.next()) {
        byte[] page = new byte[pageSize];
        reader.copyPage(page, 0);
        pages.add(new PageImage(reader.pageNumber(), ByteBuffer.wrap(page)));
        databasePages = Math.max(databasePages, reader.databasePages());
      }
      BytesInMemory other = new BytesInMemory(new byte[0]);
      WalFile turned = new WalFile(other, pageSize);
      WalHeader otherHeader = WalHeader.create(order, pageSize, 1, salts);
      turned.writeHeader(otherHeader);
      new FrameWriter(turned).append(otherHeader, 0, otherHeader.checksum(), pages, databasePages);
      Path copy = folder.file("b.db");
      TestDatabase.copy(folder.file("main-before"), copy);
      write(TestDatabase.wal(copy), other.toArray());
      assertThat(TestDatabase.image(copy)).isEqualTo(expected);
    }
  }

  /** A WAL with one commit for each blob, and one for their table. */
  private static byte[] walOfSqlites(TempFolder folder, int pageSize, List<Integer> blobs) {
    Path file = folder.file("a.db");
    try (SqliteConnection db =
        SqliteConnection.open(file, OpenFlags.READWRITE | OpenFlags.CREATE, null)) {
      db.execute("PRAGMA synchronous=OFF");
      db.execute("PRAGMA page_size=" + pageSize);
      db.queryText("PRAGMA journal_mode=WAL");
      db.execute("PRAGMA user_version=1");
      db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    TestDatabase.copy(file, folder.file("main-before"));
    try (SqliteConnection db = SqliteConnection.open(file, OpenFlags.READWRITE, null)) {
      db.dbConfig(DbConfig.NO_CKPT_ON_CLOSE, true);
      db.execute("PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=OFF");
      db.execute("CREATE TABLE t(v)");
      for (int bytes : blobs) {
        db.execute("INSERT INTO t VALUES (randomblob(" + bytes + "))");
      }
    }
    return TestDatabase.bytes(TestDatabase.wal(file));
  }

  private static void write(Path file, byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
