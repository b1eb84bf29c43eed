package dev.balsa.raft;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Keeps nothing. */
enum NoClusterIdStore implements ClusterIdStore {
  INSTANCE;

  @Override
  public @Nullable UUID read() {
    return null;
  }

  @Override
  public void keep(UUID id) {}
}
