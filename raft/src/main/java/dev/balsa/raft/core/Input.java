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
}
