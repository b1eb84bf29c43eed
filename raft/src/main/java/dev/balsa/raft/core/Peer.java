package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.TraceSink.Transition;
import java.util.List;

/** What a leader knows of another member. */
final class Peer {
  private final NodeState node;
  private final long id;

  /** 0 <= match < next; all up to it is durable on the peer and agrees with this log. */
  private long matchIndex;

  private long toldCommitted;
  private long answeredRound;
  private boolean heard;
  private boolean suspectLoss;
  private Progress progress;

  Peer(NodeState node, long id) {
    this.node = node;
    this.id = id;
    this.progress = new Progress.Probing(node.log.lastIndex() + 1);
    node.trace.transition(new Transition.PeerProbed(id, progress.nextIndex()));
  }

  long id() {
    return id;
  }

  long matchIndex() {
    return matchIndex;
  }

  /** The newest round of heartbeats that the peer has answered. */
  long answeredRound() {
    return answeredRound;
  }

  boolean isHeard() {
    return heard;
  }

  /** From now on the peer must be heard anew (CheckQuorum). */
  void forgetHeard() {
    heard = false;
  }

  void accepted(AppendAccepted message) {
    heard = true;
    Invariant.check(
        message.matchIndex() <= node.log.lastIndex(),
        "node %s accepted entry %s of a log that ends at %s",
        id,
        message.matchIndex(),
        node.log.lastIndex());
    matchIndex = Math.max(matchIndex, message.matchIndex());
    if (progress instanceof Progress.Replicating replicating) {
      replicating.matched(matchIndex);
    } else {
      progress = new Progress.Replicating(matchIndex + 1);
      node.trace.transition(new Transition.PeerReplicating(id, matchIndex + 1));
    }
  }

  void rejected(AppendRejected message) {
    heard = true;
    long hint = message.hintIndex();
    if (message.hintTerm() > 0) {
      // Above it, this log's terms are newer than the peer's there: these entries differ too.
      hint = node.log.lastIndexWithTermAtMost(hint, message.hintTerm());
    }
    long retry = Math.max(matchIndex + 1, Math.min(hint + 1, message.prevIndex()));
    if (progress instanceof Progress.Probing probing) {
      if (message.prevIndex() == probing.nextIndex() - 1 && message.prevIndex() > matchIndex) {
        probing.retryFrom(retry);
        node.trace.transition(new Transition.PeerProbed(id, retry));
      }
    } else if (message.prevIndex() > matchIndex) {
      progress = new Progress.Probing(retry); // a request before that one was lost or is late
      node.trace.transition(new Transition.PeerProbed(id, retry));
    }
  }

  void answered(HeartbeatResponse message) {
    heard = true;
    answeredRound = Math.max(answeredRound, message.round());
    if (progress instanceof Progress.Probing probing) {
      probing.resume();
    } else if (suspectLoss && matchIndex < progress.nextIndex() - 1) {
      // Something is on its way for long, or was lost with nothing after it that would tell. An
      // empty request finds out: it is rejected in the second case.
      suspectLoss = false;
      send(progress.nextIndex() - 1, List.of());
    }
  }

  /** A heartbeat's time has passed: what is still unanswered may have been lost. */
  void suspectLoss() {
    suspectLoss = true;
  }

  void heartbeat(long round) {
    toldCommitted = Math.min(matchIndex, node.log.committed());
    node.send(id, new Heartbeat(node.term(), toldCommitted, round));
  }

  /** Sends what the peer lacks, as far as its progress allows. */
  void replicate(long round) {
    if (progress instanceof Progress.Probing probing) {
      if (!probing.isWaiting()) {
        send(probing.nextIndex() - 1, next(probing));
        probing.sent();
      }
      return;
    }
    Progress.Replicating replicating = (Progress.Replicating) progress;
    while (replicating.nextIndex() <= node.log.lastIndex()
        && replicating.hasRoom(node.config.limits())) {
      List<Entry> entries = next(replicating);
      send(replicating.nextIndex() - 1, entries);
      long bytes = 0;
      for (Entry entry : entries) {
        bytes += Limits.bytesOf(entry);
      }
      replicating.sent(entries.get(entries.size() - 1).index(), bytes);
    }
    if (Math.min(matchIndex, node.log.committed()) > toldCommitted) {
      heartbeat(round); // nothing else carries the news
    }
  }

  private List<Entry> next(Progress at) {
    long lastIndex = node.log.lastIndex();
    return at.nextIndex() > lastIndex ? List.of() : node.log.read(at.nextIndex(), lastIndex);
  }

  private void send(long prevIndex, List<Entry> entries) {
    Invariant.check(
        prevIndex >= node.log.firstIndex() - 1, "entry %s is no longer in the log", prevIndex);
    long committed = node.log.committed();
    AppendRequest request =
        new AppendRequest(node.term(), prevIndex, node.log.termAt(prevIndex), committed, entries);
    toldCommitted = Math.max(toldCommitted, Math.min(committed, request.lastIndex()));
    node.send(id, request);
  }

  void check() {
    Invariant.check(
        0 <= matchIndex
            && matchIndex < progress.nextIndex()
            && progress.nextIndex() <= node.log.lastIndex() + 1,
        "node %s: match %s, next %s, last %s",
        id,
        matchIndex,
        progress.nextIndex(),
        node.log.lastIndex());
  }
}
