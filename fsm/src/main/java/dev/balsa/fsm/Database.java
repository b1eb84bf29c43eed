package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.OutcomeSkippedException;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.sqlite.vfs.CapturedTransaction;
import dev.balsa.sqlite.vfs.FrameApplier;
import dev.balsa.sqlite.vfs.PublishException;
import dev.balsa.sqlite.vfs.Publisher;
import dev.balsa.sqlite.vfs.WriterConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replicated database on this node: its committed view, and on the leader its writer view.
 *
 * <p>The apply thread owns the state, publishes, opens and discards writer views. Sessions take the
 * {@link #slot}, use the {@link #writer}, and leave tickets in its {@link CommitPipeline}.
 *
 * <p>A writer view that is discarded while this node goes on leading (a proposal was refused, or
 * something is in doubt) may leave entries that Raft has not decided. They are kept here: if they
 * are committed after all, their images are applied and their callers told so. No writer view is
 * opened before each of them is decided.
 */
final class Database implements Replica {
  private static final Logger log = LoggerFactory.getLogger(Database.class);

  private final DatabaseStateMachine machine;
  private final DatabaseState state;
  private final Path file;
  private final Publisher publisher;
  private final FrameApplier applier;
  private final OpenParts parts;
  private final SqlSurface sql;
  private final ReaderPool readers;
  private final WriterSlot slot;
  private final Map<EntryId, Shipment> leftUndecided = new HashMap<>();
  private final List<Runnable> onceDecided = new CopyOnWriteArrayList<>();
  private final CheckpointProgress checkpoints;
  private final RecentStates recent = new RecentStates();

  /** Notified when the WAL has become shorter. */
  private final Object walRoom = new Object();

  private volatile @Nullable WriterView writer;
  private volatile DatabaseStatus status;
  private volatile boolean closed;

  /** Set after readers see it, never before. */
  private volatile EntryId publishedLast;

  /**
   * Opens the files of a database; from now on SQLite holds them.
   *
   * @param state what is in them
   * @param applied index up to which the log is applied
   */
  Database(
      DatabaseStateMachine machine, DatabaseState state, Path file, SqlSurface sql, long applied) {
    this.machine = machine;
    this.state = state;
    this.file = file;
    this.publisher = open(file, state);
    this.applier = new FrameApplier(publisher);
    this.parts = new OpenParts(publisher, applier);
    this.sql = sql;
    this.readers = new ReaderPool(file, sql);
    this.checkpoints = new CheckpointProgress(machine.threads(), applied);
    this.slot = new WriterSlot(machine.threads());
    this.status = describe();
    this.publishedLast = state.last();
    recent.add(state.last(), state.checksum().value());
  }

  private static Publisher open(Path file, DatabaseState state) {
    Publisher publisher = Publisher.open(file);
    boolean fits =
        publisher.pageSize() == state.pageSize()
            && publisher.databasePages() == state.checksum().pages();
    int pages = publisher.databasePages();
    if (!fits) {
      publisher.close(); // nobody else would
    }
    Invariant.check(
        fits,
        "database %s: the file has %d pages of %d bytes, the log says %d of %d",
        state.name(),
        pages,
        publisher.pageSize(),
        state.checksum().pages(),
        state.pageSize());
    return publisher;
  }

  @Override
  public DatabaseName name() {
    return state.name();
  }

  @Override
  public long incarnation() {
    return state.incarnation();
  }

  int pageSize() {
    return state.pageSize();
  }

  @Override
  public DatabaseStatus status() {
    return status;
  }

  WriterSlot slot() {
    return slot;
  }

  ReaderPool readers() {
    return readers;
  }

  Publisher publisher() {
    return publisher;
  }

  CheckpointProgress checkpoints() {
    return checkpoints;
  }

  /** Whether its files are not open any more. */
  boolean isClosed() {
    return closed;
  }

  /**
   * Waits while the WAL is too long for more.
   *
   * @return false if it still is when time is up
   */
  boolean awaitWalRoom(Deadline deadline) throws InterruptedException {
    int framesMax = machine.config().checkpoints().walFramesMax();
    if (publisher.publishedFrames() < framesMax) {
      return true;
    }
    return machine
        .threads()
        .await(
            walRoom, () -> publisher.publishedFrames() < framesMax || closed, deadline.nanoTime());
  }

  /** The last transaction that readers see; they may see the one after it already. */
  EntryId publishedLast() {
    return publishedLast;
  }

  /** The writer view; null when there is none. */
  @Nullable WriterView writer() {
    return writer;
  }

  /**
   * Raft's answer to a proposal of a pipeline. That an entry is committed is learned from the log
   * itself; anything else ends the view that it came from. Called on the thread that tells it.
   */
  void answered(
      CommitPipeline pipeline,
      Shipment shipment,
      @Nullable ProposalOutcome outcome,
      @Nullable Throwable undecided) {
    if (!(outcome instanceof ProposalOutcome.Committed)) {
      machine.onApplyThread(() -> lost(pipeline, shipment, why(outcome, undecided)));
    }
  }

  private BalsaException why(@Nullable ProposalOutcome outcome, @Nullable Throwable undecided) {
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

  // The rest belongs to the apply thread.

  /** What is durable of it once the main file holds all that is published, and is durable. */
  DatabaseRecord record(long applied) {
    return state.record(applied);
  }

  /** The index that its present state stands for. */
  long indexAt(long applied) {
    return state.indexAt(applied);
  }

  /** Whether the main file, durably, is all there is. */
  boolean isIdle() {
    return !closed
        && !checkpoints.isRunning()
        && checkpoints.coveredFrames() == publisher.publishedFrames();
  }

  /** What it was like lately. */
  RecentStates recent() {
    return recent;
  }

  /** Its size, as applied. */
  int pages() {
    return state.checksum().pages();
  }

  /** The hash of one of its pages, as applied. */
  long hash(int page) {
    return state.checksum().hash(page);
  }

  /** The hashes of its pages; a copy. */
  long[] hashes() {
    return state.checksum().hashes();
  }

  /** The WAL has begun anew. */
  void walBeganAnew() {
    status = describe();
    synchronized (walRoom) {
      walRoom.notifyAll();
    }
  }

  /** Closes the writer view, of which all is published and which nobody uses. */
  void closeWriterInOrder() {
    WriterView view = writer;
    if (view == null) {
      return;
    }
    Invariant.check(view.pipeline().isEmpty(), "%s: a writer with work in flight", name());
    String because = "the WAL begins anew";
    view.closeInOrder(because);
    CommitPipeline.Left left = view.pipeline().stop(because, publisher::truncateToPublished);
    Invariant.check(
        left.queued().isEmpty() && left.inFlight().isEmpty(), "%s: work is left", name());
    writer = null;
  }

  /** Opens the writer view for this node's term of leadership, if there is none. */
  WriterView openWriter(long term) {
    WriterView open = writer;
    if (open != null) {
      return open;
    }
    Invariant.check(leftUndecided.isEmpty(), "%s: entries of an old writer", name());
    parts.abandon(); // what was left of them is decided
    WriterConnection connection =
        WriterConnection.open(file, publisher, machine.limits().capturedBytesMax());
    WriterView view =
        new WriterView(
            term,
            connection,
            new CommitPipeline(machine, this, state, term, publisher.publishedFrames()),
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
  int waitingForWriter() {
    return onceDecided.size();
  }

  /** Applies a committed entry: publishes its pages, and answers whoever waits for it here. */
  void apply(long index, Command.Commit commit) {
    if (state.has(index)) {
      return; // it came with the snapshot
    }
    DatabaseState.Verdict verdict = state.receive(index, commit);
    EntryId id = commit.transaction().id();
    if (verdict instanceof DatabaseState.Verdict.Part part) {
      Shipment own = ownFrames(id);
      if (own == null) {
        makeWay();
      }
      List<CapturedTransaction> frames = own == null ? null : own.captured();
      machine
          .room()
          .await(
              name().value(),
              () -> parts.add(id, part.first(), commit.transaction().pages(), frames));
    } else if (verdict instanceof DatabaseState.Verdict.Skipped skipped) {
      log.info("{}: transaction {} skipped: {}", name(), id, skipped.reason());
      skipped(id, skipped.reason());
      parts.keepOnly(state.openId());
    } else if (verdict instanceof DatabaseState.Verdict.Complete complete) {
      Shipment own = ownFrames(id);
      if (own == null || !publishOwn(own)) {
        applyImages(index, complete);
      }
    }
  }

  private @Nullable Shipment ownFrames(EntryId id) {
    WriterView view = writer;
    return machine.decisions().ownFrames(view == null ? null : view.pipeline(), id);
  }

  /** Takes the pages of the transaction that is open since before SQLite could open the files. */
  void resume(PartsFile pages) throws IOException {
    OpenTransaction open = state.open();
    if (open != null) {
      DatabaseChecksum.Preview preview = open.again(state.checksum());
      pages.read(
          part -> {
            boolean first = preview.last() == 0;
            preview.add(part);
            machine.room().await(name().value(), () -> parts.add(open.id(), first, part, null));
          });
    }
  }

  private boolean publishOwn(Shipment own) {
    try {
      machine.room().await(name().value(), () -> machine.decisions().publish(publisher, own));
    } catch (PublishException e) {
      log.error("{}: the WAL does not hold what was captured for {}", name(), own.id(), e);
      discardWriter("the WAL does not hold what was captured", shipment -> null);
      return false;
    }
    parts.published();
    own.pipeline().published(own);
    publishedLast = own.id();
    recent.add(own.id(), state.checksum().value());
    status = describe();
    own.succeed();
    return true;
  }

  private void applyImages(long index, DatabaseState.Verdict.Complete complete) {
    Command.Transaction transaction = complete.transaction();
    makeWay();
    DatabaseChecksum.Update update = state.preview(complete);
    if (update.value() != transaction.checksumAfter()) {
      String found =
          String.format(
              "at log index %d transaction %s leads to checksum %016x here, and to %016x on the"
                  + " node that made it",
              index, transaction.id(), update.value(), transaction.checksumAfter());
      machine.damaged(
          this, found, new RecentStates.State(transaction.id(), update.value()), new TreeSet<>());
      return;
    }
    machine.room().await(name().value(), () -> write(complete));
    state.applied(transaction.id(), update);
    publishedLast = transaction.id();
    recent.add(transaction.id(), update.value());
    status = describe();
    Shipment left = leftUndecided.get(transaction.id());
    if (left != null) {
      left.succeed();
    }
  }

  /** No writer view is open while an entry of another one can come: this is the last resort. */
  private void makeWay() {
    discardWriter(
        "an earlier transaction was committed after all",
        shipment ->
            new OutcomeUnknownException(
                "an earlier transaction, then in doubt, was committed after all", null));
  }

  private void write(DatabaseState.Verdict.Complete complete) {
    Command.Transaction transaction = complete.transaction();
    if (complete.parts() == null) {
      parts.abandon(); // what is open can fit no more
      applier.apply(transaction.pages(), transaction.databasePages());
    } else {
      parts.complete(transaction.id(), transaction.pages(), transaction.databasePages());
    }
  }

  /** An entry was made for another state than there is: so were all that were made after it. */
  private void skipped(EntryId id, String reason) {
    NotAppliedException why = new NotAppliedException("not applied: " + reason);
    WriterView view = writer;
    if (view != null && view.pipeline().has(id)) {
      // What was proposed before it would be in the log before it.
      discardWriter("an entry was skipped", shipment -> why);
    }
    Shipment left = leftUndecided.get(id);
    if (left != null) {
      left.fail(why);
    }
  }

  /** A proposal did not lead to a committed entry, or nobody knows whether it did. */
  private void lost(CommitPipeline pipeline, Shipment lost, BalsaException why) {
    WriterView view = writer;
    if (view != null && view.pipeline() == pipeline && machine.decisions().endsView(lost)) {
      // What was proposed before it goes on; what was after it was made for the state after it.
      boolean[] reached = new boolean[1];
      discardWriter(
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
      log.error("{}: the writer is discarded, since shipping failed", name(), why);
      discardWriter("shipping failed: " + why, shipment -> null);
    }
  }

  /** Discards a view that is in doubt; what it has proposed is good, and goes on. */
  void discardDoubtful(WriterView view, String because) {
    if (writer == view) {
      log.warn("{}: the writer is discarded: {}", name(), because);
      discardWriter(because, shipment -> null);
    }
  }

  /** Parts of transactions of earlier terms can no longer be completed. */
  void termBegins(long term) {
    state.termBegins(term);
    parts.keepOnly(state.openId());
  }

  /** This node leads no more, or will know no more: what is undecided stays unknown. */
  void leadershipLost(String because, @Nullable Throwable cause) {
    OutcomeUnknownException unknown =
        new OutcomeUnknownException(because + " before the transaction's fate was decided", cause);
    discardWriter(because, shipment -> unknown);
    leftUndecided.values().forEach(shipment -> shipment.fail(unknown));
    leftUndecided.clear();
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
  private void discardWriter(String because, Function<Shipment, @Nullable BalsaException> fate) {
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

  private void runOnceDecided() {
    List<Runnable> waiting = List.copyOf(onceDecided);
    onceDecided.clear();
    waiting.forEach(Runnable::run);
  }

  /**
   * The database is dropped: what is undecided comes after that in the log, or never gets there.
   *
   * @param why told to everybody
   */
  void dropped(Supplier<? extends NotAppliedException> why) {
    end(why, why.get());
  }

  /**
   * The database is not served on this node any more; what is undecided may be applied on others.
   *
   * @param why told to readers, and to those whose transaction was never proposed
   */
  void unserved(Supplier<? extends NotAppliedException> why) {
    end(why, new OutcomeUnknownException(String.valueOf(why.get().getMessage()), null));
  }

  private void end(Supplier<? extends NotAppliedException> why, BalsaException toProposed) {
    discardWriter(String.valueOf(why.get().getMessage()), shipment -> toProposed);
    leftUndecided.values().forEach(shipment -> shipment.fail(toProposed));
    leftUndecided.clear();
    close(why);
    runOnceDecided();
  }

  /**
   * Closes the files. No writer view may be open.
   *
   * @param why told to readers, those that are at it and those that come later
   */
  void close(Supplier<? extends BalsaException> why) {
    if (closed) {
      return;
    }
    closed = true;
    walBeganAnew(); // whoever waits for that
    checkpoints.awaitEnd();
    readers.close(why);
    publisher.close();
  }

  private DatabaseStatus describe() {
    return new DatabaseStatus(
        state.name().value(),
        state.incarnation(),
        DatabaseStatus.Phase.SERVING,
        state.pageSize(),
        publisher.databasePages(),
        publisher.publishedFrames(),
        machine.checkpointIndex(state.name()),
        state.checksum().value());
  }
}
