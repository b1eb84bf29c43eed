/** SQLite's C interface, bound by JNA. */
@NullMarked
package dev.balsa.sqlite;

import org.jspecify.annotations.NullMarked;
