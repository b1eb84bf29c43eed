package dev.balsa.sqlite;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which SQLite library is used. The system property {@value #PROPERTY} chooses: nothing or {@code
 * bundled} for the one in sqlite-jdbc's jar, {@code system} for the operating system's, else the
 * path of a shared library. It is read once, when SQLite is first used.
 */
public final class SqliteLibrary {
  /** The system property that chooses the library. */
  public static final String PROPERTY = "balsa.sqlite.library";

  /** Why no library can be used; a sentence. */
  record Unusable(String reason, @Nullable Throwable cause) {}

  private SqliteLibrary() {}

  /**
   * The library in use, for a log or a status page.
   *
   * @return like "SQLite 3.54.1 (bundled)"
   * @throws SqliteLibraryException if there is none that is fit for use
   */
  public static String describe() {
    Sqlite3.require();
    return "SQLite "
        + LibraryRequirements.versionText(Sqlite3.sqlite3_libversion_number())
        + " ("
        + choice()
        + ")";
  }

  /** Finds, checks and binds the library; called once, by {@link Sqlite3}. */
  static @Nullable Unusable bind(Class<?> natives) {
    try {
      if (Native.POINTER_SIZE != Long.BYTES) {
        throw new SqliteLibraryException("Balsa needs a 64-bit JVM.");
      }
      NativeLibrary library = find();
      requireVersion(library);
      Native.register(natives, library);
      requireBuild();
      return null;
    } catch (SqliteLibraryException e) {
      return new Unusable(String.valueOf(e.getMessage()), e.getCause());
    } catch (RuntimeException | LinkageError e) {
      return new Unusable(subject() + " cannot be used: " + firstLine(e) + ".", e);
    }
  }

  private static NativeLibrary find() {
    String choice = choice();
    return switch (choice) {
      case "bundled" -> BundledSqlite.load();
      case "system" ->
          open("sqlite3", "was not found; on Debian or Ubuntu: apt-get install libsqlite3-0");
      default -> {
        Path path = Path.of(choice).toAbsolutePath();
        if (!Files.isRegularFile(path)) {
          throw new SqliteLibraryException(subject() + " does not exist.");
        }
        yield open(path.toString(), "is not a shared library that this JVM can load");
      }
    };
  }

  private static NativeLibrary open(String name, String otherwise) {
    try {
      return NativeLibrary.getInstance(name);
    } catch (UnsatisfiedLinkError e) {
      throw new SqliteLibraryException(subject() + " " + otherwise + " (" + firstLine(e) + ").", e);
    }
  }

  /** Comes first: functions that are missing in an older library must not hide that it is old. */
  private static void requireVersion(NativeLibrary library) {
    Function version;
    try {
      version = library.getFunction("sqlite3_libversion_number");
    } catch (UnsatisfiedLinkError e) {
      throw new SqliteLibraryException(
          subject() + " is not SQLite: it has no function sqlite3_libversion_number.", e);
    }
    require(LibraryRequirements.versionProblem(version.invokeInt(new Object[0])));
  }

  private static void requireBuild() {
    try (NativeScratch scratch = new NativeScratch()) {
      require(
          LibraryRequirements.buildProblem(
              Sqlite3.sqlite3_threadsafe(),
              option -> Sqlite3.sqlite3_compileoption_used(scratch.putString(option)) != 0));
    }
  }

  private static void require(@Nullable String problem) {
    if (problem != null) {
      throw new SqliteLibraryException(subject() + " " + problem + ".");
    }
  }

  private static String choice() {
    String choice = System.getProperty(PROPERTY, "bundled");
    return choice.isBlank() ? "bundled" : choice;
  }

  private static String subject() {
    String choice = choice();
    return switch (choice) {
      case "bundled" -> "The SQLite library in sqlite-jdbc's jar";
      case "system" -> "The system's SQLite library (" + PROPERTY + "=system)";
      default -> "The SQLite library " + choice + " (" + PROPERTY + ")";
    };
  }

  private static String firstLine(Throwable e) {
    String message = e.getMessage();
    return message == null || message.isBlank()
        ? e.getClass().getSimpleName()
        : message.lines().findFirst().orElse("").strip();
  }
}
