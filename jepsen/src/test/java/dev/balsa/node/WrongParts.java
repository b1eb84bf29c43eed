package dev.balsa.node;

import dev.balsa.fsm.Activities;
import dev.balsa.fsm.DatabaseStateMachine;
import dev.balsa.fsm.FsmConfig;
import dev.balsa.raft.ClusterIdStore;
import dev.balsa.raft.Consensus;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.RaftConfig;
import dev.balsa.raft.RaftNode;
import dev.balsa.raft.StateMachine;
import dev.balsa.raft.Transport;

/** What a node is put together from, for whoever puts in a wrong part. */
public class WrongParts extends NodeParts {
  /** The right ones, but for what a subclass overrides. */
  protected WrongParts() {}

  /** As {@link BalsaNode#start(BalsaConfig)}. */
  public final BalsaNode start(BalsaConfig config) {
    return BalsaNode.start(config, leadership -> {}, Activities.UNWATCHED, this);
  }

  @Override
  public LogStore log(LogStore opened) {
    return super.log(opened);
  }

  @Override
  public DatabaseStateMachine machine(FsmConfig config, LogStore log) {
    return super.machine(config, log);
  }

  @Override
  public RaftNode raft(
      RaftConfig config,
      LogStore log,
      ClusterIdStore clusterIds,
      Transport transport,
      StateMachine machine) {
    return super.raft(config, log, clusterIds, transport, machine);
  }

  @Override
  public Consensus consensus(RaftNode raft) {
    return super.consensus(raft);
  }
}
