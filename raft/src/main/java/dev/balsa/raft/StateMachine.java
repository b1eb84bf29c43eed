package dev.balsa.raft;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Entry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What committed entries are applied to.
 *
 * <p>All methods are called on the event loop and must return at once: an implementation hands the
 * work to a thread of its own, in the order of the calls.
 */
public interface StateMachine {

  /**
   * Called once, before anything else.
   *
   * @param progress where the state machine reports to
   * @return index of the last entry that the state machine has already applied (by its own recovery
   *     from the log), at most the log's known commit index; {@link #committed} goes on after it
   */
  long start(Progress progress);

  /**
   * Takes committed entries: contiguous, each index once, in order, also those that are no commands
   * (their payload is the protocol's own). They are durable in this node's log. When too many bytes
   * have been given and not yet been reported as applied, further ones are held back.
   */
  void committed(List<Entry> entries);

  /**
   * The node's role, its term or the leader that it knows has changed. Ordered with {@link
   * #committed}: once a leader is told that it is {@linkplain Leadership#established established},
   * it has been given all entries of earlier terms that there will ever be, and one of its own.
   */
  void leadership(Leadership leadership);

  /**
   * This state machine's snapshots; null if it has none: then the log is never compacted, and a
   * member that lags gets all of it.
   */
  default @Nullable Snapshots snapshots() {
    return null;
  }

  /**
   * Another configuration of the cluster is in force.
   *
   * @param committed whether it can't be replaced by an older one any more
   */
  default void configuration(Configuration configuration, boolean committed) {}

  /**
   * Another member's state machine has sent something by its {@link SideChannel}. Ordered with
   * nothing.
   *
   * @param from that member's node, as the handshake has established it
   * @param payload by whatever the other node may run: malformed, perhaps
   */
  default void message(long from, byte[] payload) {}

  /**
   * The node has failed and will do nothing more; what is pending will never be decided here.
   *
   * @param cause why
   */
  void failed(Throwable cause);

  /** Takes a state machine's reports, from any thread. */
  interface Progress {
    /** Everything up to {@code index} has been applied. */
    void applied(long index);

    /**
     * The state at {@code index}, already reported as applied, is durable without the log and can
     * be opened as a snapshot: the log up to it may be discarded.
     */
    void snapshotTaken(long index);

    /** The state machine cannot go on: the node must stop. */
    void failed(Throwable cause);
  }
}
