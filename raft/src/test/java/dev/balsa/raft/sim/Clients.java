package dev.balsa.raft.sim;

import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Input;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** Those who ask a cluster for something, and what they have not been answered yet. */
final class Clients {
  private final Life life;

  /** The server that was asked, by number of the request. */
  private final Map<Long, Long> unanswered = new HashMap<>();

  private long lastNumber;

  /** The lease read that is being asked for, until its step is over. */
  private long leaseRead;

  Clients(Life life) {
    this.life = life;
  }

  /** Requests that running servers have not answered, and whom they were put to. */
  Map<Long, Long> unanswered() {
    return unanswered;
  }

  void propose(Action.Propose action) {
    life.ifAwake(
        action.server(),
        server -> {
          long number = next(server);
          byte[] payload = new byte[Math.min(Entry.PAYLOAD_BYTES_MAX, 8 + action.bytes())];
          ByteBuffer.wrap(payload).putLong(number);
          life.totals().proposals++;
          long term = server.leadership().term() + action.termOffset();
          server.step(new Input.Proposed(number, term, payload));
        });
  }

  void read(Action.Read action) {
    life.ifAwake(
        action.server(),
        server -> {
          long number = next(server);
          life.watch().readRequested(number);
          if (action.byLease()) {
            leaseRead = number;
            server.step(new Input.LeaseReadRequested(number));
            leaseRead = 0;
          } else {
            server.step(new Input.ReadRequested(number));
          }
        });
  }

  void reconfigure(Action.Reconfigure action) {
    life.ifAwake(
        action.server(),
        server ->
            server.step(
                new Input.ConfigurationProposed(
                    next(server), server.leadership().term(), action.target())));
  }

  void transfer(Action.Transfer action) {
    life.ifAwake(
        action.server(),
        server -> server.step(new Input.TransferRequested(next(server), action.target())));
  }

  private long next(Server server) {
    lastNumber++;
    unanswered.put(lastNumber, server.id());
    return lastNumber;
  }

  void answered(Server server, Effect effect) {
    Totals totals = life.totals();
    if (effect instanceof Effect.ReadReady ready) {
      answered(server, ready.read(), effect);
      totals.reads++;
      totals.leaseReads += ready.read() == leaseRead ? 1 : 0;
      life.watch().readReady(server, ready.read(), ready.index());
    } else if (effect instanceof Effect.ReadRefused refused) {
      answered(server, refused.read(), effect);
      totals.readsRefused++;
      life.watch().readForgotten(refused.read());
    } else if (effect instanceof Effect.ProposalAppended placed) {
      answered(server, placed.proposal(), effect);
      life.watch().placed(server, placed);
    } else if (effect instanceof Effect.ProposalRefused refused) {
      answered(server, refused.proposal(), effect);
    } else if (effect instanceof Effect.TransferDone done) {
      answered(server, done.transfer(), effect);
      totals.transfers++;
    } else if (effect instanceof Effect.TransferRefused refused) {
      answered(server, refused.transfer(), effect);
      totals.transfersRefused++;
    }
  }

  private void answered(Server server, long number, Effect effect) {
    Long asked = unanswered.remove(number);
    if (asked == null || asked != server.id()) {
      throw new Violation(
          "AnsweredOnce", "server %s answers what nobody waits for: %s", server.id(), effect);
    }
  }

  /** A server has crashed: it will answer nothing of what it was asked. */
  void crashed(Server server) {
    unanswered
        .entrySet()
        .removeIf(
            entry -> {
              if (entry.getValue() == server.id()) {
                life.watch().readForgotten(entry.getKey());
                return true;
              }
              return false;
            });
  }
}
