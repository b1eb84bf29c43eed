/**
 * Black-box tests of clusters of real processes, under faults.
 *
 * <p>The commands {@code test} and {@code test-all} ({@link dev.balsa.jepsen.TestCommand}) run a
 * workload under faults, as {@link dev.balsa.jepsen.run} tells. The others are older and each do
 * one kind of harm, which is what the rest of this package is for.
 *
 * <p>Such a run starts a cluster ({@link dev.balsa.jepsen.cluster}), keeps writing to every node of
 * it ({@link dev.balsa.jepsen.Load}), brings a fault upon it, heals it, closes it, and then judges
 * by what is on the disks and what the clients were told ({@link dev.balsa.jepsen.Ledger}, {@link
 * dev.balsa.jepsen.RowCheck}): every acknowledged row is on every node exactly once, no row is
 * there whose transaction was reported as not applied, a transaction of unknown outcome is there in
 * full or not at all, and the nodes' databases are the same page by page.
 *
 * <p>A run that saw too little of what it wanted to see is not valid but unknown ({@link
 * dev.balsa.jepsen.Verdict}).
 */
@NullMarked
package dev.balsa.jepsen;

import org.jspecify.annotations.NullMarked;
