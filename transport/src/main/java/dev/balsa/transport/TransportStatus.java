package dev.balsa.transport;

import java.util.List;

/**
 * A transport at one moment.
 *
 * @param links one for each peer, by ascending node id
 * @param refused accepted connections that were refused, or closed for what they sent
 */
public record TransportStatus(List<LinkStatus> links, long refused) {
  /** Takes an immutable list. */
  public TransportStatus {
    links = List.copyOf(links);
  }

  /**
   * The links of one peer.
   *
   * @throws IllegalArgumentException if there is no such peer
   */
  public LinkStatus link(long peer) {
    return links.stream()
        .filter(link -> link.peer() == peer)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no peer " + peer));
  }
}
