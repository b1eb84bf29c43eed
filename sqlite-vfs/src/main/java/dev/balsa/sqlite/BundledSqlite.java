package dev.balsa.sqlite;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.SymbolProvider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.core.NativeDB;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * The SQLite library inside sqlite-jdbc's jar, as a JNA library.
 *
 * <p>That library exports no {@code sqlite3_*} symbols. But SQLite hands the table of its functions
 * to every extension that it loads ({@link ApiRoutines}), and finds an extension's entry point by
 * the {@code xDlOpen} and {@code xDlSym} of the connection's VFS (https://sqlite.org/vfs.html). So:
 *
 * <ol>
 *   <li>open {@code :memory:} through sqlite-jdbc; the connection's first word points to its VFS;
 *   <li>for the time of one {@code load_extension}, let it point to a copy of that VFS whose {@code
 *       xDlSym} answers with an entry point written in Java, which gets the table;
 *   <li>close the connection. Nobody else ever saw the copy.
 * </ol>
 *
 * <p>Not public are that {@link NativeDB} keeps its {@code sqlite3*} in the field {@code pointer}
 * (and opens it by {@code _open}), and that {@code pVfs} comes first in {@code struct sqlite3} (as
 * it has since 2007). Both are checked before they are relied on, as far as anything there can be
 * checked.
 */
final class BundledSqlite {
  /** The version of {@code sqlite3_vfs} that the following is about, with 64-bit pointers. */
  private static final int VFS_VERSION = 3;

  private static final int VFS_BYTES = 168;

  private static final int VFS_OS_FILE_BYTES = 4;
  private static final int VFS_MAX_PATH = 8;
  private static final int VFS_NAME = 24;
  private static final int VFS_DL_OPEN = 72;
  private static final int VFS_DL_SYM = 88;
  private static final int VFS_DL_CLOSE = 96;

  /** SQLITE_OK_LOAD_PERMANENTLY: SQLite forgets the handle, so that it never closes it. */
  private static final int LOADED_PERMANENTLY = 256;

  /** sqlite-jdbc's own property: the folder of a library to use instead of its own. */
  private static final String JDBC_LIBRARY_FOLDER = "org.sqlite.lib.path";

  /** sqlite-jdbc's own property: where it unpacks its library. */
  private static final String JDBC_TEMP_FOLDER = "org.sqlite.tmpdir";

  private static final Set<String> DEFAULT_VFS_NAMES = Set.of("unix", "win32");

  /** {@code void *(*xDlOpen)(sqlite3_vfs*, const char *zFilename)}. */
  interface DlOpen extends Callback {
    long invoke(long vfs, long name);
  }

  /** {@code void (*(*xDlSym)(sqlite3_vfs*,void*, const char *zSymbol))(void)}. */
  interface DlSym extends Callback {
    long invoke(long vfs, long handle, long symbol);
  }

  /** {@code void (*xDlClose)(sqlite3_vfs*, void*)}. */
  interface DlClose extends Callback {
    void invoke(long vfs, long handle);
  }

  /** {@code int entry(sqlite3*, char **pzErrMsg, const sqlite3_api_routines*)}. */
  interface EntryPoint extends Callback {
    int invoke(long db, long message, long table);
  }

  private BundledSqlite() {}

  /**
   * Loads the library.
   *
   * @throws SqliteLibraryException if it cannot be loaded or is not as expected
   */
  static NativeLibrary load() {
    String version = "of unknown version";
    try {
      version = SQLiteJDBCLoader.getVersion();
      initialize();
      Map<String, Long> functions = ApiRoutines.read(table());
      SymbolProvider symbols =
          (handle, name, parent) -> {
            Long address = functions.get(name);
            if (address == null) {
              throw new UnsatisfiedLinkError("sqlite-jdbc's library has no " + name);
            }
            return address;
          };
      return NativeLibrary.getInstance(null, Map.of(Library.OPTION_SYMBOL_PROVIDER, symbols));
    } catch (SqliteLibraryException e) {
      throw e;
    } catch (Exception | LinkageError e) {
      throw new SqliteLibraryException(
          "The SQLite library of sqlite-jdbc "
              + version
              + " cannot be loaded ("
              + e
              + "); "
              + SqliteLibrary.PROPERTY
              + " can choose another.",
          e);
    }
  }

  /**
   * Has sqlite-jdbc load its library, unpacked by us into a folder that lives only until then. By
   * itself it would leave the file in the temp folder whenever the process is killed, and it takes
   * longer. Where its user chose a library for it, or has loaded it before, that one is used.
   */
  private static synchronized void initialize() throws Exception {
    String resource = LibraryLoaderUtil.getNativeLibResourcePath();
    String file = LibraryLoaderUtil.getNativeLibName();
    if (System.getProperty(JDBC_LIBRARY_FOLDER) != null
        || !LibraryLoaderUtil.hasNativeLib(resource, file)) {
      SQLiteJDBCLoader.initialize();
      return;
    }
    Path folder =
        Files.createTempDirectory(
            Path.of(System.getProperty(JDBC_TEMP_FOLDER, System.getProperty("java.io.tmpdir"))),
            "balsa-sqlite-");
    try {
      try (InputStream library =
          SQLiteJDBCLoader.class.getResourceAsStream(resource + "/" + file)) {
        Files.write(folder.resolve(file), Objects.requireNonNull(library).readAllBytes());
      }
      System.setProperty(JDBC_LIBRARY_FOLDER, folder.toString());
      SQLiteJDBCLoader.initialize();
    } finally {
      System.clearProperty(JDBC_LIBRARY_FOLDER);
      delete(folder, file);
    }
  }

  private static void delete(Path folder, String file) {
    try {
      Files.deleteIfExists(folder.resolve(file));
      Files.delete(folder);
    } catch (IOException e) {
      // Windows keeps a loaded library. In this order, since the JVM deletes the last one first.
      folder.toFile().deleteOnExit();
      folder.resolve(file).toFile().deleteOnExit();
    }
  }

  private static long table() throws SQLException, ReflectiveOperationException {
    // Without a SQLiteConfig, which takes longer than all the rest: so not by open, but by _open.
    NativeDB db = new NativeDB("jdbc:sqlite::memory:", ":memory:", null);
    Method open = NativeDB.class.getDeclaredMethod("_open", String.class, int.class);
    open.setAccessible(true);
    open.invoke(db, ":memory:", OpenFlags.READWRITE | OpenFlags.CREATE);
    try {
      requireVersion(db.libversion());
      return table(db, connection(db));
    } finally {
      db.close();
    }
  }

  /** Before anything private is touched: the struct is known for these versions. */
  private static void requireVersion(String version) {
    String[] parts = version.split("\\.", -1);
    int number = 0;
    for (int i = 0; i < 3; i++) {
      number = number * 1000 + (i < parts.length ? Integer.parseInt(parts[i]) : 0);
    }
    String problem = LibraryRequirements.versionProblem(number);
    if (problem != null) {
      throw new SqliteLibraryException("The SQLite library in sqlite-jdbc's jar " + problem + ".");
    }
  }

  /** The one use of the private facts: a {@code sqlite3*} whose first word is a VFS. */
  private static Pointer connection(NativeDB db) throws ReflectiveOperationException {
    Field field = NativeDB.class.getDeclaredField("pointer");
    require(field.getType() == long.class, "NativeDB.pointer", field.getType());
    field.setAccessible(true);
    Pointer connection = aligned(field.getLong(db), "sqlite3");
    Pointer vfs = aligned(connection.getLong(0), "sqlite3.pVfs");
    int version = vfs.getInt(0);
    require(version >= VFS_VERSION && version < 16, "sqlite3_vfs.iVersion", version);
    int osFileBytes = vfs.getInt(VFS_OS_FILE_BYTES);
    require(osFileBytes >= 8 && osFileBytes <= 4096, "sqlite3_vfs.szOsFile", osFileBytes);
    int maxPath = vfs.getInt(VFS_MAX_PATH);
    require(maxPath >= 128 && maxPath <= 65_536, "sqlite3_vfs.mxPathname", maxPath);
    long name = vfs.getLong(VFS_NAME);
    require(name > 0xFFFF, "sqlite3_vfs.zName", name);
    String text = new String(new Pointer(name).getByteArray(0, 8), StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\0');
    String vfsName = end < 0 ? text : text.substring(0, end);
    require(DEFAULT_VFS_NAMES.contains(vfsName), "sqlite3_vfs.zName", vfsName);
    return connection;
  }

  private static long table(NativeDB db, Pointer connection) throws SQLException {
    long[] table = new long[1];
    EntryPoint entryPoint =
        (handle, message, address) -> {
          table[0] = address;
          return LOADED_PERMANENTLY;
        };
    long entry = Pointer.nativeValue(CallbackReference.getFunctionPointer(entryPoint));
    DlOpen dlOpen = (vfs, name) -> 1;
    DlSym dlSym = (vfs, handle, symbol) -> entry;
    DlClose dlClose = (vfs, handle) -> {};
    Pointer vfs = connection.getPointer(0);
    try (Memory boot = new Memory(VFS_BYTES)) {
      boot.write(0, vfs.getByteArray(0, VFS_BYTES), 0, VFS_BYTES);
      boot.setInt(0, VFS_VERSION);
      boot.setPointer(VFS_DL_OPEN, CallbackReference.getFunctionPointer(dlOpen));
      boot.setPointer(VFS_DL_SYM, CallbackReference.getFunctionPointer(dlSym));
      boot.setPointer(VFS_DL_CLOSE, CallbackReference.getFunctionPointer(dlClose));
      db.enable_load_extension(true);
      connection.setPointer(0, boot);
      try {
        db._exec("SELECT load_extension('balsa')");
      } finally {
        connection.setPointer(0, vfs);
      }
    } finally {
      Reference.reachabilityFence(entryPoint);
      Reference.reachabilityFence(dlOpen);
      Reference.reachabilityFence(dlSym);
      Reference.reachabilityFence(dlClose);
    }
    require(table[0] != 0, "the table that load_extension hands over", table[0]);
    return table[0];
  }

  private static Pointer aligned(long address, String what) {
    require(address > 0xFFFF && address % Long.BYTES == 0, what, Long.toHexString(address));
    return new Pointer(address);
  }

  private static void require(boolean asExpected, String what, Object found) {
    if (!asExpected) {
      throw new SqliteLibraryException(
          "The SQLite library of sqlite-jdbc "
              + SQLiteJDBCLoader.getVersion()
              + " is not built as Balsa expects ("
              + what
              + " is "
              + found
              + "); "
              + SqliteLibrary.PROPERTY
              + " can choose another.");
    }
  }
}
