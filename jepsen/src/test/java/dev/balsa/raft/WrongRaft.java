package dev.balsa.raft;

import dev.balsa.raft.core.WrongCore;

/** Raft with a wrong core in it. */
public final class WrongRaft {
  private WrongRaft() {}

  /** As {@link RaftNode#start(RaftConfig, LogStore, ClusterIdStore, Transport, StateMachine)}. */
  public static RaftNode start(
      RaftConfig config,
      LogStore log,
      ClusterIdStore clusterIds,
      Transport transport,
      StateMachine machine,
      WrongCore core) {
    return RaftNode.start(config, log, clusterIds, transport, machine, core::create);
  }
}
