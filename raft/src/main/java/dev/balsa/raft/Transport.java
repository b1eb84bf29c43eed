package dev.balsa.raft;

import dev.balsa.raft.core.Message;
import java.util.Map;
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

  /**
   * Tells who the other nodes of the cluster are, in place of all that was said before. Messages to
   * others are dropped, but for those that have connected to this node themselves: a node that was
   * removed from the cluster without noticing, or added to it without this node's knowledge, is
   * answered. Called before {@link #start} or on the loop.
   *
   * @param addresses where each is reached, by node id; in a form that only the transport
   *     understands. Empty where the transport itself was configured with the address.
   */
  void peers(Map<Long, String> addresses);

  /** Stops listening, closes all connections and ends the loop; waits until that is done. */
  @Override
  void close();

  /** Takes what peers sent. */
  interface Receiver {
    /** A message from a peer whose identity the handshake has established. Called on the loop. */
    void received(long from, Message message);

    /**
     * The other side has closed its connection, or its system says that there is none: most likely
     * the peer's process has ended. All that it had sent and that has arrived was given to {@link
     * #received} before. A hint: it may be wrong, and it may never come. Called on the loop.
     */
    default void gone(long peer) {}
  }
}
