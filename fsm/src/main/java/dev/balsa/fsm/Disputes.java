package dev.balsa.fsm;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who has computed another checksum than the log says, after which transaction: if a majority of
 * the voters agrees on one, it is this node that is wrong. Owned by the apply thread.
 */
final class Disputes {
  private final Map<DatabaseName, Map<Long, RecentStates.State>> found = new HashMap<>();

  /**
   * A node has computed something for this node's database.
   *
   * @param mine this node's latest states of it
   * @return the voters that outvote this node: a majority, all with the same result, where this
   *     node has another; empty if there is none
   */
  SortedSet<Long> note(
      DatabaseName name,
      long from,
      RecentStates.State theirs,
      RecentStates mine,
      SortedSet<Long> voters) {
    SortedSet<Long> same = new TreeSet<>();
    if (!voters.contains(from) || !mine.contradicts(theirs)) {
      return same;
    }
    Map<Long, RecentStates.State> each = found.computeIfAbsent(name, unknown -> new TreeMap<>());
    each.put(from, theirs);
    each.forEach(
        (node, state) -> {
          if (state.equals(theirs) && voters.contains(node)) {
            same.add(node);
          }
        });
    return same.size() >= voters.size() / 2 + 1 ? same : new TreeSet<>();
  }
}
