package dev.balsa.raft;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.PeerStatus;
import java.util.List;
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
 * @param storageFull whether the log's disk has no room, so that nothing can be written
 * @param configuration the configuration in force; {@link Configuration#EMPTY} on a node that was
 *     not added to a cluster yet
 * @param configurationIndex index of its entry in the log; 0 as long as it is what the node was
 *     started with
 * @param configurationCommitted whether it can't be replaced by an older one any more
 * @param peers on a leader the others' progress, up to a tick old; empty on others
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
    boolean storageFull,
    Configuration configuration,
    long configurationIndex,
    boolean configurationCommitted,
    List<PeerStatus> peers,
    @Nullable Throwable failure) {
  /** Takes an immutable list. */
  public RaftStatus {
    peers = List.copyOf(peers);
  }
}
