package dev.balsa.raft.sim;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What was ever taken for committed, in order: for each entry its term, the digest up to it, and
 * the term of the leader that first took it so. Forgets what all servers are beyond.
 */
public final class Ledger {
  private final LongColumns entries = new LongColumns(3);
  private final TreeMap<Long, Configuration> configurations = new TreeMap<>();
  private long first = 1;

  Ledger(Configuration initial) {
    configurations.put(0L, initial);
  }

  /** Index of the last entry committed. */
  public long top() {
    return first + entries.size() - 1;
  }

  /** Whether the entry at that index is still known. */
  public boolean knows(long index) {
    return index >= first && index <= top();
  }

  /** Term of an entry. */
  public long termAt(long index) {
    return entries.get((int) (index - first), 0);
  }

  /** Digest of the log up to an entry. */
  public long chainAt(long index) {
    return entries.get((int) (index - first), 1);
  }

  /** Term of the server that first took an entry for committed. */
  public long committedIn(long index) {
    return entries.get((int) (index - first), 2);
  }

  /** The configuration in force at an index. */
  public Configuration configurationAt(long index) {
    return Objects.requireNonNull(configurations.floorEntry(index)).getValue();
  }

  /** Index of the newest configuration that is committed. */
  public long configurationIndex() {
    return configurations.lastKey();
  }

  void add(Entry entry, long chain, long inTerm) {
    entries.add(entry.term(), chain, inTerm);
    if (entry.type() == EntryType.CONFIGURATION) {
      configurations.put(entry.index(), ConfigurationCodec.decode(entry.payload()));
    }
  }

  void forgetBefore(long index) {
    long to = Math.min(index, top());
    if (to > first) {
      entries.removeFirst((int) (to - first));
      first = to;
      Map.Entry<Long, Configuration> kept = configurations.floorEntry(to);
      if (kept != null) {
        configurations.headMap(kept.getKey()).clear();
      }
    }
  }

  /** Number of entries that are remembered. */
  int size() {
    return entries.size();
  }
}
