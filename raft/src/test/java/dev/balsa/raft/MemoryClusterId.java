package dev.balsa.raft;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Keeps the cluster's id in memory. */
final class MemoryClusterId implements ClusterIdStore {
  private volatile @Nullable UUID kept;

  @Override
  public @Nullable UUID read() {
    return kept;
  }

  @Override
  public void keep(UUID id) {
    kept = id;
  }
}
