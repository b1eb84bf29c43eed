package dev.balsa.raft.sim;

import dev.balsa.raft.core.Configuration;

/**
 * One decision of a schedule. Each stands for itself: an action that cannot be done (its server is
 * down, its message is not there) does nothing, so that any part of a schedule can be left out.
 */
public sealed interface Action {
  /** Does it. */
  void perform(Life life);

  /** How a piece of work on a snapshot ends. */
  enum Outcome {
    /** Well. */
    SUCCEEDS,
    /** With an error. */
    FAILS,
    /** With a changed byte that its checksum tells of. */
    GARBLED
  }

  /** Time passes until the next tick of some clock. */
  record Advance() implements Action {
    @Override
    public void perform(Life life) {
      life.advance();
    }
  }

  /** Messages on a link arrive, from a position on, in one step. */
  record Deliver(long from, long to, int position, int count) implements Action {
    @Override
    public void perform(Life life) {
      life.deliver(this);
    }
  }

  /** A message on its way is lost. */
  record Lose(long from, long to, int position) implements Action {
    @Override
    public void perform(Life life) {
      life.lose(this);
    }
  }

  /** A message on its way will arrive twice. */
  record Duplicate(long from, long to, int position) implements Action {
    @Override
    public void perform(Life life) {
      life.duplicate(this);
    }
  }

  /** An old message arrives, perhaps again. */
  record Replay(long from, long to, int slot) implements Action {
    @Override
    public void perform(Life life) {
      life.replay(this);
    }
  }

  /**
   * The links in a mask are cut, and no others; what is sent over them waits, or is lost if the
   * link is in the other mask.
   */
  record Cut(long links, long dropping) implements Action {
    /** Nothing is cut any more. */
    static final Cut NONE = new Cut(0, 0);

    /** All of these links drop what is sent, or none does. */
    Cut(long links, boolean dropping) {
      this(links, dropping ? links : 0);
    }

    @Override
    public void perform(Life life) {
      life.cut(this);
    }
  }

  /** The oldest operations of a disk become durable. */
  record Force(long server, int count) implements Action {
    @Override
    public void perform(Life life) {
      life.ifAwake(server, s -> s.force(count));
    }
  }

  /** A force fails: the server halts, and what was written may be there or not. */
  record FailForce(long server, int kept, int torn) implements Action {
    @Override
    public void perform(Life life) {
      life.failForce(this);
    }
  }

  /**
   * A server loses power: of the disk operations not yet forced the first {@code kept} are there
   * nevertheless, and of the next its hard state and the first {@code torn} entries, if that is not
   * negative.
   */
  record Crash(long server, int kept, int torn) implements Action {
    @Override
    public void perform(Life life) {
      life.crash(this);
    }
  }

  /** A server will crash after so many further effects. */
  record Fuse(long server, int effects, Crash end) implements Action {
    @Override
    public void perform(Life life) {
      life.ifAwake(
          server,
          s -> {
            s.fuse(effects, end);
            life.totals().crashesBetweenEffects++;
          });
    }
  }

  /** A server that is down starts. */
  record Start(long server, long seed) implements Action {
    @Override
    public void perform(Life life) {
      life.server(server).start(seed);
    }
  }

  /** A server's process is stopped for a while. */
  record Pause(long server) implements Action {
    @Override
    public void perform(Life life) {
      life.ifAwake(server, Server::pause);
      life.totals().pauses++;
    }
  }

  /** It goes on. */
  record Resume(long server) implements Action {
    @Override
    public void perform(Life life) {
      life.server(server).resume();
    }
  }

  /** A disk has no room any more, or has again. */
  record Full(long server, boolean full) implements Action {
    @Override
    public void perform(Life life) {
      life.ifAwake(server, s -> s.full(full));
      life.totals().diskFull++;
    }
  }

  /** A clock runs at another rate: so many units of time for a tick. */
  record ClockRate(long server, double tickUnits) implements Action {
    @Override
    public void perform(Life life) {
      life.server(server).tickUnits(tickUnits);
      life.totals().clockChanges++;
    }
  }

  /** The next inputs of a server come in one step. */
  record Gather(long server, int inputs) implements Action {
    @Override
    public void perform(Life life) {
      life.ifAwake(server, s -> s.gather(inputs));
    }
  }

  /** A state machine applies the oldest batches that it was given. */
  record Apply(long server, int batches) implements Action {
    @Override
    public void perform(Life life) {
      life.ifAwake(server, s -> s.apply(batches));
    }
  }

  /** A state machine takes a snapshot. */
  record TakeSnapshot(long server) implements Action {
    @Override
    public void perform(Life life) {
      life.ifAwake(server, Server::takeSnapshot);
    }
  }

  /** The oldest piece of work on a snapshot that is sent or arrives is done. */
  record SnapshotWork(long server, Outcome outcome) implements Action {
    @Override
    public void perform(Life life) {
      life.ifAwake(server, s -> s.snapshotWork(outcome));
    }
  }

  /** A proposal; in the server's present term, or in another. */
  record Propose(long server, int bytes, long termOffset) implements Action {
    @Override
    public void perform(Life life) {
      life.clients().propose(this);
    }
  }

  /** A read. */
  record Read(long server, boolean byLease) implements Action {
    @Override
    public void perform(Life life) {
      life.clients().read(this);
    }
  }

  /** Another configuration is asked for. */
  record Reconfigure(long server, Configuration target) implements Action {
    @Override
    public void perform(Life life) {
      life.clients().reconfigure(this);
    }
  }

  /** Another leader is asked for. */
  record Transfer(long server, long target) implements Action {
    @Override
    public void perform(Life life) {
      life.clients().transfer(this);
    }
  }
}
