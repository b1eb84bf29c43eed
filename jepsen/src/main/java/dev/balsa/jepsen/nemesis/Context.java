package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.disk.LoopDisks;
import java.util.Optional;

/**
 * What faults work on.
 *
 * @param cluster the victim
 * @param disks the disks that hold all of the nodes' data folders; empty if these are folders like
 *     any other
 */
public record Context(Cluster cluster, Optional<LoopDisks> disks) {}
