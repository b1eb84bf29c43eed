package dev.balsa.transport;

import dev.balsa.transport.Handshake.Hello;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The links to all others: to the peers that this node was told, and to guests, who have connected
 * without being told of. A guest is answered at the address that it gave, for as long as its own
 * connection lasts: a node which was removed from the cluster must hear so, and one that was added
 * to it may be a candidate before this node knows it.
 *
 * <p>On the loop, but for what {@link #all} and {@link #get} tell.
 */
final class PeerLinks {
  private final LocalNode node;
  private final HostResolver resolver;
  private final ExecutorService resolving;
  private final Map<Long, PeerLink> links = new ConcurrentSkipListMap<>();
  private final Set<Long> guests = new HashSet<>();
  private boolean started;

  PeerLinks(LocalNode node, HostResolver resolver, ExecutorService resolving) {
    this.node = node;
    this.resolver = resolver;
    this.resolving = resolving;
    node.config.peers().forEach((peer, address) -> links.put(peer, link(peer, address)));
  }

  private PeerLink link(long peer, InetSocketAddress address) {
    return new PeerLink(node, peer, address, resolver, resolving);
  }

  /** All links, by ascending node id. On any thread. */
  Collection<PeerLink> all() {
    return links.values();
  }

  /** The link to a peer or guest. On any thread. */
  @Nullable PeerLink get(long peer) {
    return links.get(peer);
  }

  /** Begins to dial. */
  void start() {
    started = true;
    links.values().forEach(PeerLink::start);
  }

  /** Adds a peer, or dials one elsewhere from now on. */
  void connect(long peer, InetSocketAddress address) {
    guests.remove(peer);
    PeerLink before = links.get(peer);
    if (before != null) {
      before.moveTo(address);
      return;
    }
    PeerLink link = link(peer, address);
    links.put(peer, link);
    if (started) {
      link.start();
    }
  }

  /**
   * These are the peers from now on, and no others.
   *
   * @param isHere whether a node is connected to this one
   */
  void replaceAll(Map<Long, String> addresses, LongPredicate isHere) {
    addresses.forEach(
        (peer, text) -> {
          InetSocketAddress address = address(peer, text);
          if (address != null) {
            connect(peer, address);
          } else {
            guests.remove(peer); // a guest that is a peer now stays where it is
          }
        });
    for (PeerLink link : List.copyOf(links.values())) {
      long peer = link.peer();
      if (addresses.containsKey(peer)) {
        continue;
      }
      if (isHere.test(peer)) {
        guests.add(peer);
      } else {
        drop(peer);
      }
    }
  }

  /** Null if it is not known. */
  private @Nullable InetSocketAddress address(long peer, String text) {
    if (!text.isEmpty()) {
      try {
        return PeerAddress.parse(text);
      } catch (IllegalArgumentException e) {
        node.limitedLog.warn("address " + peer, "the address of node " + peer + ": " + e);
      }
    }
    return node.config.peers().get(peer);
  }

  /** Whether the sender of a hello is a peer, or can be a guest. */
  boolean admits(Hello hello, @Nullable SocketAddress from) {
    long sender = hello.sender();
    return links.containsKey(sender)
        || (sender >= 1
            && sender != node.id()
            && guests.size() < node.config.limits().guestsMax()
            && toldAddress(hello.address(), from) != null);
  }

  /** Somebody who was admitted is connected: the link to it. */
  PeerLink arrived(long peer, String address, @Nullable SocketAddress from) {
    PeerLink known = links.get(peer);
    if (known != null) {
      return known;
    }
    InetSocketAddress told = toldAddress(address, from);
    if (told == null) {
      throw new IllegalStateException("node " + peer + " was admitted without an address");
    }
    node.logger.info("node {} is not known here; it is answered at {}", peer, told);
    connect(peer, told);
    guests.add(peer);
    return Objects.requireNonNull(links.get(peer));
  }

  /** The connection from that node is over. */
  void left(long peer) {
    if (guests.contains(peer)) {
      drop(peer);
    }
  }

  private void drop(long peer) {
    guests.remove(peer);
    PeerLink link = links.remove(peer);
    if (link != null) {
      link.close();
    }
  }

  private static @Nullable InetSocketAddress toldAddress(
      String address, @Nullable SocketAddress from) {
    try {
      return address.isEmpty() ? null : PeerAddress.told(address, from);
    } catch (IllegalArgumentException notOne) {
      return null;
    }
  }
}
