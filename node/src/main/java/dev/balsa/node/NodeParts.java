package dev.balsa.node;

import dev.balsa.fsm.DatabaseStateMachine;
import dev.balsa.fsm.FsmConfig;
import dev.balsa.raft.ClusterIdStore;
import dev.balsa.raft.Consensus;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.RaftConfig;
import dev.balsa.raft.RaftNode;
import dev.balsa.raft.StateMachine;
import dev.balsa.raft.Transport;

/**
 * What a node is put together from, a method each, so that a test can put in a wrong part and see
 * whether it is noticed. The product always takes these.
 */
class NodeParts {
  /** The right ones. */
  static final NodeParts PRODUCT = new NodeParts();

  /** The log, as all other parts see it. */
  LogStore log(LogStore opened) {
    return opened;
  }

  /** The databases, recovered. */
  DatabaseStateMachine machine(FsmConfig config, LogStore log) {
    return DatabaseStateMachine.recover(config, log);
  }

  /** Raft, started. */
  RaftNode raft(
      RaftConfig config,
      LogStore log,
      ClusterIdStore clusterIds,
      Transport transport,
      StateMachine machine) {
    return RaftNode.start(config, log, clusterIds, transport, machine);
  }

  /** What the databases ask of Raft. */
  Consensus consensus(RaftNode raft) {
    return raft;
  }
}
