package dev.balsa.fsm;

import dev.balsa.fsm.HealingMessage.StateAnswer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Whom a damaged replica takes a copy from. */
final class CopyChoice {
  private CopyChoice() {}

  /**
   * A voter whose copy agrees with those of a majority of the voters, itself among them: they were
   * in one same state at least, and never in different ones after the same transaction. Of several,
   * the one whose main file is of the latest index.
   *
   * @param voters all of them; the damaged replica, if it is one, agrees with nobody
   * @param incarnation the life of the database that is wanted
   * @param answers of other nodes, by node id
   * @param avoided nodes that are not chosen, although they count
   * @return its node id; null if there is none
   */
  static @Nullable Long of(
      Set<Long> voters, long incarnation, SortedMap<Long, StateAnswer> answers, Set<Long> avoided) {
    Long best = null;
    long bestIndex = 0;
    for (Map.Entry<Long, StateAnswer> each : answers.entrySet()) {
      DatabaseRecord record = each.getValue().record();
      if (record == null
          || record.incarnation() != incarnation
          || !voters.contains(each.getKey())
          || avoided.contains(each.getKey())) {
        continue;
      }
      long agreeing =
          answers.entrySet().stream()
              .filter(
                  other ->
                      voters.contains(other.getKey())
                          && (other.getKey().equals(each.getKey())
                              || agree(each.getValue().recent(), other.getValue().recent())))
              .count();
      if (agreeing >= voters.size() / 2 + 1 && record.index() > bestIndex) {
        best = each.getKey();
        bestIndex = record.index();
      }
    }
    return best;
  }

  private static boolean agree(List<RecentStates.State> one, List<RecentStates.State> other) {
    Map<EntryId, Long> checksums = new HashMap<>();
    one.forEach(state -> checksums.put(state.last(), state.checksum()));
    boolean shared = false;
    for (RecentStates.State state : other) {
      Long checksum = checksums.get(state.last());
      if (checksum != null) {
        if (checksum != state.checksum()) {
          return false;
        }
        shared = true;
      }
    }
    return shared;
  }
}
