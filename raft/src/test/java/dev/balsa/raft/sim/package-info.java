/**
 * Whole clusters of the real core in one thread: virtual time, a simulated network and simulated
 * disks, all driven by one seed, so that a run can be replayed exactly. {@link
 * dev.balsa.raft.sim.SimCluster} joins the parts; {@link dev.balsa.raft.sim.ClusterInvariants}
 * watches every step.
 */
@NullMarked
package dev.balsa.raft.sim;

import org.jspecify.annotations.NullMarked;
