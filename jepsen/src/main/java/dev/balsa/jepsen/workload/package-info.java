/**
 * What clients do to a database, and what must be true of that ({@link
 * dev.balsa.jepsen.workload.Workload}).
 *
 * <p>An operation is a transaction of SQL statements with a name and arguments for the history, and
 * a way to read its results. The workloads know nothing of nodes, clocks and faults. They are the
 * ones of Jepsen, so that its own checkers can judge the histories: list append (Elle), registers
 * (Knossos), bank, set; and a set whose elements come with changes of the schema and large
 * transactions.
 */
@NullMarked
package dev.balsa.jepsen.workload;

import org.jspecify.annotations.NullMarked;
