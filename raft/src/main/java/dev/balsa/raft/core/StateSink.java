package dev.balsa.raft.core;

/**
 * Takes a description of a node's state, field by field: all on which its future depends, and
 * nothing else, so that states with equal descriptions behave alike. What has a meaning only beside
 * others of its kind comes by a method of its own, so that whoever compares the states of whole
 * clusters can rename it alike everywhere: node ids, since nodes differ in nothing else; numbers
 * that are only compared with each other.
 *
 * <p>Between {@link #begin} and {@link #end} comes one element of a set; the order of a set's
 * elements means nothing, the order of all else does.
 */
public interface StateSink {
  /** A number that stands for itself. */
  void number(String field, long value);

  /** A node id, 0 for none. */
  void node(String field, long id);

  /**
   * The number of a round of heartbeats in a term: of others in that term it is only asked which is
   * the newer. Two have a meaning of their own: 0 for none, -1 for not even that.
   */
  void round(String field, long term, long round);

  /** The number of a sending of a snapshot: of others of that sender it is only asked if equal. */
  void sequence(String field, long sender, long sequence);

  /** Ticks that have passed, or are still to pass, until something happens. */
  void clock(String field, long ticks);

  /** An element of a set begins. */
  void begin(String field);

  /** It ends. */
  void end();

  /** Yes or no. */
  default void flag(String field, boolean value) {
    number(field, value ? 1 : 0);
  }

  /** One of a few. */
  default void kind(String field, Enum<?> value) {
    number(field, value.name().hashCode());
  }

  /** A configuration. */
  default void configuration(Configuration configuration) {
    configuration
        .members()
        .forEach(
            (id, member) -> {
              begin("member");
              node("id", id);
              kind("role", member.role());
              number("address", member.address().hashCode());
              end();
            });
    configuration
        .outgoing()
        .forEach(
            (id, address) -> {
              begin("outgoing voter");
              node("id", id);
              number("address", address.hashCode());
              end();
            });
  }

  /** A place in the log. */
  default void mark(SnapshotMark mark) {
    number("index", mark.index());
    number("term", mark.term());
    begin("configuration");
    configuration(mark.configuration());
    end();
  }

  /** A sending of a snapshot. */
  default void snapshotId(SnapshotId id) {
    node("sender", id.sender());
    number("index", id.index());
    number("term", id.term());
    sequence("sequence", id.sender(), id.sequence());
  }
}
