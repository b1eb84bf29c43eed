package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.crash.CrashPoints;
import dev.balsa.sqlite.crash.Damage;
import dev.balsa.sqlite.crash.DiskTrace;
import dev.balsa.sqlite.vfs.OnTestVfs;
import dev.balsa.sqlite.vfs.TestVfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What SQLite does and what the engine does itself are in one trace. */
@OnTestVfs
class OneTraceTest {
  private static final long SEED = 1;

  @TempDir Path temp;
  private final TestVfs vfs = TestVfs.install();
  private Path folder;
  private Path old;
  private Path staged;
  private DiskTrace trace;
  private RecordingFiles files;

  /** A database with a 1 in it. */
  @BeforeEach
  void begin() throws IOException {
    folder = Files.createDirectory(temp.toRealPath().resolve("node"));
    old = folder.resolve("x.db");
    staged = folder.resolve("staged.db");
    write(old, 1);
    trace = vfs.record(folder);
    files = new RecordingFiles(trace);
  }

  @AfterEach
  void stop() {
    vfs.stop(trace);
  }

  @Test
  void aDatabaseThatReplacesAnotherIsTheOneOrTheOtherAtEachCrash() throws IOException {
    write(staged, 2);
    files.rename(staged, old);
    files.forceFolder(folder);
    int replaced = trace.size();
    write(old, 3);
    assertThat(trace.isComplete()).isTrue();
    Path image = temp.resolve("image");
    CrashPoints.forEach(
        trace,
        EnumSet.allOf(Damage.class),
        SEED,
        (operations, damage, found) -> {
          found.writeTo(image);
          assertThat(read(image.resolve("x.db")))
              .isBetween(operations >= replaced ? 2L : 1L, operations >= replaced ? 3L : 2L);
        });
  }

  /** SQLite has synced the file before, so its name alone is what the folder's sync is for. */
  @Test
  void withoutASyncOfTheFolderTheOldOneMayComeBack() throws IOException {
    write(staged, 2);
    files.rename(staged, old);
    Path image = temp.resolve("image");
    boolean[] cameBack = new boolean[1];
    CrashPoints.forEach(
        trace,
        EnumSet.allOf(Damage.class),
        SEED,
        (operations, damage, found) -> {
          found.writeTo(image);
          cameBack[0] |= operations == trace.size() && read(image.resolve("x.db")) == 1;
        });
    assertThat(cameBack[0]).isTrue();
  }

  private static void write(Path file, int value) {
    try (SqliteConnection db =
        SqliteConnection.open(file, OpenFlags.READWRITE | OpenFlags.CREATE, null)) {
      db.queryText("PRAGMA journal_mode=TRUNCATE");
      db.execute("PRAGMA synchronous=FULL");
      db.execute(
          "BEGIN; CREATE TABLE IF NOT EXISTS t(v); DELETE FROM t; INSERT INTO t VALUES ("
              + value
              + "); COMMIT");
    }
  }

  private static long read(Path file) {
    try (SqliteConnection db = SqliteConnection.open(file, OpenFlags.READWRITE, null)) {
      assertThat(db.queryText("PRAGMA integrity_check")).isEqualTo("ok");
      return db.queryLong("SELECT v FROM t");
    }
  }
}
