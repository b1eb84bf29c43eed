/**
 * Linearizability of objects that are independent of each other, each checked on its own.
 *
 * <p>The search is that of Wing and Gong ("Testing and verifying concurrent objects", 1993) with
 * the cache of Lowe ("Testing for linearizability", 2017): a {@linkplain
 * dev.balsa.jepsen.check.linear.Search list of calls and returns}, from which operations are taken
 * that can come next, and put back when a return is reached whose operation could not be taken; a
 * {@linkplain dev.balsa.jepsen.check.linear.Configurations cache} of what was taken and the state
 * that it led to.
 *
 * <p>What nobody knows the outcome of makes that hard: such an operation may take effect at any
 * later time, or never. What need not be tried is left out, before the search ({@link
 * dev.balsa.jepsen.check.linear.Reduction}) and in it; each rule has its proof beside it.
 *
 * <pre>
 *   History ──by key──▶ Operations ──Reduction──▶ Problem ──Search──▶ Decision ──not──▶ Explanation
 * </pre>
 */
@NullMarked
package dev.balsa.jepsen.check.linear;

import org.jspecify.annotations.NullMarked;
