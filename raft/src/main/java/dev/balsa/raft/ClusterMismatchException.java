package dev.balsa.raft;

import java.util.UUID;

/** This node is configured for another cluster than the one whose log it has. */
public final class ClusterMismatchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public ClusterMismatchException(long nodeId, UUID configured, UUID committed) {
    super(
        "node "
            + nodeId
            + " is configured for cluster "
            + configured
            + ", but its log belongs to cluster "
            + committed
            + "; correct its configuration, or give it a data folder of its own");
  }
}
