package dev.balsa.raft;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Input;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What a node's event loop is told, by whatever thread. */
sealed interface LoopEvent {
  /** Tells it. Called on the loop. */
  void tell(NodeLoop node);

  record Happened(Input input) implements LoopEvent {
    @Override
    public void tell(NodeLoop node) {
      node.input(input);
    }
  }

  record Durable(List<AppendToLog> batch) implements LoopEvent {
    @Override
    public void tell(NodeLoop node) {
      node.durable(batch);
    }
  }

  record Installed(InstallSnapshot snapshot) implements LoopEvent {
    @Override
    public void tell(NodeLoop node) {
      node.installed(snapshot);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // shared on its way
  record SendToMachine(long to, byte[] payload) implements LoopEvent {
    @Override
    public void tell(NodeLoop node) {
      node.sendToMachine(to, payload);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // shared on its way
  record MachineMessageArrived(long from, byte[] payload) implements LoopEvent {
    @Override
    public void tell(NodeLoop node) {
      node.machineMessage(from, payload);
    }
  }

  record Gone(long peer) implements LoopEvent {
    @Override
    public void tell(NodeLoop node) {
      node.gone(peer);
    }
  }

  /** An event that somebody waits for. */
  sealed interface Request extends LoopEvent {
    CompletableFuture<?> future();
  }

  @SuppressWarnings("ArrayRecordComponent") // on its way into an entry, which shares it
  record Propose(long expectedTerm, byte[] payload, CompletableFuture<ProposalOutcome> future)
      implements Request {
    @Override
    public void tell(NodeLoop node) {
      node.propose(expectedTerm, payload, future);
    }
  }

  record Read(CompletableFuture<ReadOutcome> future) implements Request {
    @Override
    public void tell(NodeLoop node) {
      node.read(future);
    }
  }

  record LeaseRead(CompletableFuture<ReadOutcome> future) implements Request {
    @Override
    public void tell(NodeLoop node) {
      node.leaseRead(future);
    }
  }

  record LeaderRead(CompletableFuture<ReadOutcome> future) implements Request {
    @Override
    public void tell(NodeLoop node) {
      node.leaderRead(future);
    }
  }

  record ChangeMembership(
      long expectedTerm, Configuration target, CompletableFuture<MembershipOutcome> future)
      implements Request {
    @Override
    public void tell(NodeLoop node) {
      node.changeMembership(expectedTerm, target, future);
    }
  }

  record Transfer(long target, CompletableFuture<TransferOutcome> future) implements Request {
    @Override
    public void tell(NodeLoop node) {
      node.transfer(target, future);
    }
  }
}
