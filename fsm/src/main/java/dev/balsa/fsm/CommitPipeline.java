package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import dev.balsa.sqlite.vfs.CapturedTransaction;
import dev.balsa.sqlite.wal.PageSet;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one writer view has executed and Raft has not decided.
 *
 * <pre>
 *   COMMIT, ROLLBACK, error --> queue of tickets --> entries in flight --> published, answered
 *                      (under the view's lock)  (merged page-wise)   (apply thread)
 * </pre>
 *
 * <p>Every end of a transaction on the view becomes a {@link Ticket}, in order, before the writer
 * slot is freed. Whoever ends one ships what is queued, merged into one entry, unless enough is in
 * flight; then the apply thread ships the next one when the oldest is published. No thread of its
 * own, no hop between COMMIT and the proposal.
 *
 * <p>Invariants: tickets are decided in their order; the entries in flight are those of the log's
 * order, each made for the state that the one before leads to; the queue's first ticket has pages
 * (one without joins the entry in flight before it); what is queued or in flight is the WAL's
 * content beyond what is published, without gap.
 *
 * <p>Two locks: {@code shipping}, held while an entry is made and proposed, or published, guards
 * the checksums and the chain of entries; this object's monitor, taken within it and held for
 * moments, guards the queues, and within it the slot's is taken. Both are taken after the view's
 * lock.
 */
final class CommitPipeline {
  /** Bound on what is merged, in full entries before the merge: it keeps their parts few. */
  private static final long MERGED_ENTRIES_MAX = 4;

  private final DatabaseStateMachine machine;
  private final Database database;
  private final DatabaseState state;
  private final long term;
  private final ReentrantLock shipping = new ReentrantLock();
  private final ArrayDeque<Ticket> queue = new ArrayDeque<>();
  private final ArrayDeque<Shipment> inFlight = new ArrayDeque<>();
  private final ExecutedChecksum executed;
  private EntryId shippedLast;
  private int capturedFrames;
  private long bytes;

  /** Of pages, before the merge. */
  private long bytesQueued;

  private boolean partsMissing;
  private @Nullable String stopped;
  private int waitingForLess;

  /**
   * An empty pipeline of a writer view that begins with what is published.
   *
   * @param term in which the view's entries are proposed
   * @param publishedFrames the last frame before the writer's first one
   */
  CommitPipeline(
      DatabaseStateMachine machine,
      Database database,
      DatabaseState state,
      long term,
      int publishedFrames) {
    this.machine = machine;
    this.database = database;
    this.state = state;
    this.term = term;
    this.executed = new ExecutedChecksum(state.checksum());
    this.shippedLast = state.last();
    this.capturedFrames = publishedFrames;
  }

  // ---- by the session that holds the slot, under the view's lock

  /**
   * Queues the end of a transaction.
   *
   * @param captured what it wrote; null if nothing
   * @return null if it wrote nothing and nothing before it is undecided: then only this node's
   *     leadership is left to be confirmed
   * @throws NotAppliedException if the pipeline has stopped
   */
  synchronized @Nullable Ticket add(@Nullable CapturedTransaction captured) {
    requireRunning();
    Shipment newest = inFlight.peekLast();
    if (captured == null && !machine.decisions().waits(newest != null || !queue.isEmpty())) {
      return null;
    }
    Ticket ticket = new Ticket(captured);
    if (captured == null && queue.isEmpty()) {
      java.util.Objects.requireNonNull(newest).join(ticket);
      return ticket;
    }
    if (captured != null) {
      Invariant.check(
          captured.firstFrame() == capturedFrames + 1,
          "%s: frame %s follows the captured frame %s",
          database.name(),
          captured.firstFrame(),
          capturedFrames);
      capturedFrames = captured.lastFrame();
      bytes += ticket.heapBytes();
    }
    queue.add(ticket);
    bytesQueued += ticket.pageBytes();
    return ticket;
  }

  /**
   * Whether the view's newest transaction is that one, published. Asked by the session that holds
   * the slot: nobody else adds one meanwhile.
   */
  boolean isAt(EntryId id) {
    synchronized (this) {
      if (!queue.isEmpty() || !inFlight.isEmpty()) {
        return false;
      }
    }
    return state.last().equals(id);
  }

  /**
   * Waits until the pipeline holds less than its bound.
   *
   * @throws NotAppliedException if it does not in time, or has stopped
   */
  void awaitRoom(Deadline deadline) throws InterruptedException {
    if (!awaitLess(
        () -> {
          if (bytes < machine.limits().bytesMax()) {
            return true;
          }
          requireRunning();
          return false;
        },
        deadline)) {
      throw new NotAppliedException(
          "timed out after "
              + deadline.timeout()
              + " waiting for "
              + bytes()
              + " bytes of transactions to be replicated");
    }
  }

  private boolean awaitLess(BooleanSupplier condition, Deadline deadline)
      throws InterruptedException {
    synchronized (this) {
      if (condition.getAsBoolean()) {
        return true;
      }
      waitingForLess++;
    }
    try {
      return machine.threads().await(this, condition, deadline.nanoTime());
    } finally {
      synchronized (this) {
        waitingForLess--;
      }
    }
  }

  /** Whether everything executed is published. */
  synchronized boolean isEmpty() {
    return queue.isEmpty() && inFlight.isEmpty();
  }

  /**
   * Waits until everything executed is published, or the pipeline has stopped.
   *
   * @return false if that was not in time
   */
  boolean awaitEmpty(Deadline deadline) throws InterruptedException {
    return awaitLess(() -> isEmpty() || stopped != null, deadline);
  }

  private void requireRunning() {
    if (stopped != null) {
      throw new NotAppliedException("the transaction is rolled back: " + stopped);
    }
  }

  // ---- by whoever may ship, without the view's lock

  /**
   * Proposes what is queued, as far as the window allows. Does not block: where another thread is
   * at it, that one sees what is queued. Throws nothing: in case of a failure the pipeline stops,
   * and everybody is told.
   */
  void ship() {
    while (mayShip() && shipping.tryLock()) {
      try {
        shipAll();
      } catch (Throwable e) { // whatever it is, the entries after it would have no base
        stopShipping("an entry could not be made"); // before anybody else can ship
        machine.onApplyThread(() -> database.shippingFailed(this, e));
      } finally {
        shipping.unlock();
      }
    }
  }

  private void shipAll() {
    for (Shipment next = next(); next != null; next = next()) {
      propose(next);
    }
  }

  private synchronized boolean mayShip() {
    return stopped == null
        && !partsMissing
        && !queue.isEmpty()
        && (inFlight.isEmpty() || mayShipAnother());
  }

  /**
   * An entry costs much the same whatever is in it: messages, forces, a publication on each node.
   * So nothing sets out behind another entry while somebody is about to add to it, nor a few
   * transactions behind many: what is queued waits for what is executed meanwhile, at most until
   * the entries in flight are decided. Where replication takes longer than to execute what comes,
   * nobody waits for the slot, and entries overlap; else they would only be smaller.
   */
  private boolean mayShipAnother() {
    if (inFlight.size() >= machine.limits().entriesInFlightMax()) {
      return false;
    }
    if (bytesQueued >= mergedBytesMax()) {
      return true;
    }
    int largest = 0;
    for (Shipment shipment : inFlight) {
      largest = Math.max(largest, shipment.captured().size());
    }
    return queue.size() >= largest && database.slot().waiting() == 0;
  }

  private long mergedBytesMax() {
    return MERGED_ENTRIES_MAX * machine.config().entryBytesMax();
  }

  /** Packs the next entry; null if none may be shipped. From then on it counts as in flight. */
  private synchronized @Nullable Shipment next() {
    if (!mayShip()) {
      return null;
    }
    long bytesMax = mergedBytesMax();
    List<Ticket> tickets = new ArrayList<>();
    long sum = 0;
    for (Ticket ticket : queue) {
      sum += ticket.pageBytes();
      if (sum > bytesMax && ticket.captured() != null && !tickets.isEmpty()) {
        break;
      }
      tickets.add(ticket);
    }
    Shipment next = new Shipment(this, machine.nextId(term), tickets);
    inFlight.add(next);
    for (int i = tickets.size(); i > 0; i--) {
      bytesQueued -= queue.remove().pageBytes();
    }
    return next;
  }

  private void propose(Shipment shipment) {
    EngineDecisions decisions = machine.decisions();
    List<CapturedTransaction> captured = shipment.captured();
    PageSet pages = PageMerge.merge(decisions, captured);
    int databasePages = captured.get(captured.size() - 1).databasePages();
    PageHashes base = decisions.base(executed, state.checksum());
    DatabaseChecksum.Update update = DatabaseChecksum.preview(base, pages, databasePages);
    Command.Transaction transaction =
        new Command.Transaction(
            shipment.id(),
            decisions.predecessor(shippedLast, state.last()),
            base.value(),
            update.value(),
            databasePages,
            pages);
    EntryCodec.CommitParts parts =
        EntryCodec.parts(
            database.name(),
            database.incarnation(),
            database.pageSize(),
            transaction,
            machine.config().entryBytesMax());
    PartSender sender =
        new PartSender(
            machine.consensus(),
            term,
            parts.count(),
            parts::encode,
            shipment.decision(),
            () -> machine.onApplyThread(this::partsSent));
    var unused =
        shipment
            .decision()
            .whenComplete(
                (outcome, undecided) -> database.answered(this, shipment, outcome, undecided));
    executed.adopt(update);
    shippedLast = shipment.id();
    synchronized (this) {
      shipment.proposed(update);
      partsMissing = parts.count() > 1;
    }
    decisions.proposing(shipment, database.publisher());
    if (sender.send()) {
      partsMissing(false);
    }
  }

  /** The last part of a large transaction is on its way: the next entry may follow. */
  private void partsSent() {
    partsMissing(false);
    ship();
  }

  private synchronized void partsMissing(boolean missing) {
    partsMissing = missing;
  }

  // ---- by the apply thread

  /** The oldest entry in flight, if it has that id. */
  synchronized @Nullable Shipment oldest(EntryId id) {
    Shipment oldest = inFlight.peek();
    return oldest != null && oldest.id().equals(id) ? oldest : null;
  }

  /** Whether an entry in flight has that id. */
  synchronized boolean has(EntryId id) {
    return inFlight.stream().anyMatch(shipment -> shipment.id().equals(id));
  }

  /** The oldest entry's frames are published: the state is the one after it; ships the next. */
  void published(Shipment oldest) {
    shipping.lock();
    try {
      state.applied(oldest.id(), oldest.update());
      executed.settle(oldest.update());
      synchronized (this) {
        Invariant.check(
            inFlight.poll() == oldest, "%s: %s is not the oldest", database.name(), oldest.id());
        bytes -= oldest.bytes();
        if (waitingForLess > 0) {
          notifyAll();
        }
      }
    } finally {
      shipping.unlock();
    }
    ship();
  }

  /** Ships no more, and takes no more; what is undecided stays so until {@link #stop}. */
  synchronized void stopShipping(String because) {
    if (stopped == null) {
      stopped = because;
      notifyAll();
    }
  }

  /**
   * What a stopped pipeline leaves.
   *
   * @param queued tickets that were never proposed
   * @param inFlight entries that were, or might have been
   */
  record Left(List<Ticket> queued, List<Shipment> inFlight) {
    /** Tells everybody. */
    void tell(BalsaException toQueued, BalsaException toProposed) {
      inFlight.forEach(shipment -> shipment.fail(shipment.isProposed() ? toProposed : toQueued));
      queued.forEach(ticket -> ticket.fail(toQueued));
    }
  }

  /**
   * Stops, and forgets everything, in one critical section with what has to be done to the files.
   * The view must have been closed: nothing is added any more.
   *
   * @param because told to whoever comes later
   */
  Left stop(String because, Runnable cutWal) {
    shipping.lock();
    try {
      stopShipping(because);
      cutWal.run(); // if this fails, all is still there to be told
      synchronized (this) {
        Left left = new Left(List.copyOf(queue), List.copyOf(inFlight));
        queue.clear();
        inFlight.clear();
        bytes = 0;
        bytesQueued = 0;
        notifyAll();
        return left;
      }
    } finally {
      shipping.unlock();
    }
  }

  /** How many bytes of memory the pages queued and in flight take. */
  synchronized long bytes() {
    return bytes;
  }

  /** How many entries are in flight. */
  synchronized int entriesInFlight() {
    return inFlight.size();
  }

  /** Whether nothing is being shipped or published at this moment. */
  boolean isIdle() {
    return !shipping.isLocked();
  }

  /** How many tickets wait to be proposed. */
  synchronized int ticketsQueued() {
    return queue.size();
  }
}
