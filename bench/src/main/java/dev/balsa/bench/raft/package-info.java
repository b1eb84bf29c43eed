/**
 * Raft alone, without SQLite, beside two yardsticks in the same run.
 *
 * <pre>
 *   RaftRun ── Cluster(balsa) ── 3 × BalsaRaftNode      our Raft, as BalsaNode runs it
 *          ├── Cluster(floor) ── 3 × FloorNode          no Raft: the bound of the machine
 *          └── Cluster(jraft) ── 3 × JRaftNode          SOFAJRaft, on a class path of its own
 * </pre>
 *
 * <p>All nine processes run all the time. The load goes to one of the three leaders at a time, in
 * short rounds that take turns, so that what disturbs the machine for some seconds disturbs all
 * three; what counts are medians over the rounds, and their ratios.
 */
@NullMarked
package dev.balsa.bench.raft;

import org.jspecify.annotations.NullMarked;
