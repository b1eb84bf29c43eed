/**
 * Balsa as an application embeds it, beside plain SQLite and Raft alone, in the same run.
 *
 * <pre>
 *   SqlRun ── Measured(ours)   ── 3 × SqlNode          Balsa; the load's threads are in the leader's
 *         ├── Measured(sqlite) ── 1 × SqliteProcess    plain SQLite, the same binding and schema
 *         └── raft.Cluster     ── 3 × BalsaRaftNode    Balsa's Raft, one entry of 100 bytes in flight
 * </pre>
 *
 * <p>All seven processes run all the time. In each case short rounds take turns, so that what
 * disturbs the machine for some seconds disturbs all; what counts are medians over the rounds, and
 * their ratios. After each case all three replicas must hold what was acknowledged, and be alike.
 */
@NullMarked
package dev.balsa.bench.sql;

import org.jspecify.annotations.NullMarked;
