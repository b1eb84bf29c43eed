package dev.balsa.raft;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where a node keeps the cluster's id. The id is in the log's first entry, and that entry goes when
 * the log is compacted, or never comes to a node that starts from a snapshot.
 */
public interface ClusterIdStore {
  /**
   * The id that was kept, null if none was.
   *
   * @throws LogStoreException if that can't be told
   */
  @Nullable UUID read();

  /**
   * Keeps the id, durably. Called with the same id only, by one thread at a time, which may block.
   *
   * @throws LogFullException if there is no room; it is tried again later
   * @throws LogStoreException if it can't be kept; the node stops
   */
  void keep(UUID id);

  /** Keeps nothing: for a node whose log is never compacted, since its first entry tells the id. */
  static ClusterIdStore none() {
    return NoClusterIdStore.INSTANCE;
  }
}
