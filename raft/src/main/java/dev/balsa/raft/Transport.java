package dev.balsa.raft;

import dev.balsa.raft.core.Message;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Sends messages to peers and receives theirs. Messages may be lost, duplicated or reordered; they
 * are never altered.
 */
public interface Transport extends AutoCloseable {

  /**
   * The one thread on which messages are received, and on which the driver runs the core.
   * Everything submitted runs in order.
   */
  ScheduledExecutorService loop();

  /**
   * Starts listening and connecting.
   *
   * @param receiver called on the loop, one message at a time
   */
  void start(Receiver receiver);

  /**
   * Sends a message if the peer can be reached; otherwise drops it. Never blocks. Called on the
   * loop.
   *
   * @param to the peer's node id
   */
  void send(long to, Message message);

  /**
   * Tells the cluster's id, once it is committed. From then on peers of another cluster are
   * refused, and links to such peers are closed. Before, any peer that does not know its cluster's
   * id either, or knows one, is accepted. Called before {@link #start} or on the loop.
   */
  void clusterId(UUID clusterId);

  /** Stops listening, closes all connections and ends the loop; waits until that is done. */
  @Override
  void close();

  /** Takes what peers sent. */
  interface Receiver {
    /** A message from a peer whose identity the handshake has established. Called on the loop. */
    void received(long from, Message message);
  }
}
