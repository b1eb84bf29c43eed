package dev.balsa.raft;

import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.SnapshotMark;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A state machine's snapshots, as bytes: taken from it to be sent to a member that lags too far,
 * and given to it there (thesis 5). What the bytes mean only the state machine knows.
 *
 * <p>{@link #open}, {@link #receive} and the methods of {@link Source} and {@link Sink} are called
 * on one thread that may block, the node's snapshot thread; {@link #install} on the event loop.
 */
public interface Snapshots {

  /**
   * The mark of the snapshot that was last installed here durably, null if none ever was. Asked for
   * once, after {@link StateMachine#start}: a crash may have come between the installation here and
   * that of the log, which is then made up for.
   */
  @Nullable SnapshotMark installed();

  /**
   * Opens the newest snapshot for sending. It must stay readable, with the same bytes at the same
   * offset, until it is closed; the log after {@code index} is kept that long.
   *
   * @param index of the snapshot that was last announced by {@link
   *     StateMachine.Progress#snapshotTaken}, or of a later one
   * @throws IOException if there is none at that index (any more)
   */
  Source open(long index) throws IOException;

  /**
   * Begins to receive a snapshot, or goes on with it if a part of exactly this one is here. Parts
   * of other ones are dropped.
   *
   * @throws IOException if it can't be stored
   */
  Sink receive(SnapshotId id, SnapshotMark mark) throws IOException;

  /**
   * Replaces the state by a snapshot that was received completely, durably and at once: a crash
   * leaves either the old state or the new one. In order with {@link StateMachine#committed}: what
   * is handed over after this call follows the snapshot.
   *
   * @return completes when it is done; if it fails, the node stops
   */
  CompletableFuture<@Nullable Void> install(SnapshotId id, SnapshotMark mark);

  /** A snapshot that is being sent. */
  interface Source extends AutoCloseable {
    /**
     * Reads a part.
     *
     * @param bytesMax at most so many
     */
    Part read(long offset, int bytesMax) throws IOException;

    @Override
    void close();

    /**
     * A part of the content.
     *
     * @param content not to be modified any more
     * @param last whether the content ends with it
     */
    @SuppressWarnings("ArrayRecordComponent") // on its way into a message, not copied
    record Part(byte[] content, boolean last) {}
  }

  /** A snapshot that arrives. */
  interface Sink extends AutoCloseable {
    /** How much of it is here already. */
    long offset();

    /** Stores the next part, at {@link #offset()}. */
    void write(byte[] content) throws IOException;

    /**
     * All parts are here: checks the whole content, and makes it durable.
     *
     * @throws IOException if it is wrong or can't be kept; it is dropped then
     */
    void complete() throws IOException;

    /** Closes it; what is there of it stays, so that {@link #receive} can go on. */
    @Override
    void close();
  }
}
