package dev.balsa.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.NativeLibrary;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteJDBCLoader;

/** What the way to the bundled library relies on holds for the sqlite-jdbc on the class path. */
class BundledSqliteTest {
  @Test
  void hasEveryFunctionThatIsMapped() {
    NativeLibrary library = BundledSqlite.load();
    for (Method method : Sqlite3.class.getDeclaredMethods()) {
      if (Modifier.isNative(method.getModifiers())) {
        assertThat(library.getFunction(method.getName())).isNotNull();
      }
    }
  }

  @Test
  void isTheLibraryThatSqliteJdbcItselfUses() throws Exception {
    Sqlite3.require();
    String driver = SQLiteJDBCLoader.getVersion();
    assertThat(driver).startsWith(NativeText.of(Sqlite3.sqlite3_libversion()));
    try (Connection jdbc = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statement statement = jdbc.createStatement();
        ResultSet row = statement.executeQuery("SELECT sqlite_source_id()")) {
      assertThat(row.getString(1)).isEqualTo(NativeText.of(Sqlite3.sqlite3_sourceid()));
    }
  }

  @Test
  void isThreadsafeAndMayBeLoadedAgain() {
    assertThat(Sqlite3.sqlite3_threadsafe()).isEqualTo(1);
    BundledSqlite.load();
    BundledSqlite.load();
  }

  @Test
  void leavesTheDefaultVfsAsItWas() {
    BundledSqlite.load();
    try (NativeScratch scratch = new NativeScratch()) {
      assertThat(Sqlite3.sqlite3_vfs_find(0))
          .isEqualTo(Sqlite3.sqlite3_vfs_find(scratch.putString("unix")));
    }
    try (SqliteConnection db = SqliteConnectionTest.memory()) {
      SqliteConnectionTest.assertFails(
          () -> db.execute("SELECT load_extension('balsa')"), "not authorized");
    }
  }
}
