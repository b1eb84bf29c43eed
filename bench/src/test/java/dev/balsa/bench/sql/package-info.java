/** Tests of the run beside plain SQLite. */
@org.jspecify.annotations.NullMarked
package dev.balsa.bench.sql;
