package dev.balsa.raft;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The cluster's id as far as it is kept, so that it is written once. Thread-safe. */
final class KeptClusterId {
  private final ClusterIdStore store;
  private final long nodeId;
  private final @Nullable UUID configured;
  private @Nullable UUID kept;

  /**
   * Reads what is kept.
   *
   * @throws ClusterMismatchException if it is another id than the configured one
   */
  KeptClusterId(ClusterIdStore store, RaftConfig config) {
    this.store = store;
    this.nodeId = config.nodeId();
    this.configured = config.clusterId();
    this.kept = store.read();
    if (kept != null) {
      check(configured, kept);
    }
  }

  synchronized @Nullable UUID get() {
    return kept;
  }

  /**
   * Keeps the id durably, if it is not yet.
   *
   * @throws ClusterMismatchException if another one is kept or configured
   */
  synchronized void keep(UUID id) {
    check(id);
    if (kept == null) {
      store.keep(id);
      kept = id;
    }
  }

  /**
   * Checks that the id may be this node's cluster's.
   *
   * @throws ClusterMismatchException if it is another one than the configured or the kept one
   */
  synchronized void check(UUID id) {
    check(configured, id);
    check(kept, id);
  }

  private void check(@Nullable UUID expected, UUID id) {
    if (expected != null && !expected.equals(id)) {
      throw new ClusterMismatchException(nodeId, expected, id);
    }
  }
}
