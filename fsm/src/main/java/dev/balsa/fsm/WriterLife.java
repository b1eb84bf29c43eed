package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.OutcomeSkippedException;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.vfs.Publisher;
import dev.balsa.sqlite.vfs.WriterConnection;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database's writer views, one after the other: when one is opened, and what becomes of its work
 * when it ends.
 *
 * <p>A view that is discarded while this node goes on leading (a proposal was refused, or something
 * is in doubt) may leave entries that Raft has not decided. They are kept here: if they are
 * committed after all, their images are applied and their callers told so. No view is opened before
 * each of them is decided.
 *
 * <p>Owned by the apply thread; {@link #view} is for any.
 */
final class WriterLife {
  private static final Logger log = LoggerFactory.getLogger(WriterLife.class);

  private static final String WAL_BEGINS_ANEW = "the WAL begins anew";

  private final DatabaseStateMachine machine;
  private final Database database;
  private final DatabaseState state;
  private final Path file;
  private final Publisher publisher;
  private final OpenParts parts;
  private final SqlSurface sql;
  private final Map<EntryId, Shipment> leftUndecided = new HashMap<>();
  private final List<Runnable> onceDecided = new CopyOnWriteArrayList<>();
  private volatile @Nullable WriterView writer;

  WriterLife(
      DatabaseStateMachine machine,
      Database database,
      DatabaseState state,
      Path file,
      Publisher publisher,
      OpenParts parts,
      SqlSurface sql) {
    this.machine = machine;
    this.database = database;
    this.state = state;
    this.file = file;
    this.publisher = publisher;
    this.parts = parts;
    this.sql = sql;
  }

  /** The writer view; null when there is none. */
  @Nullable WriterView view() {
    return writer;
  }

  /** What a proposal's outcome means to those whose transactions it carried. */
  BalsaException why(@Nullable ProposalOutcome outcome, @Nullable Throwable undecided) {
    if (outcome != null) {
      return machine.refused(outcome);
    }
    return new OutcomeUnknownException(
        undecided instanceof OutcomeSkippedException
            ? "this node lagged behind, and does not know the transaction's fate: "
                + undecided.getMessage()
            : "the node stopped before the transaction's fate was decided: " + undecided,
        undecided);
  }

  /** Prepares the end of a view of which all is published, and which nobody uses. */
  void retire(WriterView view) {
    Invariant.check(view == writer, "%s: another writer", database.name());
    Invariant.check(view.pipeline().isEmpty(), "%s: a writer with work in flight", database.name());
    view.retire(WAL_BEGINS_ANEW);
  }

  /** Closes a view that is {@linkplain #retire retired}. */
  void closeRetired(WriterView view) {
    String because = WAL_BEGINS_ANEW;
    view.close(because);
    CommitPipeline.Left left = view.pipeline().stop(because, publisher::truncateToPublished);
    Invariant.check(
        left.queued().isEmpty() && left.inFlight().isEmpty(), "%s: work is left", database.name());
    writer = null;
  }

  /** Opens the writer view for this node's term of leadership, if there is none. */
  WriterView open(long term) {
    WriterView open = writer;
    if (open != null) {
      return open;
    }
    Invariant.check(leftUndecided.isEmpty(), "%s: entries of an old writer", database.name());
    parts.abandon(); // what was left of them is decided
    WriterConnection connection =
        WriterConnection.open(file, publisher, machine.limits().capturedBytesMax());
    WriterView view =
        new WriterView(
            term,
            connection,
            new CommitPipeline(machine, database, state, term, publisher.publishedFrames()),
            sql);
    writer = view;
    return view;
  }

  /** Runs something once all that old writer views proposed is decided, now if it is. */
  void onceDecided(Runnable task) {
    if (leftUndecided.isEmpty()) {
      task.run();
    } else {
      onceDecided.add(task);
    }
  }

  /** How many wait until a writer view may be opened. */
  int waiting() {
    return onceDecided.size();
  }

  /** The shipment of the view that lives, by whose frames an entry is published; null if none. */
  @Nullable Shipment ownFrames(EntryId id) {
    WriterView view = writer;
    return machine.decisions().ownFrames(view == null ? null : view.pipeline(), id);
  }

  /** No writer view is open while an entry of another one can come: this is the last resort. */
  void makeWay() {
    discard(
        "an earlier transaction was committed after all",
        shipment ->
            new OutcomeUnknownException(
                "an earlier transaction, then in doubt, was committed after all", null));
  }

  /** An entry was made for another state than there is: so were all that were made after it. */
  void skipped(EntryId id, String reason) {
    NotAppliedException why = new NotAppliedException("not applied: " + reason);
    WriterView view = writer;
    if (view != null && view.pipeline().has(id)) {
      // What was proposed before it would be in the log before it.
      discard("an entry was skipped", shipment -> why);
    }
    Shipment left = leftUndecided.get(id);
    if (left != null) {
      left.fail(why);
    }
  }

  /** A proposal did not lead to a committed entry, or nobody knows whether it did. */
  void lost(CommitPipeline pipeline, Shipment lost, BalsaException why) {
    WriterView view = writer;
    if (view != null && view.pipeline() == pipeline && machine.decisions().endsView(lost)) {
      // What was proposed before it goes on; what was after it was made for the state after it.
      boolean[] reached = new boolean[1];
      discard(
          String.valueOf(why.getMessage()),
          shipment -> {
            reached[0] |= shipment == lost;
            return reached[0] ? why : null;
          });
    }
    lost.fail(why);
  }

  /** A pipeline could not make an entry, or propose it. */
  void shippingFailed(CommitPipeline pipeline, Throwable why) {
    WriterView view = writer;
    if (view != null && view.pipeline() == pipeline) {
      log.error("{}: the writer is discarded, since shipping failed", database.name(), why);
      discard("shipping failed: " + why, shipment -> null);
    }
  }

  /** Discards a view that is in doubt; what it has proposed is good, and goes on. */
  void discardDoubtful(WriterView view, String because) {
    if (writer == view) {
      log.warn("{}: the writer is discarded: {}", database.name(), because);
      discard(because, shipment -> null);
    }
  }

  /** This node leads no more, or will know no more: what is undecided stays unknown. */
  void leadershipLost(String because, @Nullable Throwable cause) {
    OutcomeUnknownException unknown =
        new OutcomeUnknownException(because + " before the transaction's fate was decided", cause);
    discard(because, shipment -> unknown);
    failUndecided(unknown);
    runOnceDecided();
  }

  /** The node has failed: everybody is told, and the files are left alone. */
  void fail(Throwable cause) {
    OutcomeUnknownException unknown =
        new OutcomeUnknownException("the node has failed: " + cause.getMessage(), cause);
    WriterView view = writer;
    if (view != null) {
      NotAppliedException notApplied =
          new NotAppliedException("the node has failed: " + cause.getMessage(), cause);
      view.condemn(String.valueOf(notApplied.getMessage()));
      view.pipeline()
          .stop(String.valueOf(notApplied.getMessage()), () -> {})
          .tell(notApplied, unknown);
    }
    leftUndecided.values().forEach(shipment -> shipment.fail(unknown));
    runOnceDecided();
  }

  /**
   * Discards the writer view, if there is one: nothing remains of what is not published.
   *
   * @param because told to sessions, and to those whose transaction was never proposed
   * @param fate what those in a proposed entry are told, asked in order; null: nothing yet, their
   *     entry goes on
   */
  void discard(String because, Function<Shipment, @Nullable BalsaException> fate) {
    WriterView view = writer;
    if (view == null) {
      return;
    }
    view.close(because);
    CommitPipeline.Left left =
        view.pipeline()
            .stop(
                because, () -> parts.writerClosed(() -> machine.decisions().discarded(publisher)));
    writer = null;
    NotAppliedException notApplied =
        new NotAppliedException("the transaction is rolled back: " + because);
    for (Shipment shipment : left.inFlight()) {
      if (!shipment.isProposed()) {
        shipment.fail(notApplied);
        continue;
      }
      leftUndecided.put(shipment.id(), shipment);
      BalsaException told = fate.apply(shipment);
      if (told != null) {
        shipment.fail(told);
      }
    }
    left.queued().forEach(ticket -> ticket.fail(notApplied));
    // Not before all are put there: an answer may have come already.
    for (Shipment shipment : left.inFlight()) {
      if (shipment.isProposed()) {
        var unused =
            shipment
                .decision()
                .whenComplete(
                    (outcome, undecided) ->
                        machine.onApplyThread(() -> decided(shipment, outcome, undecided)));
      }
    }
    view.releaseHolder();
  }

  /** Raft has answered, and if it is committed the log has been applied up to there. */
  private void decided(
      Shipment shipment, @Nullable ProposalOutcome outcome, @Nullable Throwable undecided) {
    if (outcome instanceof ProposalOutcome.Committed committed) {
      shipment.fail(
          new OutcomeUnknownException("committed as " + committed + ", but not applied", null));
    } else {
      shipment.fail(why(outcome, undecided));
    }
    leftUndecided.remove(shipment.id());
    if (leftUndecided.isEmpty()) {
      runOnceDecided();
    }
  }

  void runOnceDecided() {
    List<Runnable> waiting = List.copyOf(onceDecided);
    onceDecided.clear();
    waiting.forEach(Runnable::run);
  }

  /** An entry was committed, and applied by its images: whoever still waits for it is told. */
  void applied(EntryId id) {
    Shipment left = leftUndecided.get(id);
    if (left != null) {
      left.succeed();
    }
  }

  /** Nothing of what was left undecided will be known here any more. */
  private void failUndecided(BalsaException told) {
    leftUndecided.values().forEach(shipment -> shipment.fail(told));
    leftUndecided.clear();
  }

  /**
   * There are no more views: the database is dropped, or not served any more.
   *
   * @param toProposed told to those whose transaction was proposed
   */
  void end(String because, BalsaException toProposed) {
    discard(because, shipment -> toProposed);
    failUndecided(toProposed);
  }

  /**
   * Opens a view once all is decided, if this node leads that term then; else empty. What SQLite
   * refuses is the caller's to know; anything else ends the node, too.
   */
  void openOnceDecided(long term, CompletableFuture<Optional<WriterView>> opened) {
    onceDecided(
        () -> {
          try {
            machine.requireRunning();
            Leadership now = machine.leadershipView().now();
            opened.complete(
                now.isLeader() && now.term() == term && !database.isClosed()
                    ? Optional.of(open(term))
                    : Optional.empty());
          } catch (BalsaException | SqliteException e) {
            opened.completeExceptionally(e);
          } catch (RuntimeException | Error e) { // a broken invariant above all
            try {
              machine.failOnApplyThread(e); // first: who is told may come again at once
            } finally {
              opened.completeExceptionally(e);
            }
          }
        });
  }
}
