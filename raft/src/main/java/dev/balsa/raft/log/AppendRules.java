package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import java.util.List;

/** What Raft never does with its log: {@link Invariant}s on what is to be written. */
final class AppendRules {
  private AppendRules() {}

  /** A term does not fall, and has one vote (thesis 3.4). */
  static void checkFollows(HardState now, HardState next) {
    Invariant.check(next.term() >= now.term(), "%s after %s", next, now);
    Invariant.check(
        next.term() > now.term() || now.votedFor() == 0 || next.votedFor() == now.votedFor(),
        "a second vote in a term: %s after %s",
        next,
        now);
  }

  /** Entries are consecutive, their terms do not fall, and what is committed stays. */
  static void checkFollow(HardState now, LogIndex index, List<Entry> entries) {
    if (entries.isEmpty()) {
      return;
    }
    long first = entries.get(0).index();
    Invariant.check(
        first > now.committed() && first > index.baseIndex() && first <= index.lastIndex() + 1,
        "entry %d into a log that ends with %d and is committed up to %d",
        first,
        index.lastIndex(),
        now.committed());
    long term = index.termAtOrBase(first - 1);
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      Invariant.check(entry.index() == first + i, "%s is not consecutive", entry);
      Invariant.check(entry.term() >= term, "%s after an entry of term %d", entry, term);
      term = entry.term();
    }
  }
}
