package dev.balsa.raft;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node's state at one moment.
 *
 * @param nodeId this node
 * @param clusterId the cluster's id, null until it is known
 * @param leadership role, term and known leader
 * @param firstIndex first index in the log
 * @param lastIndex last index in the log
 * @param commitIndex highest index known committed
 * @param appliedIndex highest index applied by the state machine
 * @param logBytes what the log occupies on disk
 * @param failure why the node has stopped, null while it runs
 */
public record RaftStatus(
    long nodeId,
    @Nullable UUID clusterId,
    Leadership leadership,
    long firstIndex,
    long lastIndex,
    long commitIndex,
    long appliedIndex,
    long logBytes,
    @Nullable Throwable failure) {}
