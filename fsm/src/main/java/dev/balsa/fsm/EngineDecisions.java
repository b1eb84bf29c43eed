package dev.balsa.fsm;

import dev.balsa.raft.Leadership;
import dev.balsa.sqlite.CheckpointResult;
import dev.balsa.sqlite.vfs.Publisher;
import org.jspecify.annotations.Nullable;

/**
 * The decisions on which the engine's safety hangs, one method each, so that a test can take a
 * wrong one and see whether it is noticed. The product always takes these.
 */
class EngineDecisions {
  /** The right ones. */
  static final EngineDecisions SOUND = new EngineDecisions();

  // ---- answering and publishing

  /** An entry goes to Raft: nobody is told of it, and nothing of it is shown. */
  void proposing(Shipment shipment, Publisher publisher) {}

  /** Raft has committed an entry of this view's: its frames are shown. */
  void publish(Publisher publisher, Shipment shipment) {
    publisher.publish(shipment.captured());
  }

  /** An end without pages is told with what it may have read. */
  boolean waits(boolean undecidedBefore) {
    return undecidedBefore;
  }

  // ---- the writer view's life

  /** What a writer view has executed in one term is worth nothing in another. */
  boolean endsViews(Leadership before, Leadership now) {
    return before.isLeader() && (!now.isLeader() || now.term() != before.term());
  }

  /** Of what a discarded writer view has written, nothing remains. */
  void discarded(Publisher publisher) {
    publisher.truncateToPublished();
  }

  /** The entry that is published by frames in the WAL: the oldest of the view that lives. */
  @Nullable Shipment ownFrames(@Nullable CommitPipeline live, EntryId committed) {
    return live == null ? null : live.oldest(committed);
  }

  /** A refused proposal ends the view: what was executed after it has read it. */
  boolean endsView(Shipment refused) {
    return true;
  }

  /** The state that an entry is made for: the one that its writer has executed before it. */
  EntryId predecessor(EntryId shippedBefore, EntryId applied) {
    return shippedBefore;
  }

  /** The checksum of that state. */
  PageHashes base(ExecutedChecksum executed, DatabaseChecksum published) {
    return executed;
  }

  // ---- merging

  /** Of two transactions that wrote a page, by their numbers, the one whose image remains. */
  int remaining(int older, int newer) {
    return newer;
  }

  /** Whether a page is still there when the merged transactions are over. */
  boolean remains(int page, int databasePages) {
    return page <= databasePages;
  }

  // ---- files

  /** SQLite may open a main file once all is redone that a checkpoint may have put into it. */
  boolean mayOpen(long begun, long applied) {
    return applied >= begun;
  }

  /** Whether a checkpoint has put all that is published into the main file. */
  boolean counts(CheckpointResult result, Publisher publisher) {
    return publisher.complete(result);
  }

  /** What a receiver of the main file must redo before it may be opened. */
  long begun(DatabaseRecord atTheEndOfTheCopy) {
    return atTheEndOfTheCopy.begun();
  }

  /**
   * After so many bytes what has arrived of a snapshot is made durable: a restart goes on there.
   */
  long receivedDurablyBytes() {
    return 64L << 20;
  }

  /** Whether an entry is meant for that life of a database's name. */
  boolean isOf(long incarnation, Command.Commit commit) {
    return commit.incarnation() == incarnation;
  }

  /** Whether an entry is in a file that holds everything up to an index. */
  boolean isIn(long index, long upTo) {
    return index <= upTo;
  }

  /** Runs a checkpoint while nothing is published. */
  CheckpointResult checkpoint(Publisher publisher) {
    return publisher.checkpoint();
  }

  /** The index of a checkpoint is recorded: what it says is in the main file is durable there. */
  void beforeRecord(Publisher publisher) {
    publisher.syncCheckpointed();
  }

  // ---- parts

  /** Parts of a transaction that an earlier leader did not complete are forgotten. */
  boolean forgetsParts(EntryId open, long term) {
    return open.term() != term;
  }

  /** A part that does not fit those before it is none of theirs. */
  boolean refusesPart() {
    return true;
  }

  /** Whether a part belongs to the transaction of which there are parts already. */
  boolean continues(EntryId part, @Nullable EntryId open) {
    return part.equals(open);
  }
}
