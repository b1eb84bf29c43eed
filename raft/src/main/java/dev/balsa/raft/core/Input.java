package dev.balsa.raft.core;

/** What can happen to a node. */
public sealed interface Input {
  /** One unit of the node's own time has passed. All timeouts are counted in ticks. */
  record Tick() implements Input {}

  /** A message from a peer. */
  record Received(long from, Message message) implements Input {}

  /**
   * Somebody wants an entry in the log.
   *
   * @param proposal number by which the outcome is told, unique in this process
   * @param expectedTerm the only term in which the proposal may be appended (never re-proposed)
   */
  @SuppressWarnings("ArrayRecordComponent") // becomes the entry's payload, which is shared
  record Proposed(long proposal, long expectedTerm, byte[] payload) implements Input {}

  /**
   * Everything up to and including the {@link Effect.AppendToLog} of that number is durable. A
   * number and not (term, index): after a truncation the same entry can be written again at the
   * same index, and an acknowledgement of the first writing would be taken for one of the second.
   */
  record LogDurable(long write) implements Input {}

  /** The state machine has applied everything up to that index. */
  record Applied(long index) implements Input {}

  /**
   * Somebody wants to read linearizably (thesis 6.4).
   *
   * @param read number by which the outcome is told, unique in this process
   */
  record ReadRequested(long read) implements Input {}

  /**
   * Somebody wants to read linearizably by the leader's lease (thesis 6.4.1), if it holds; by
   * confirmation as {@link ReadRequested} if not.
   */
  record LeaseReadRequested(long read) implements Input {}

  /**
   * Somebody wants to know what {@link ReadRequested} tells, on whatever node: a follower asks its
   * leader. Refused if no leader is known, or none answers within an election timeout.
   *
   * @param read number by which the outcome is told, unique in all lives of this node
   */
  record LeaderReadRequested(long read) implements Input {}

  /**
   * More time has passed than ticks were given for (the process was stopped): what this node
   * believes about the present is void, above all a lease.
   */
  record TimeLost() implements Input {}

  /**
   * Somebody wants another configuration. Where voters change, the cluster goes through a joint one
   * and leaves it by itself.
   *
   * @param proposal number by which the outcome is told: its index is that of the first of the two
   *     entries
   * @param expectedTerm the only term in which it may be appended
   * @param target not joint; equal to the one in force only where that is not in the log yet, but
   *     what the nodes were started with: then it is written there
   */
  record ConfigurationProposed(long proposal, long expectedTerm, Configuration target)
      implements Input {}

  /**
   * Somebody wants another node to lead (thesis 3.10).
   *
   * @param transfer number by which the outcome is told, unique in this process
   * @param target a voter; 0 for the one whose log is the longest
   */
  record TransferRequested(long transfer, long target) implements Input {}

  /**
   * The log store has no room, or has room again. Without room the node takes no proposals; what is
   * written already waits.
   */
  record StorageFull(boolean full) implements Input {}

  /**
   * The state machine has a snapshot at that index, durably: the log up to it is no longer needed
   * to start this node.
   */
  record SnapshotTaken(long index) implements Input {}

  /**
   * A part of a snapshot, as asked for by {@link Effect.ReadSnapshotChunk}.
   *
   * @param checksum CRC-32C of the content
   */
  @SuppressWarnings("ArrayRecordComponent") // becomes a message's content, which is shared
  record SnapshotChunkRead(
      long to, SnapshotId id, long offset, byte[] content, int checksum, boolean last)
      implements Input {}

  /** A snapshot that is being sent can't be read (any more); it is sent anew from the start. */
  record SnapshotReadFailed(long to, SnapshotId id) implements Input {}

  /**
   * Everything before {@code offset} of a snapshot is stored, as asked for by {@link
   * Effect.StoreSnapshotChunk}.
   *
   * @param complete whether the last chunk is among it, and the whole content was found right and
   *     is durable
   */
  record SnapshotChunkStored(SnapshotId id, long offset, boolean complete) implements Input {}

  /** A snapshot that arrives can't be stored, or is wrong. What there is of it is dropped. */
  record SnapshotStoreFailed(SnapshotId id) implements Input {}
}
