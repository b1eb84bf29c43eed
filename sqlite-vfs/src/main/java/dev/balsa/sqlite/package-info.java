/**
 * SQLite's C interface, bound by JNA, and the small safe layer that the rest of Balsa uses of it.
 *
 * <pre>
 *   SqliteConnection, SqliteStatement      checked handles, values, typed errors
 *              |
 *          Sqlite3                         the C functions, pointers as long
 *              |
 *        SqliteLibrary                     which library: bundled | system | a path; checked once
 *              |
 *   BundledSqlite + ApiRoutines            the bundled one, through its table of extension functions
 * </pre>
 *
 * <p>The library is chosen by the system property {@code balsa.sqlite.library}; without it, the one
 * inside sqlite-jdbc's jar is used, so that nothing need be installed. Whatever is chosen must be
 * new enough and built with what Balsa needs: {@link dev.balsa.sqlite.LibraryRequirements}.
 *
 * <p>A connection and its statements are used by one thread at a time; callers see to that. Using a
 * closed one is an {@link IllegalStateException}, never a crash.
 */
@NullMarked
package dev.balsa.sqlite;

import org.jspecify.annotations.NullMarked;
