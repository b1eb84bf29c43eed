package dev.balsa.raft.core;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What nodes say to each other. Every message carries its sender's term, except where said
 * otherwise. The transport adds sender and receiver.
 */
public sealed interface Message {
  /** The sender's current term; in {@link PreVoteRequest} the one that it asks about. */
  long term();

  /**
   * Would you vote for me? (thesis 9.6) And am I a member? A leader answers a sender that is no
   * voter with a {@link ConfigurationNotice}; members that do not vote ask for that alone.
   *
   * @param term the term after the sender's: it has not moved to it yet; from who does not vote,
   *     the sender's
   * @param lastIndex the sender's last log index
   * @param lastTerm the term of that entry
   */
  record PreVoteRequest(long term, long lastIndex, long lastTerm) implements Message {}

  /**
   * The answer to a {@link PreVoteRequest}.
   *
   * @param term if granted the term that was asked for, else the voter's own
   * @param granted whether the sender would vote so
   */
  record PreVoteResponse(long term, boolean granted) implements Message {}

  /**
   * RequestVote (thesis 3.4).
   *
   * @param transfer whether the leader itself has told the sender to stand (thesis 3.10), so that
   *     voters need not protect it
   */
  record VoteRequest(long term, long lastIndex, long lastTerm, boolean transfer)
      implements Message {
    /** One that stands by itself. */
    public VoteRequest(long term, long lastIndex, long lastTerm) {
      this(term, lastIndex, lastTerm, false);
    }
  }

  /** Sent only once the vote is durable. */
  record VoteResponse(long term, boolean granted) implements Message {}

  /**
   * AppendEntries (thesis 3.5).
   *
   * @param prevIndex index of the entry before the first one sent
   * @param prevTerm its term, 0 at index 0
   * @param committed the leader's commit index
   * @param entries consecutive from {@code prevIndex + 1}; may be empty, as a probe
   */
  record AppendRequest(
      long term, long prevIndex, long prevTerm, long committed, List<Entry> entries)
      implements Message {
    /** Bound on the number of entries. Their bytes are bounded too, see {@link Limits}. */
    public static final int ENTRIES_MAX = 1024;

    /**
     * Takes an immutable list.
     *
     * @throws IllegalArgumentException if these entries cannot be consecutive ones of a log in that
     *     term: the message is malformed
     */
    public AppendRequest {
      entries = List.copyOf(entries);
      long index = prevIndex;
      long entryTerm = prevTerm;
      boolean wellFormed =
          prevIndex >= 0 && (prevIndex == 0) == (prevTerm == 0) && entries.size() <= ENTRIES_MAX;
      for (Entry entry : entries) {
        wellFormed &= entry.index() == index + 1 && entry.term() >= entryTerm;
        index = entry.index();
        entryTerm = entry.term();
      }
      if (!wellFormed || entryTerm > term) {
        throw new IllegalArgumentException(
            "append of "
                + entries.size()
                + " entries in term "
                + term
                + " after "
                + prevIndex
                + "/"
                + prevTerm
                + " that are not consecutive entries of a log");
      }
    }

    /** Index of the last entry, {@code prevIndex} if there is none. */
    public long lastIndex() {
      return prevIndex + entries.size();
    }
  }

  /**
   * The follower's log agrees with the leader's up to {@code matchIndex}, durably.
   *
   * @param matchIndex last index known to agree
   */
  record AppendAccepted(long term, long matchIndex) implements Message {}

  /**
   * The follower has no entry of that term at {@code prevIndex} (thesis 3.5, with the term of the
   * conflict, so that a whole term is skipped at once).
   *
   * @param prevIndex the request's
   * @param hintIndex the highest index at which the logs may agree, as far as the follower can tell
   * @param hintTerm the term of the follower's entry there, 0 if it has none
   */
  record AppendRejected(long term, long prevIndex, long hintIndex, long hintTerm)
      implements Message {}

  /**
   * I lead. Never carries entries.
   *
   * @param committed the leader's commit index, at most what the follower is known to have
   * @param round number of this round of heartbeats in this term, growing
   */
  record Heartbeat(long term, long committed, long round) implements Message {}

  /**
   * The answer to a {@link Heartbeat}. Also sent, with round 0, to tell a leader of an older term
   * that its time is over.
   *
   * @param round that of the heartbeat which this answers: a quorum of answers to a round proves
   *     that its sender still led when the round began (thesis 6.4). Rounds count from 1 in each
   *     term; an answer to a heartbeat of an older term must not name that heartbeat's round, since
   *     its receiver may lead the newer term by the time it arrives.
   */
  record HeartbeatResponse(long term, long round) implements Message {}

  /**
   * A follower asks its leader, for somebody who wants to read at the follower: where is all that
   * is committed by now?
   *
   * @param read number by which the answer is told, unique in all lives of the sender: an answer to
   *     a process that has ended must not be taken for one to its successor
   */
  record ReadRequest(long term, long read) implements Message {}

  /**
   * The answer to a {@link ReadRequest}.
   *
   * @param read the request's
   * @param index holds, with what is before it, all that was committed, anywhere, when the request
   *     arrived: a quorum has answered a round of heartbeats that began after that (thesis 6.4). 0
   *     if the sender cannot tell yet, since nothing of its term is committed.
   */
  record ReadResponse(long term, long read, long index) implements Message {}

  /** Stand for election now, without asking first: the sender gives up leadership (thesis 3.10). */
  record TimeoutNow(long term) implements Message {}

  /**
   * The configuration that is in force: for members without a log, and for nodes that are no
   * members any more. Only committed ones are told so.
   *
   * @param index of its entry in the log
   */
  record ConfigurationNotice(long term, long index, Configuration configuration)
      implements Message {}

  /**
   * A part of a snapshot's content (thesis 5.3).
   *
   * @param id names this sending
   * @param mark what the snapshot stands for; its index and term are those of {@code id}
   * @param offset position of the first byte in the content
   * @param content at most {@link Limits#CHUNK_BYTES_MAX} bytes; shared, never to be modified
   * @param checksum CRC-32C of the content
   * @param last whether the content ends here
   */
  @SuppressWarnings("ArrayRecordComponent") // shared on purpose: not copied on its way
  record SnapshotChunk(
      long term,
      SnapshotId id,
      SnapshotMark mark,
      long offset,
      byte[] content,
      int checksum,
      boolean last)
      implements Message {
    /** Checks the bounds. */
    public SnapshotChunk {
      if (offset < 0 || content.length > Limits.CHUNK_BYTES_MAX) {
        throw new IllegalArgumentException(
            "chunk of " + content.length + " bytes at offset " + offset);
      }
      if (mark.index() != id.index() || mark.term() != id.term()) {
        throw new IllegalArgumentException("chunk of " + id + " for " + mark);
      }
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof SnapshotChunk that
          && term == that.term
          && id.equals(that.id)
          && mark.equals(that.mark)
          && offset == that.offset
          && checksum == that.checksum
          && last == that.last
          && Arrays.equals(content, that.content);
    }

    @Override
    public int hashCode() {
      return Objects.hash(term, id, offset, checksum, last);
    }

    @Override
    public String toString() {
      return "SnapshotChunk[term="
          + term
          + ", id="
          + id
          + ", offset="
          + offset
          + ", "
          + content.length
          + " bytes"
          + (last ? ", last]" : "]");
    }
  }

  /**
   * From one node's state machine to another's ({@link dev.balsa.raft.SideChannel}). Of no term,
   * and no concern of Raft's: the core is never given one.
   *
   * @param payload at most {@link #PAYLOAD_BYTES_MAX} bytes; shared, never to be modified
   */
  @SuppressWarnings("ArrayRecordComponent") // shared on purpose: not copied on its way
  record MachineMessage(byte[] payload) implements Message {
    /** Bound on the payload. */
    public static final int PAYLOAD_BYTES_MAX = 512 << 10;

    /** Checks the bound. */
    public MachineMessage {
      if (payload.length > PAYLOAD_BYTES_MAX) {
        throw new IllegalArgumentException(
            payload.length + " bytes to another state machine, at most " + PAYLOAD_BYTES_MAX);
      }
    }

    @Override
    public long term() {
      return 0;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof MachineMessage that && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(payload);
    }

    @Override
    public String toString() {
      return "MachineMessage[" + payload.length + " bytes]";
    }
  }

  /**
   * How much of a snapshot the receiver has.
   *
   * @param offset all before it is stored; the sender goes on there
   * @param failed whether the receiver has given this sending up: it can't be stored, or its
   *     content was found wrong at the end
   */
  record SnapshotStatus(long term, SnapshotId id, long offset, boolean failed) implements Message {}
}
