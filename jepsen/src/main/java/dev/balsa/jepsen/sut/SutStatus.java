package dev.balsa.jepsen.sut;

import dev.balsa.raft.Role;

/**
 * A node's state, as it says itself.
 *
 * @param role its own
 * @param term its present term
 * @param leader the leader of that term, 0 if it knows of none
 * @param ready whether it has caught up since its start
 * @param lastIndex last index in its log
 * @param commitIndex highest index that it knows to be committed
 * @param appliedIndex highest index applied to its databases
 */
public record SutStatus(
    Role role,
    long term,
    long leader,
    boolean ready,
    long lastIndex,
    long commitIndex,
    long appliedIndex) {

  String toLine() {
    return role
        + " "
        + term
        + " "
        + leader
        + " "
        + ready
        + " "
        + lastIndex
        + " "
        + commitIndex
        + " "
        + appliedIndex;
  }

  static SutStatus parse(String line) {
    String[] words = line.split(" ", -1);
    return new SutStatus(
        Role.valueOf(words[0]),
        Long.parseLong(words[1]),
        Long.parseLong(words[2]),
        Boolean.parseBoolean(words[3]),
        Long.parseLong(words[4]),
        Long.parseLong(words[5]),
        Long.parseLong(words[6]));
  }
}
