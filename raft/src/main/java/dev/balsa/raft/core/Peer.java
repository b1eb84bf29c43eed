package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.SnapshotStatus;
import dev.balsa.raft.core.TraceSink.Transition;
import java.util.List;

/** What a leader knows of another member that has the log, and how it brings that up to its own. */
final class Peer {
  /** A peer whose log ends that close to the leader's has caught up. */
  private static final int CAUGHT_UP_ENTRIES = 1000;

  /** A snapshot is held ready for a peer that is not heard, for so many election timeouts. */
  private static final int SNAPSHOT_PATIENCE_TIMEOUTS = 100;

  private final NodeState node;
  private final long id;

  /** 0 <= match < next; all up to it is durable on the peer and agrees with this log. */
  private long matchIndex;

  private long toldCommitted;
  private long answeredRound;
  private boolean heard;
  private boolean suspectLoss;
  private int ticksUnheard;
  private Progress progress;

  Peer(NodeState node, long id) {
    this.node = node;
    this.id = id;
    this.progress = new Progress.Probing(node.log.lastIndex() + 1);
    node.trace.transition(new Transition.PeerProbed(id, progress.nextIndex()));
  }

  Peer(Peer from, NodeState node) {
    this.node = node;
    id = from.id;
    matchIndex = from.matchIndex;
    toldCommitted = from.toldCommitted;
    answeredRound = from.answeredRound;
    heard = from.heard;
    suspectLoss = from.suspectLoss;
    ticksUnheard = from.ticksUnheard;
    progress = from.progress.copy();
  }

  void describe(StateSink sink) {
    sink.node("id", id);
    sink.number("matchIndex", matchIndex);
    sink.number("toldCommitted", toldCommitted);
    sink.round("answeredRound", node.term(), answeredRound);
    sink.flag("heard", heard);
    sink.flag("suspectLoss", suspectLoss);
    boolean isAwaiting = progress instanceof Progress.AwaitingSnapshot;
    int electionTicks = node.config.electionTimeoutTicks();
    sink.flag("present", ticksUnheard < electionTicks);
    sink.clock(
        "ticksUnheard", Math.min(ticksUnheard, isAwaiting ? patienceTicks() : electionTicks));
    progress.describe(sink);
  }

  long id() {
    return id;
  }

  /**
   * Up to which index it was sent entries, if it follows the log as it grows; else it is behind,
   * and is sent what the log store has.
   */
  long sentTo() {
    return progress instanceof Progress.Replicating ? progress.nextIndex() - 1 : Long.MAX_VALUE;
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

  /** Whether it was heard within an election timeout. */
  boolean isPresent() {
    return ticksUnheard < node.config.electionTimeoutTicks();
  }

  /**
   * Whether it is there, and its log so near to the leader's that it could vote without holding
   * others up.
   */
  boolean hasCaughtUp() {
    return progress instanceof Progress.Replicating
        && isPresent()
        && node.log.lastIndex() - matchIndex <= CAUGHT_UP_ENTRIES;
  }

  PeerStatus status() {
    String state =
        progress instanceof Progress.Probing
            ? "probing"
            : progress instanceof Progress.Replicating ? "replicating" : "snapshot";
    long offset =
        progress instanceof Progress.AwaitingSnapshot awaiting ? awaiting.storedOffset() : -1;
    return new PeerStatus(id, state, matchIndex, progress.nextIndex(), offset);
  }

  // ---- what the peer answers

  private void hear() {
    heard = true;
    ticksUnheard = 0;
  }

  void accepted(AppendAccepted message) {
    hear();
    Invariant.check(
        message.matchIndex() <= node.log.lastIndex(),
        "node %s accepted entry %s of a log that ends at %s",
        id,
        message.matchIndex(),
        node.log.lastIndex());
    matchIndex = Math.max(matchIndex, message.matchIndex());
    if (progress instanceof Progress.Replicating replicating) {
      replicating.matched(matchIndex);
    } else if (progress instanceof Progress.Probing || matchIndex >= node.log.baseIndex()) {
      endSnapshot();
      progress = new Progress.Replicating(matchIndex + 1);
      node.trace.transition(new Transition.PeerReplicating(id, matchIndex + 1));
    }
  }

  void rejected(AppendRejected message) {
    hear();
    if (progress instanceof Progress.AwaitingSnapshot || message.prevIndex() <= matchIndex) {
      return;
    }
    long hint = message.hintIndex();
    if (message.hintTerm() > 0 && hint > node.log.baseIndex()) {
      // Above it, this log's terms are newer than the peer's there: these entries differ too.
      hint = node.log.lastIndexWithTermAtMost(hint, message.hintTerm());
    }
    long retry = Math.max(matchIndex + 1, Math.min(hint + 1, message.prevIndex()));
    if (progress instanceof Progress.Probing probing) {
      if (message.prevIndex() == probing.nextIndex() - 1) {
        probing.retryFrom(retry);
        node.trace.transition(new Transition.PeerProbed(id, retry));
      }
    } else {
      probe(retry); // a request before that one was lost or is late
    }
  }

  private void probe(long nextIndex) {
    progress = new Progress.Probing(nextIndex);
    node.trace.transition(new Transition.PeerProbed(id, nextIndex));
  }

  /** The peer has answered that round of heartbeats. */
  void answered(long round) {
    hear();
    answeredRound = Math.max(answeredRound, round);
    if (progress instanceof Progress.Probing probing) {
      probing.resume();
    } else if (suspectLoss && progress instanceof Progress.AwaitingSnapshot awaiting) {
      suspectLoss = false;
      awaiting.rewind();
    } else if (suspectLoss
        && matchIndex < progress.nextIndex() - 1
        && progress.nextIndex() > node.log.baseIndex()) {
      // Something is on its way for long, or was lost with nothing after it that would tell. An
      // empty request finds out: it is rejected in the second case.
      suspectLoss = false;
      send(progress.nextIndex() - 1, List.of());
    }
  }

  void snapshotStatus(SnapshotStatus message) {
    hear();
    if (!(progress instanceof Progress.AwaitingSnapshot awaiting)
        || !awaiting.id().equals(message.id())) {
      return;
    }
    suspectLoss = false;
    if (message.failed()) {
      giveUpSnapshot(); // the peer's disk may be full
    } else {
      awaiting.stored(message.offset());
    }
  }

  // ---- time

  /** A tick has passed. */
  void tick() {
    ticksUnheard++;
    if (ticksUnheard >= patienceTicks() && progress instanceof Progress.AwaitingSnapshot) {
      giveUpSnapshot(); // the log need not wait for it any more
    }
  }

  private int patienceTicks() {
    return SNAPSHOT_PATIENCE_TIMEOUTS * node.config.electionTimeoutTicks();
  }

  /** A heartbeat's time has passed: what is still unanswered may have been lost. */
  void suspectLoss() {
    suspectLoss = true;
  }

  void heartbeat(long round) {
    toldCommitted = node.decisions.commitIndexFor(matchIndex, node.log.committed());
    node.send(id, new Heartbeat(node.term(), toldCommitted, round));
  }

  // ---- what the peer is sent

  /** Sends what the peer lacks, as far as its progress allows. */
  void replicate(long round) {
    boolean pausing = progress instanceof Progress.Probing probing && probing.isWaiting();
    if (progress.nextIndex() <= node.log.baseIndex() && !pausing) {
      beginSnapshot();
    }
    if (progress instanceof Progress.Probing probed) {
      probe(probed);
    } else if (progress instanceof Progress.AwaitingSnapshot awaiting) {
      wantChunk(awaiting);
    } else if (progress.nextIndex() > node.log.baseIndex()) {
      stream((Progress.Replicating) progress, round);
    }
  }

  private void probe(Progress.Probing probing) {
    if (!probing.isWaiting() && probing.nextIndex() > node.log.baseIndex()) {
      send(probing.nextIndex() - 1, next(probing));
      probing.sent();
    }
  }

  private void stream(Progress.Replicating replicating, long round) {
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
    Invariant.check(prevIndex >= node.log.baseIndex(), "entry %s is not in the log", prevIndex);
    long committed = node.log.committed();
    AppendRequest request =
        new AppendRequest(node.term(), prevIndex, node.log.termAt(prevIndex), committed, entries);
    toldCommitted = Math.max(toldCommitted, Math.min(committed, request.lastIndex()));
    node.send(id, request);
  }

  // ---- snapshots

  /**
   * The index of the snapshot that the peer is sent, beyond any if none: the log is kept from it.
   */
  long snapshotIndex() {
    return progress instanceof Progress.AwaitingSnapshot awaiting
        ? awaiting.mark().index()
        : Long.MAX_VALUE;
  }

  private void beginSnapshot() {
    SnapshotMark mark = node.snapshots.newest();
    if (mark.index() < node.log.baseIndex()) {
      // The state machine has not said yet which one it has. Where the log agrees is known to lie
      // below this log.
      return;
    }
    SnapshotId snapshot =
        new SnapshotId(node.id(), mark.index(), mark.term(), node.snapshots.nextSequence());
    progress = new Progress.AwaitingSnapshot(snapshot, mark);
    node.trace.transition(new Transition.SnapshotBegun(id, mark.index()));
  }

  private void wantChunk(Progress.AwaitingSnapshot awaiting) {
    if (awaiting.wantsChunk(node.config.limits())) {
      awaiting.reading();
      node.emit(
          new Effect.ReadSnapshotChunk(
              id, awaiting.id(), awaiting.nextOffset(), node.config.limits().chunkBytesMax()));
    }
  }

  void chunkRead(Input.SnapshotChunkRead read) {
    if (progress instanceof Progress.AwaitingSnapshot awaiting
        && awaiting.takesRead(read.id(), read.offset())) {
      node.send(
          id,
          new Message.SnapshotChunk(
              node.term(),
              awaiting.id(),
              awaiting.mark(),
              read.offset(),
              read.content(),
              read.checksum(),
              read.last()));
      awaiting.sent(read.content().length, read.last());
    }
  }

  void readFailed(SnapshotId snapshot) {
    if (progress instanceof Progress.AwaitingSnapshot awaiting && awaiting.id().equals(snapshot)) {
      giveUpSnapshot();
    }
  }

  /** Begins anew, but not before the peer has answered a heartbeat. */
  private void giveUpSnapshot() {
    endSnapshot();
    Progress.Probing probing = new Progress.Probing(matchIndex + 1);
    probing.sent();
    progress = probing;
    node.trace.transition(new Transition.PeerProbed(id, probing.nextIndex()));
  }

  /** The peer is no longer sent a snapshot, if it was. */
  void endSnapshot() {
    if (progress instanceof Progress.AwaitingSnapshot awaiting) {
      node.emit(new Effect.SnapshotSent(id, awaiting.id()));
    }
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
