package dev.balsa.fsm;

import dev.balsa.raft.Consensus;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.raft.ReadOutcome;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.sqlite.wal.PageImage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a session must pass before it reads or writes: leadership, confirmed where it must be; the
 * database, made if it is missing; the writer slot; the writer view. Blocks whoever asks: the
 * session's own thread, or the {@link WriterSlot}'s for a statement that was left there.
 */
final class Gate {
  private final DatabaseStateMachine machine;
  private final DatabaseName name;
  private final SeenState seen;

  /**
   * The gate of one session.
   *
   * @param seen what the session must see
   */
  Gate(DatabaseStateMachine machine, DatabaseName name, SeenState seen) {
    this.machine = machine;
    this.name = name;
    this.seen = seen;
  }

  /** The right to run a transaction on the writer view. */
  record Grant(Database database, WriterSlot.Hold hold, WriterView view) {}

  /** Takes the writer slot and finds or opens the writer view. */
  Grant enter(Deadline deadline) {
    Database database = admit(deadline);
    return grantOrFree(database, takeSlot(database, deadline), deadline);
  }

  /** Waits until this node leads, and has the database, with room in it. */
  Database admit(Deadline deadline) {
    seen.await(deadline);
    Database database = leadersDatabase(deadline);
    awaitWalRoom(database, deadline);
    return database;
  }

  /** As {@link #grant}; if that fails, the slot is free. */
  Grant grantOrFree(Database database, WriterSlot.Hold hold, Deadline deadline) {
    try {
      return grant(database, hold, deadline);
    } catch (RuntimeException | Error e) {
      hold.release();
      throw e;
    }
  }

  /** Finds or opens the writer view, for who has the slot. */
  Grant grant(Database database, WriterSlot.Hold hold, Deadline deadline) {
    WriterView view = view(database, deadline);
    try {
      view.pipeline().awaitRoom(deadline);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    return new Grant(database, hold, view);
  }

  /**
   * Waits until everything acknowledged before this call, to anybody, can be read here.
   *
   * @throws NotLeaderException if this node does not lead
   */
  void confirm(Deadline deadline) {
    confirm(Consensus::readIndex, deadline);
  }

  private void confirm(
      Function<Consensus, CompletableFuture<ReadOutcome>> question, Deadline deadline) {
    machine.requireRunning();
    while (true) {
      requireLeadership(deadline);
      ReadOutcome outcome =
          await(question.apply(machine.consensus()), deadline, "the confirmation of a read");
      if (outcome instanceof ReadOutcome.Ready ready) {
        if (!awaitApplied(ready.index(), deadline)) {
          throw timedOut(deadline, "this node to apply the log");
        }
        return;
      }
      if (((ReadOutcome.Refused) outcome).reason() != Refusal.NOT_ESTABLISHED) {
        throw machine.notLeader();
      }
      if (deadline.leftNanos() == 0) {
        throw timedOut(deadline, "an entry of the new leader's own to be committed");
      }
    }
  }

  /**
   * The database, in a state that a read of that mode may see, and not before what the session must
   * see: what is read after this call is so.
   */
  Database readable(SessionOptions options, ReadMode mode, Deadline deadline) {
    seen.await(deadline);
    if (mode instanceof ReadMode.Stale stale) {
      Duration bound = stale.bound();
      if (bound != null) {
        requireFresh(bound, deadline);
      }
      return localDatabase();
    }
    if (!options.readOnly()) {
      leadersDatabase(deadline); // who may write makes it if it is missing
    }
    confirm(mode instanceof ReadMode.Lease ? Consensus::readLease : Consensus::readIndex, deadline);
    return localDatabase();
  }

  /** What {@link #readable} would give, if that needs no waiting; else null. */
  @Nullable Database readableAtOnce(ReadMode mode) {
    return mode instanceof ReadMode.Stale stale && stale.bound() == null && seen.isReached()
        ? localDatabase()
        : null;
  }

  private void requireFresh(Duration bound, Deadline deadline) {
    machine.requireRunning();
    try {
      machine.freshness().require(bound, deadline);
    } catch (TooStaleException e) {
      machine.requireRunning(); // it cannot be tried again here
      throw e;
    }
  }

  /**
   * Waits until it is certain that a writer view held all that was acknowledged before this call:
   * nobody else led, up to now, since it was opened.
   */
  void confirm(WriterView view, Deadline deadline) {
    confirm(deadline);
    String closed = view.lostBecause();
    if (closed != null) {
      throw new NotAppliedException("what was read is not confirmed: " + closed);
    }
  }

  /** The database on this node, in whatever state it is. */
  Database localDatabase() {
    machine.requireRunning();
    Database database = machine.find(name);
    if (database == null) {
      throw new BalsaException("there is no database '" + name + "' on this node (yet)");
    }
    return database;
  }

  /** The database on the leader: made if there is none. */
  Database leadersDatabase(Deadline deadline) {
    machine.requireRunning();
    Leadership leadership = requireLeadership(deadline);
    Database database = machine.find(name);
    if (database != null) {
      return database;
    }
    confirm(deadline); // an entry that made it may be on its way
    database = machine.find(name);
    return database != null ? database : create(leadership.term(), deadline);
  }

  private Database create(long term, Deadline deadline) {
    int pageSize = machine.config().pageSize();
    List<PageImage> pages = DatabaseTemplate.pages(pageSize);
    byte[] payload = EntryCodec.encodeCreate(name, pageSize, pages);
    ProposalOutcome outcome =
        await(
            machine.consensus().propose(term, payload),
            deadline,
            "the creation of database '" + name + "'");
    if (!(outcome instanceof ProposalOutcome.Committed committed)) {
      throw machine.refused(outcome);
    }
    if (!awaitApplied(committed.index(), deadline)) {
      throw timedOut(deadline, "this node to make database '" + name + "'");
    }
    return localDatabase();
  }

  /**
   * Ends the database, on all nodes.
   *
   * @throws NotAppliedException if there is none, or it is certain that it was not dropped
   * @throws OutcomeUnknownException if it may still be dropped
   */
  void drop(Deadline deadline) {
    machine.requireRunning();
    Leadership leadership = requireLeadership(deadline);
    confirm(deadline); // an entry that made it may be on its way
    Replica replica = machine.replica(name);
    if (replica == null) {
      throw new NotAppliedException("there is no database '" + name + "'");
    }
    Future<ProposalOutcome> proposal =
        machine
            .consensus()
            .propose(leadership.term(), EntryCodec.encodeDrop(name, replica.incarnation()));
    ProposalOutcome outcome;
    try {
      outcome = machine.threads().await(proposal, deadline.leftNanos());
    } catch (TimeoutException | ExecutionException e) {
      throw new OutcomeUnknownException("database '" + name + "' may still be dropped", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OutcomeUnknownException("database '" + name + "' may still be dropped", e);
    }
    if (!(outcome instanceof ProposalOutcome.Committed committed)) {
      throw machine.refused(outcome);
    }
    if (!awaitApplied(committed.index(), deadline)) {
      throw new OutcomeUnknownException(
          "database '" + name + "' is dropped, as soon as this node gets to it", null);
    }
  }

  private static void awaitWalRoom(Database database, Deadline deadline) {
    try {
      if (!database.awaitWalRoom(deadline)) {
        throw new NotAppliedException(
            "timed out after "
                + deadline.timeout()
                + " waiting for the WAL of '"
                + database.name()
                + "' to begin anew: a transaction that reads for long keeps it from that");
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private WriterSlot.Hold takeSlot(Database database, Deadline deadline) {
    try {
      WriterSlot.Hold hold = database.slot().take(deadline.leftNanos());
      if (hold != null) {
        return hold;
      }
      machine.requireRunning();
      throw slotTimedOut(deadline);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  NotAppliedException slotTimedOut(Deadline deadline) {
    return timedOut(deadline, "the transactions that write to '" + name + "' before this one");
  }

  private WriterView view(Database database, Deadline deadline) {
    while (true) {
      Leadership leadership = requireLeadership(deadline);
      WriterView open = database.writer();
      if (open != null && open.term() == leadership.term() && open.closedBecause() == null) {
        return open;
      }
      if (database.isClosed()) {
        throw new DatabaseUnavailableException(
            "database '" + name + "' was dropped, or is not served here any more");
      }
      // Everything before this term's first entry must be applied before a writer view may open.
      confirm(deadline);
      Optional<WriterView> view =
          await(
              machine.writerView(database, leadership.term()),
              deadline,
              "the writer connection to open");
      if (view.isPresent()) {
        return view.get();
      }
    }
  }

  private Leadership requireLeadership(Deadline deadline) {
    try {
      if (!machine.leadershipView().now().isLeader()
          && machine.consensus().leadership().isLeader()) {
        // Just elected: let the apply thread come to it.
        await(machine.submit(() -> 0), deadline, "the entries of earlier leaders to be applied");
      }
      Leadership leadership = machine.leadershipView().awaitEstablished(deadline.leftNanos());
      machine.requireRunning();
      if (!leadership.isLeader()) {
        throw machine.notLeader();
      }
      return leadership;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private boolean awaitApplied(long index, Deadline deadline) {
    try {
      boolean applied = machine.applied().await(index, deadline.leftNanos());
      machine.requireRunning();
      return applied;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static <T> T await(Future<T> future, Deadline deadline, String what) {
    try {
      return deadline.threads().await(future, deadline.leftNanos());
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (TimeoutException e) {
      throw timedOut(deadline, what);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof NotAppliedException notApplied) {
        throw notApplied;
      }
      throw new NotAppliedException(String.valueOf(cause == null ? e : cause.getMessage()), e);
    }
  }

  private static NotAppliedException timedOut(Deadline deadline, String what) {
    return new NotAppliedException(
        "timed out after " + deadline.timeout() + " waiting for " + what);
  }

  static NotAppliedException interrupted(@Nullable InterruptedException e) {
    Thread.currentThread().interrupt();
    return new NotAppliedException("interrupted before anything was written", e);
  }
}
