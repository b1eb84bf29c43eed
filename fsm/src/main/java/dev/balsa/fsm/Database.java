package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.sqlite.vfs.CapturedTransaction;
import dev.balsa.sqlite.vfs.FrameApplier;
import dev.balsa.sqlite.vfs.PublishException;
import dev.balsa.sqlite.vfs.Publisher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replicated database on this node: its committed view, and on the leader its writer view.
 *
 * <p>The apply thread owns the state, publishes, opens and discards writer views. Sessions take the
 * {@link #slot}, use the {@link #writer}, and leave tickets in its {@link CommitPipeline}. {@link
 * WriterLife} is about writer views' beginning and end.
 */
final class Database implements Replica {
  private static final Logger log = LoggerFactory.getLogger(Database.class);

  private final DatabaseStateMachine machine;
  private final DatabaseState state;
  private final Publisher publisher;
  private final FrameApplier applier;
  private final OpenParts parts;
  private final ReaderPool readers;
  private final WriterSlot slot;
  private final WriterLife writers;
  private final CheckpointProgress checkpoints;
  private final RecentStates recent = new RecentStates();

  /** Notified when the WAL has become shorter. */
  private final Object walRoom = new Object();

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
    this.publisher = open(file, state);
    this.applier = new FrameApplier(publisher);
    this.parts = new OpenParts(publisher, applier);
    this.writers = new WriterLife(machine, this, state, file, publisher, parts, sql);
    this.readers = new ReaderPool(file, sql, publisher::changes);
    this.checkpoints =
        new CheckpointProgress(machine.threads(), applied, machine.appliedLogBytes());
    this.slot =
        new WriterSlot(
            machine.threads(), "balsa-writer-" + machine.config().name() + "-" + state.name());
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
    return writers.view();
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
      machine.onApplyThread(
          () -> writers.lost(pipeline, shipment, writers.why(outcome, undecided)));
    }
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

  /**
   * The writer view, of which all is published and which nobody uses, gives way to a new one after
   * the WAL has begun anew.
   *
   * @param restart lets the WAL begin anew
   */
  void replaceWriter(WriterView view, Runnable restart) {
    writers.retire(view);
    restart.run();
    writers.closeRetired(view);
    openWriter(view.term());
  }

  /** Opens the writer view for this node's term of leadership, if there is none. */
  WriterView openWriter(long term) {
    return writers.open(term);
  }

  /** Opens it once all that old views proposed is decided, if this node leads that term then. */
  void openWriterOnceDecided(long term, CompletableFuture<Optional<WriterView>> opened) {
    writers.openOnceDecided(term, opened);
  }

  /** How many wait until a writer view may be opened. */
  int waitingForWriter() {
    return writers.waiting();
  }

  /** A pipeline could not make an entry, or propose it. */
  void shippingFailed(CommitPipeline pipeline, Throwable why) {
    writers.shippingFailed(pipeline, why);
  }

  /** Discards a view that is in doubt; what it has proposed is good, and goes on. */
  void discardDoubtful(WriterView view, String because) {
    writers.discardDoubtful(view, because);
  }

  /** This node leads no more, or will know no more: what is undecided stays unknown. */
  void leadershipLost(String because, @Nullable Throwable cause) {
    writers.leadershipLost(because, cause);
  }

  /** The node has failed: everybody is told, and the files are left alone. */
  void fail(Throwable cause) {
    writers.fail(cause);
  }

  /** Applies a committed entry: publishes its pages, and answers whoever waits for it here. */
  void apply(long index, Command.Commit commit) {
    if (state.has(index)) {
      return; // it came with the snapshot
    }
    DatabaseState.Verdict verdict = state.receive(index, commit);
    EntryId id = commit.transaction().id();
    if (verdict instanceof DatabaseState.Verdict.Part part) {
      Shipment own = writers.ownFrames(id);
      if (own == null) {
        writers.makeWay();
      }
      List<CapturedTransaction> frames = own == null ? null : own.captured();
      machine
          .room()
          .await(
              name().value(),
              () -> parts.add(id, part.first(), commit.transaction().pages(), frames));
    } else if (verdict instanceof DatabaseState.Verdict.Skipped skipped) {
      log.info("{}: transaction {} skipped: {}", name(), id, skipped.reason());
      writers.skipped(id, skipped.reason());
      parts.keepOnly(state.openId());
    } else if (verdict instanceof DatabaseState.Verdict.Complete complete) {
      Shipment own = writers.ownFrames(id);
      if (own == null || !publishOwn(own)) {
        applyImages(index, complete);
      }
    }
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
      writers.discard("the WAL does not hold what was captured", shipment -> null);
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
    writers.makeWay();
    DatabaseChecksum.Update update = state.preview(complete);
    if (update.value() != transaction.checksumAfter()) {
      String found =
          String.format(
              "at log index %d transaction %s leads to checksum %016x here, and to %016x on the"
                  + " node that made it",
              index, transaction.id(), update.value(), transaction.checksumAfter());
      machine
          .damages()
          .found(
              this,
              found,
              new RecentStates.State(transaction.id(), update.value()),
              new TreeSet<>());
      return;
    }
    machine.room().await(name().value(), () -> write(complete));
    state.applied(transaction.id(), update);
    publishedLast = transaction.id();
    recent.add(transaction.id(), update.value());
    status = describe();
    writers.applied(transaction.id());
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

  /** Parts of transactions of earlier terms can no longer be completed. */
  void termBegins(long term) {
    state.termBegins(term);
    parts.keepOnly(state.openId());
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
    writers.end(String.valueOf(why.get().getMessage()), toProposed);
    close(why);
    writers.runOnceDecided();
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
    slot.close();
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
