package dev.balsa.sqlite;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What Balsa asks of a SQLite library: a version without the WAL-reset bug, and certain features.
 */
final class LibraryRequirements {
  /** Older ones can lose a page in a checkpoint that races a WAL reset: fixed in these releases. */
  static final String VERSIONS =
      "3.51.3 or newer (or 3.50.7 and later of 3.50, 3.44.6 and later of 3.44)";

  /**
   * Options that a library must not have been built with: no WAL, no authorizer, no PRAGMA, no
   * files, or files that are named otherwise. https://sqlite.org/compile.html
   */
  private static final List<String> UNFIT_OPTIONS =
      List.of("OMIT_WAL", "OMIT_AUTHORIZATION", "OMIT_PRAGMA", "OMIT_DISKIO", "ENABLE_8_3_NAMES");

  private LibraryRequirements() {}

  /**
   * Whether a version has the fix.
   *
   * @param version as sqlite3_libversion_number answers it, 3051003 for 3.51.3
   */
  static boolean isNewEnough(int version) {
    return version >= 3_051_003
        || (version >= 3_050_007 && version < 3_051_000)
        || (version >= 3_044_006 && version < 3_045_000);
  }

  /** What is wrong with a version, or null. */
  static @Nullable String versionProblem(int version) {
    return isNewEnough(version)
        ? null
        : "is SQLite " + versionText(version) + ", but Balsa needs " + VERSIONS;
  }

  /** What is wrong with how a library was built, or null. */
  static @Nullable String buildProblem(int threadsafe, Predicate<String> compiledWith) {
    if (threadsafe == 0) {
      return "was built with SQLITE_THREADSAFE=0, but Balsa uses threads";
    }
    for (String option : UNFIT_OPTIONS) {
      if (compiledWith.test(option)) {
        return "was built with SQLITE_" + option + ", which Balsa cannot work with";
      }
    }
    return null;
  }

  /** 3.51.3 for 3051003. */
  static String versionText(int version) {
    return version / 1_000_000 + "." + version / 1000 % 1000 + "." + version % 1000;
  }
}
