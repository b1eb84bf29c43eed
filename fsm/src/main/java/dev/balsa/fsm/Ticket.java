package dev.balsa.fsm;

import dev.balsa.sqlite.vfs.CapturedTransaction;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The end of a transaction on the writer view: its caller is told nothing before this is decided.
 * It lives until then, whether or not the caller still waits.
 */
final class Ticket {
  private final @Nullable CapturedTransaction captured;
  private final CompletableFuture<@Nullable Void> outcome = new CompletableFuture<>();

  /**
   * A ticket not decided yet.
   *
   * @param captured the transaction's frames in the WAL; null if it changed nothing
   */
  Ticket(@Nullable CapturedTransaction captured) {
    this.captured = captured;
  }

  /** The transaction's frames; null if it changed nothing. */
  @Nullable CapturedTransaction captured() {
    return captured;
  }

  /** How many bytes of memory its pages take; those of a large transaction are in the WAL. */
  long heapBytes() {
    return captured == null ? 0 : captured.pages().heapBytes();
  }

  /** How many bytes of pages it carries. */
  long pageBytes() {
    return captured == null ? 0 : (long) captured.pages().size() * captured.pageSize();
  }

  /**
   * Completes normally once the transaction and all before it are published; else with {@link
   * NotAppliedException} or {@link OutcomeUnknownException}.
   */
  CompletableFuture<@Nullable Void> outcome() {
    return outcome;
  }

  /** It is published. */
  void succeed() {
    outcome.complete(null);
  }

  /** It is not published here; without effect if it is decided already. */
  void fail(BalsaException why) {
    outcome.completeExceptionally(why);
  }
}
