package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.sqlite.vfs.CapturedTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Tickets that travel as one entry of a database, from when they are taken off the queue until Raft
 * has decided. Guarded by the {@link CommitPipeline} that made it, as long as it is in that.
 */
final class Shipment {
  private final CommitPipeline pipeline;
  private final EntryId id;
  private final List<Ticket> tickets;
  private final List<CapturedTransaction> captured = new ArrayList<>();
  private final CompletableFuture<ProposalOutcome> decision = new CompletableFuture<>();
  private final long bytes;
  private DatabaseChecksum.@Nullable Update update;

  /**
   * Packs tickets.
   *
   * @param pipeline that it is in, until that is stopped
   * @param id the entry's
   * @param tickets in order, the first one with pages
   */
  Shipment(CommitPipeline pipeline, EntryId id, List<Ticket> tickets) {
    this.pipeline = pipeline;
    this.id = id;
    this.tickets = tickets;
    long sum = 0;
    for (Ticket ticket : tickets) {
      CapturedTransaction own = ticket.captured();
      if (own != null) {
        captured.add(own);
        sum += ticket.heapBytes();
      }
    }
    this.bytes = sum;
    Invariant.check(!captured.isEmpty(), "shipment %s without pages", id);
  }

  /** The pipeline that made it. */
  CommitPipeline pipeline() {
    return pipeline;
  }

  EntryId id() {
    return id;
  }

  /** The transactions that changed something, in order. */
  List<CapturedTransaction> captured() {
    return captured;
  }

  /** Bytes of pages that its tickets keep in memory. */
  long bytes() {
    return bytes;
  }

  /** One that changed nothing joins: it may have read what this one writes. */
  void join(Ticket empty) {
    tickets.add(empty);
  }

  /** It is proposed, or about to be. */
  void proposed(DatabaseChecksum.Update update) {
    this.update = update;
  }

  /** Whether Raft may have got it. */
  boolean isProposed() {
    return update != null;
  }

  /** The database's checksum after it. */
  DatabaseChecksum.Update update() {
    DatabaseChecksum.Update known = update;
    Invariant.check(known != null, "shipment %s was not proposed", id);
    return java.util.Objects.requireNonNull(known);
  }

  /**
   * Raft's answer: completes once it has answered all parts that were proposed, with the first
   * outcome other than committed, if there is one. Fails if Raft cannot tell.
   */
  CompletableFuture<ProposalOutcome> decision() {
    return decision;
  }

  /** It is published: tells the callers. */
  void succeed() {
    tickets.forEach(Ticket::succeed);
  }

  /** Tells those who have not been told yet. */
  void fail(BalsaException why) {
    tickets.forEach(ticket -> ticket.fail(why));
  }
}
