package dev.balsa.fsm;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.vfs.CapturedTransaction;
import dev.balsa.sqlite.vfs.Publisher;
import dev.balsa.sqlite.vfs.WriterConnection;
import dev.balsa.sqlite.wal.PageImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What small transactions cost on the network and in the log. */
final class EntryBytesTest {
  private static final int ENTRIES = 40;

  @TempDir Path folder;

  /** Raw pages take 301 bytes a row here. Rows in random places change a page each. */
  @Test
  void manyMergedInsertsOfSmallRowsTakeFewBytesEach() {
    assertThat(bytesPerRow(64)).isLessThan(240);
  }

  /** With raw pages 589. */
  @Test
  void aFewMergedInsertsOfSmallRowsTakeFewBytesEach() {
    assertThat(bytesPerRow(16)).isLessThan(400);
  }

  private double bytesPerRow(int rows) {
    Path file = folder.resolve("rows.db");
    try (SqliteConnection db =
        SqliteConnection.open(file, OpenFlags.READWRITE | OpenFlags.CREATE, null)) {
      db.queryText("PRAGMA journal_mode=WAL");
      db.execute("CREATE TABLE load(id INTEGER PRIMARY KEY, writer INTEGER, text TEXT)");
      db.execute(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20000)"
              + " INSERT INTO load SELECT NULL, i, hex(randomblob(47)) FROM n");
    }
    long encoded = 0;
    try (Publisher publisher = Publisher.open(file);
        WriterConnection writer = WriterConnection.open(file, publisher)) {
      for (int entry = 0; entry < ENTRIES; entry++) {
        List<CapturedTransaction> captured = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
          writer.connection().execute("INSERT INTO load VALUES (NULL, 1, hex(randomblob(47)))");
          captured.add(requireNonNull(writer.takeCaptured()));
        }
        publisher.publish(captured);
        List<PageImage> pages = PageMerge.merge(EngineDecisions.SOUND, captured);
        byte[] payload =
            EntryCodec.encodeCommit(
                    new DatabaseName("app.db"),
                    1,
                    4096,
                    new Command.Transaction(
                        new EntryId(1, 2), new EntryId(1, 1), 1, 2, 100_000, pages),
                    Entry.PAYLOAD_BYTES_MAX)
                .get(0);
        encoded += payload.length;
      }
    }
    return (double) encoded / ENTRIES / rows;
  }
}
