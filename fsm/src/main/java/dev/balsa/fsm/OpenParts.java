package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import dev.balsa.sqlite.vfs.CapturedTransaction;
import dev.balsa.sqlite.vfs.FrameApplier;
import dev.balsa.sqlite.vfs.Publisher;
import dev.balsa.sqlite.wal.PageImage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the pages are of a transaction whose last part has not been applied yet: in the WAL, behind
 * what is published, and never in memory.
 *
 * <p>On the leader that executed it they are there already, as its writer's frames: so its parts
 * say nothing new. If the writer view is discarded while parts of it have come, its frames are kept
 * when the WAL is cut: they may be published yet. If it is discarded before the first part came,
 * that and the others are staged, like those of any other node's transaction.
 *
 * <p>Owned by the apply thread.
 */
final class OpenParts {
  private final Publisher publisher;
  private final FrameApplier applier;
  private @Nullable EntryId id;

  /** The frames in which its writer has it; null if parts are staged. */
  private @Nullable List<CapturedTransaction> own;

  OpenParts(Publisher publisher, FrameApplier applier) {
    this.publisher = publisher;
    this.applier = applier;
  }

  /** The transaction of which there are parts; null if there are none. */
  @Nullable EntryId id() {
    return id;
  }

  /**
   * A part that is not the last one.
   *
   * @param first whether it is the first one: those of another transaction go
   * @param executed the frames in which the writer view that lives has the transaction: the first
   *     behind what is published; null if it does not
   */
  void add(
      EntryId transaction,
      boolean first,
      List<PageImage> pages,
      @Nullable List<CapturedTransaction> executed) {
    if (first) {
      abandon();
      id = transaction;
      own = executed;
    }
    Invariant.check(
        transaction.equals(id),
        "a part of %s comes when %s is open",
        transaction,
        String.valueOf(id));
    if (own == null) {
      applier.stage(pages);
    }
  }

  /**
   * The last part: publishes all of it. No writer view is open.
   *
   * @param pages of that part
   * @param databasePages size of the database after the transaction
   * @throws dev.balsa.sqlite.vfs.PublishException if its writer's frames are not in the WAL as they
   *     were captured: there is nothing else to apply it by, so the node must begin anew
   */
  void complete(EntryId transaction, List<PageImage> pages, int databasePages) {
    Invariant.check(
        transaction.equals(id), "%s is completed when %s is open", transaction, String.valueOf(id));
    List<CapturedTransaction> executed = own;
    if (executed == null) {
      applier.complete(pages, databasePages);
    } else {
      publisher.publish(executed);
    }
    published();
  }

  /** The writer view has published the transaction. */
  void published() {
    id = null;
    own = null;
  }

  /**
   * The writer view is closed: cuts off its frames, but for those of the open transaction.
   *
   * @param cut cuts all that is not published
   */
  void writerClosed(Runnable cut) {
    List<CapturedTransaction> executed = own;
    if (executed == null) {
      cut.run();
    } else {
      publisher.truncateAfter(executed);
    }
  }

  /** Whatever is not that transaction will never be complete. */
  void keepOnly(@Nullable EntryId open) {
    if (id != null && !id.equals(open)) {
      abandon();
    }
  }

  /**
   * The transaction will never be complete. While its writer view lives, that one has the frames.
   */
  void abandon() {
    if (own == null) {
      applier.abandon();
    } else if (!publisher.hasWriter()) {
      publisher.truncateToPublished();
    }
    published();
  }
}
