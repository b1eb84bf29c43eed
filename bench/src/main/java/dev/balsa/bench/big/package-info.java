/**
 * A large database: how long its nodes take to start, in order and after a kill, how fast a new
 * node gets it, and what memory that takes.
 *
 * <pre>
 *   BigRun ── 3 × BigNode            filled, closed, started, killed, started again
 *         └── 1 × BigNode            added to them
 * </pre>
 */
@NullMarked
package dev.balsa.bench.big;

import org.jspecify.annotations.NullMarked;
