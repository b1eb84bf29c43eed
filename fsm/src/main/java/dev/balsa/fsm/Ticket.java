package dev.balsa.fsm;

import dev.balsa.sqlite.vfs.CapturedTransaction;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A transaction that has been executed on the writer view and handed to Raft. Lives until Raft has
 * decided, whether or not its caller still waits.
 *
 * @param transaction what was proposed
 * @param captured its frames in the WAL
 * @param update the database's checksum after it
 * @param view the writer view that executed it
 * @param hold the writer slot, taken until the decision
 * @param outcome completes normally once published; else with {@link NotAppliedException} or {@link
 *     OutcomeUnknownException}
 */
record Ticket(
    Command.Transaction transaction,
    CapturedTransaction captured,
    DatabaseChecksum.Update update,
    WriterView view,
    WriterSlot.Hold hold,
    CompletableFuture<@Nullable Void> outcome) {

  Ticket(
      Command.Transaction transaction,
      CapturedTransaction captured,
      DatabaseChecksum.Update update,
      WriterView view,
      WriterSlot.Hold hold) {
    this(transaction, captured, update, view, hold, new CompletableFuture<>());
  }
}
