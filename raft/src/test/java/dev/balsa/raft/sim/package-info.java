/**
 * Whole clusters of the real core in one thread: virtual time, a simulated network and simulated
 * disks.
 *
 * <p><b>Stories</b> that a test tells step by step are played on a {@link
 * dev.balsa.raft.sim.SimCluster}, which does nothing by itself.
 *
 * <p><b>Lives</b> are made up from a seed by {@link dev.balsa.raft.sim.Simulation}:
 *
 * <pre>
 *   Director ---------- draws an Action: by chance, or as a Play (a plot towards a coincidence) wants
 *      |
 *      v
 *   Life -------------- performs it: Servers (core, disk, state machine, clock), Wires, Clients
 *      |
 *      v
 *   Watch ------------- tells each Check, which may throw a Violation; what is committed is in the
 *                       Ledger
 *   Recovery ---------- the end: everything is mended, and all must agree
 *   Minimizer --------- leaves out of a failing list of actions what it fails without
 * </pre>
 *
 * <p>Nothing but the Director draws: an action says all that happens, and one that cannot be done
 * does nothing. So a list of actions replays exactly, and any part of it can be left out. A server
 * performs its core's effects one by one, and may lose power between any two of them.
 *
 * <p>Checks look from outside: at what servers send, have on disk, apply and answer. That they
 * would notice a wrong decision is proved by {@link dev.balsa.raft.core.BrokenCore}.
 */
@NullMarked
package dev.balsa.raft.sim;

import org.jspecify.annotations.NullMarked;
