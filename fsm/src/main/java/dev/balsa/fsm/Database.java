package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import dev.balsa.sqlite.vfs.CapturedTransaction;
import dev.balsa.sqlite.vfs.FrameApplier;
import dev.balsa.sqlite.vfs.Publisher;
import dev.balsa.sqlite.vfs.WriterConnection;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replicated database on this node: its committed view, and on the leader its writer view.
 *
 * <p>The apply thread owns the state, publishes, opens and discards writer views. Sessions take the
 * {@link #slot}, use the {@link #writer}, and leave a {@link Ticket}: one at a time, since the slot
 * is kept until Raft has decided.
 */
final class Database implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Database.class);

  private final DatabaseState state;
  private final Path file;
  private final Publisher publisher;
  private final FrameApplier applier;
  private final SqlSurface sql;
  private final ReaderPool readers;
  private final WriterSlot slot = new WriterSlot();
  private final AtomicReference<@Nullable Ticket> ticket = new AtomicReference<>();
  private volatile @Nullable WriterView writer;
  private volatile DatabaseStatus status;

  /**
   * Opens the files of a database; from now on SQLite holds them.
   *
   * @param state what is in them
   */
  Database(DatabaseState state, Path file, SqlSurface sql) {
    this.state = state;
    this.file = file;
    this.publisher = Publisher.open(file);
    this.applier = new FrameApplier(publisher);
    this.sql = sql;
    this.readers = new ReaderPool(file, sql);
    Invariant.check(
        publisher.pageSize() == state.pageSize()
            && publisher.databasePages() == state.checksum().pages(),
        "database %s: the file has %d pages of %d bytes, the log says %d of %d",
        state.name(),
        publisher.databasePages(),
        publisher.pageSize(),
        state.checksum().pages(),
        state.pageSize());
    this.status = describe();
  }

  DatabaseName name() {
    return state.name();
  }

  long incarnation() {
    return state.incarnation();
  }

  int pageSize() {
    return state.pageSize();
  }

  DatabaseStatus status() {
    return status;
  }

  WriterSlot slot() {
    return slot;
  }

  ReaderPool readers() {
    return readers;
  }

  /** The writer view; null when there is none. */
  @Nullable WriterView writer() {
    return writer;
  }

  /**
   * Makes the ticket of a transaction just captured. Called by the session that holds the slot,
   * under the view's lock: nothing can be applied or discarded meanwhile.
   */
  Ticket issue(EntryId id, CapturedTransaction captured, WriterView view, WriterSlot.Hold hold) {
    DatabaseChecksum.Update update =
        state.checksum().preview(captured.pages(), captured.databasePages());
    Command.Transaction transaction =
        new Command.Transaction(
            id,
            state.last(),
            state.checksum().value(),
            update.value(),
            captured.databasePages(),
            captured.pages());
    Ticket issued = new Ticket(transaction, captured, update, view, hold);
    Invariant.check(
        ticket.compareAndSet(null, issued), "database %s has two transactions in flight", name());
    return issued;
  }

  // The rest belongs to the apply thread.

  /** Opens the writer view for this node's term of leadership. */
  WriterView openWriter(long term) {
    Invariant.check(writer == null && ticket.get() == null, "%s has a writer already", name());
    WriterView view = new WriterView(term, WriterConnection.open(file, publisher), sql);
    writer = view;
    return view;
  }

  /** Applies a committed entry: publishes its pages, and answers whoever waits for it here. */
  void apply(Command.Commit commit) {
    DatabaseState.Verdict verdict = state.receive(commit);
    if (verdict instanceof DatabaseState.Verdict.Skipped skipped) {
      log.info(
          "{}: transaction {} skipped: {}", name(), commit.transaction().id(), skipped.reason());
      Ticket own = ticket.get();
      if (own != null && own.transaction().id().equals(commit.transaction().id())) {
        discardWriter(
            "an entry was skipped",
            () -> new NotAppliedException("not applied: " + skipped.reason()));
      }
    } else if (verdict instanceof DatabaseState.Verdict.Complete complete) {
      Command.Transaction transaction = complete.transaction();
      Ticket own = ticket.get();
      if (own != null && own.transaction().id().equals(transaction.id())) {
        publishOwn(own);
      } else {
        applyImages(transaction);
      }
    }
  }

  private void publishOwn(Ticket own) {
    Invariant.check(own.view() == writer, "%s: ticket of a discarded writer", name());
    publisher.publish(own.captured());
    state.applied(own.transaction().id(), own.captured().pages(), own.update());
    ticket.set(null);
    status = describe();
    own.hold().release();
    own.outcome().complete(null);
  }

  private void applyImages(Command.Transaction transaction) {
    // Only what an earlier writer view of this term left in doubt can come while a view is open.
    discardWriter(
        "an earlier transaction was committed after all",
        () ->
            new OutcomeUnknownException(
                "an earlier transaction, then in doubt, was committed after all", null));
    DatabaseChecksum.Update update = state.verify(transaction);
    applier.apply(transaction.pages(), transaction.databasePages());
    state.applied(transaction.id(), transaction.pages(), update);
    status = describe();
  }

  /** Parts of transactions of earlier terms can no longer be completed. */
  void termBegins(long term) {
    state.termBegins(term);
  }

  /**
   * Discards the writer view, if there is one: nothing remains of what is not published.
   *
   * @param because told to sessions
   * @param outcome what the transaction in flight is told
   */
  void discardWriter(String because, java.util.function.Supplier<BalsaException> outcome) {
    WriterView view = writer;
    if (view == null) {
      return;
    }
    view.close(because);
    publisher.truncateToPublished();
    writer = null;
    Ticket own = ticket.getAndSet(null);
    if (own != null) {
      own.outcome().completeExceptionally(outcome.get());
    }
    view.releaseHolder();
  }

  /** The ticket of the transaction in flight; null if there is none. */
  @Nullable Ticket ticket() {
    return ticket.get();
  }

  @Override
  public void close() {
    readers.close();
    publisher.close();
  }

  private DatabaseStatus describe() {
    return new DatabaseStatus(
        state.name().value(),
        state.incarnation(),
        state.pageSize(),
        publisher.databasePages(),
        publisher.publishedFrames(),
        state.checksum().value());
  }
}
