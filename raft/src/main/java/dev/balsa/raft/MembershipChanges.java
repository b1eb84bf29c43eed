package dev.balsa.raft;

import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Changes of the members that somebody waits for. Used on the event loop only.
 *
 * <p>The first entry of a change is decided as any other proposal. If it is a joint configuration
 * and is committed, the change will happen: the leader of that time leaves it (thesis 4.3). So what
 * remains is to wait for the next configuration that is not joint.
 */
final class MembershipChanges {
  private final List<CompletableFuture<MembershipOutcome>> begun = new ArrayList<>();

  /**
   * Follows a change.
   *
   * @param future completes with the change's fate
   * @return to be completed with that of its first entry
   */
  CompletableFuture<ProposalOutcome> follow(CompletableFuture<MembershipOutcome> future) {
    CompletableFuture<ProposalOutcome> first = new CompletableFuture<>();
    // What comes of this stage is in the future itself.
    CompletableFuture<?> unused =
        first.whenComplete(
            (outcome, failure) -> {
              if (failure != null) {
                future.completeExceptionally(
                    failure instanceof CompletionException wrapped && wrapped.getCause() != null
                        ? wrapped.getCause()
                        : failure);
              } else if (outcome instanceof ProposalOutcome.Refused refused) {
                future.complete(new MembershipOutcome.Refused(refused.reason()));
              } else if (outcome instanceof ProposalOutcome.Superseded superseded) {
                future.complete(
                    new MembershipOutcome.Superseded(superseded.index(), superseded.term()));
              } else {
                begun.add(future);
              }
            });
    return first;
  }

  /** An entry is committed, and its proposal was told so. */
  void committed(Entry entry) {
    if (entry.type() == EntryType.CONFIGURATION
        && !begun.isEmpty()
        && !ConfigurationCodec.decode(entry.payload()).isJoint()) {
      complete(entry.index());
    }
  }

  /** A snapshot takes the place of the log up to its mark. */
  void skippedTo(SnapshotMark mark) {
    if (!mark.configuration().isJoint()) {
      complete(mark.index());
    }
  }

  private void complete(long index) {
    List<CompletableFuture<MembershipOutcome>> done = List.copyOf(begun);
    begun.clear();
    done.forEach(future -> future.complete(new MembershipOutcome.Changed(index)));
  }

  /** Removes all: their end will not be seen here. */
  List<CompletableFuture<MembershipOutcome>> drain() {
    List<CompletableFuture<MembershipOutcome>> futures = List.copyOf(begun);
    begun.clear();
    return futures;
  }
}
