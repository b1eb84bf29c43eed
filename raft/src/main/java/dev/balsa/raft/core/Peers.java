package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Message.ConfigurationNotice;
import dev.balsa.raft.core.Message.Heartbeat;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The other members, as this leader sees them. */
final class Peers {
  private final NodeState node;
  private List<Peer> peers = List.of();
  private List<Long> spares = List.of();

  Peers(NodeState node) {
    this.node = node;
    follow(node.members.membership());
  }

  Peers(Peers from, NodeState node) {
    this.node = node;
    peers = from.peers.stream().map(peer -> new Peer(peer, node)).toList();
    spares = from.spares; // never modified
  }

  void describe(StateSink sink) {
    for (Peer peer : peers) {
      sink.begin("peer");
      peer.describe(sink);
      sink.end();
    }
  }

  /** Another configuration is in force: some are new, and some are no longer spoken to. */
  void follow(Membership membership) {
    List<Peer> followed = new ArrayList<>();
    List<Long> withoutLog = new ArrayList<>();
    for (long id : membership.nodes()) {
      if (id == node.id()) {
        continue;
      }
      Peer known = find(id);
      if (!membership.configuration().hasLog(id)) {
        withoutLog.add(id);
      } else {
        followed.add(known == null ? new Peer(node, id) : known);
      }
    }
    for (Peer before : peers) {
      if (!followed.contains(before)) {
        before.endSnapshot();
      }
    }
    peers = followed;
    spares = withoutLog;
  }

  void forEach(Consumer<Peer> action) {
    for (Peer peer : peers) {
      action.accept(peer);
    }
  }

  @Nullable Peer find(long id) {
    for (Peer peer : peers) {
      if (peer.id() == id) {
        return peer;
      }
    }
    return null;
  }

  Peer get(long id) {
    Peer peer = find(id);
    Invariant.check(peer != null, "node %s has the log and is no peer", id);
    return Objects.requireNonNull(peer);
  }

  List<PeerStatus> status() {
    return peers.stream().map(Peer::status).toList();
  }

  /** The highest number that enough voters have reached. */
  long reached(long own, ToLongFunction<Peer> valueOf) {
    return node.members
        .membership()
        .reached(id -> id == node.id() ? own : valueOf.applyAsLong(get(id)));
  }

  long lowestSnapshotIndex() {
    return peers.stream().mapToLong(Peer::snapshotIndex).min().orElse(Long.MAX_VALUE);
  }

  /** Up to which index all have been sent the entries that follow the log as it grows. */
  long sentTo() {
    long lowest = Long.MAX_VALUE;
    for (Peer peer : peers) {
      lowest = Math.min(lowest, peer.sentTo());
    }
    return lowest;
  }

  /** Members without a log hear that this node leads, and who they are. */
  void tellSpares(long round) {
    for (long id : spares) {
      node.send(id, new Heartbeat(node.term(), 0, round));
      tellConfiguration(id);
    }
  }

  /** A node that is no member any more, and does not know it, should not go on asking. */
  void tellStranger(long id) {
    if (!node.members.membership().isVoter(id)) {
      tellConfiguration(id);
    }
  }

  private void tellConfiguration(long id) {
    if (node.members.isCommitted()) {
      Configurations.At at = node.members.inForce();
      node.send(id, new ConfigurationNotice(node.term(), at.index(), at.configuration()));
    }
  }

  /**
   * Of the voters of the new configuration, other than this node, and that are there, the one whose
   * log is the longest.
   */
  @Nullable Peer best() {
    Peer best = null;
    for (Peer peer : peers) {
      if (node.members.inForce().configuration().voters().contains(peer.id())
          && peer.isPresent()
          && (best == null || peer.matchIndex() > best.matchIndex())) {
        best = peer;
      }
    }
    return best;
  }
}
