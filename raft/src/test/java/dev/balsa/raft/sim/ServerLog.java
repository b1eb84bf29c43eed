package dev.balsa.raft.sim;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A log, and for each entry a digest of it and all before it: two logs are alike up to an index if
 * their digests there are.
 */
public final class ServerLog {
  private final ArrayList<Entry> entries = new ArrayList<>();
  private final ArrayList<Entry> configurations = new ArrayList<>();
  private long[] chains = new long[64];
  private SnapshotMark base = SnapshotMark.NONE;
  private long baseChain;

  /** The newest configuration, decoded once. */
  private @Nullable Configuration newest;

  /** The digest after one more entry. */
  public static long chain(long before, Entry entry) {
    long sum = before * 0x9E3779B97F4A7C15L + entry.term();
    sum = (sum ^ (sum >>> 29)) * 0xBF58476D1CE4E5B9L + entry.type().code();
    sum = (sum ^ (sum >>> 32)) * 0x94D049BB133111EBL + Arrays.hashCode(entry.payload());
    return sum ^ (sum >>> 31);
  }

  /** What the log begins after. */
  public SnapshotMark base() {
    return base;
  }

  /** Index of the last entry, that of the base if there is none. */
  public long lastIndex() {
    return base.index() + entries.size();
  }

  /** Number of entries. */
  public int size() {
    return entries.size();
  }

  /** The entries, not to be modified. */
  List<Entry> entries() {
    return entries;
  }

  /** Those of type CONFIGURATION. */
  List<Entry> configurations() {
    return configurations;
  }

  /** Whether the entry, or the base, is at that index. */
  public boolean reaches(long index) {
    return index >= base.index() && index <= lastIndex();
  }

  /** The entry at an index above the base. */
  public Entry at(long index) {
    return entries.get((int) (index - base.index()) - 1);
  }

  /** Term at an index that the log reaches. */
  public long termAt(long index) {
    return index == base.index() ? base.term() : at(index).term();
  }

  /** Digest at an index that the log reaches. */
  public long chainAt(long index) {
    return index == base.index() ? baseChain : chains[(int) (index - base.index()) - 1];
  }

  /** Index of the newest configuration's entry up to an index, that of the base if none is. */
  long configurationIndexAt(long index) {
    for (int i = configurations.size() - 1; i >= 0; i--) {
      if (configurations.get(i).index() <= index) {
        return configurations.get(i).index();
      }
    }
    return base.index();
  }

  private Entry newestConfiguration() {
    return configurations.get(configurations.size() - 1);
  }

  /**
   * The newest configuration.
   *
   * @param initial what is in force in a log without any
   */
  public Configuration configuration(Configuration initial) {
    Configuration known = newest;
    if (known == null) {
      known = configurationAt(Long.MAX_VALUE, initial);
      newest = known;
    }
    return known;
  }

  /** The configuration in force at an index that the log reaches. */
  public Configuration configurationAt(long index, Configuration initial) {
    for (int i = configurations.size() - 1; i >= 0; i--) {
      if (configurations.get(i).index() <= index) {
        return ConfigurationCodec.decode(configurations.get(i).payload());
      }
    }
    return base.index() > 0 ? base.configuration() : initial;
  }

  void append(Entry entry) {
    Invariant.check(entry.index() == lastIndex() + 1, "%s after index %s", entry, lastIndex());
    if (entries.size() == chains.length) {
      chains = Arrays.copyOf(chains, 2 * chains.length);
    }
    chains[entries.size()] = chain(chainAt(lastIndex()), entry);
    entries.add(entry);
    if (entry.type() == EntryType.CONFIGURATION) {
      configurations.add(entry);
      newest = null;
    }
  }

  void truncateFrom(long index) {
    Invariant.check(
        index > base.index() && index <= lastIndex() + 1,
        "truncation at %s of a log from %s to %s",
        index,
        base.index(),
        lastIndex());
    entries.subList((int) (index - base.index()) - 1, entries.size()).clear();
    while (!configurations.isEmpty() && newestConfiguration().index() >= index) {
      configurations.remove(configurations.size() - 1);
      newest = null;
    }
  }

  /** Forgets the entries up to an index that the log reaches. */
  void compact(long index, Configuration initial) {
    SnapshotMark mark = new SnapshotMark(index, termAt(index), configurationAt(index, initial));
    int count = (int) (index - base.index());
    baseChain = chainAt(index);
    System.arraycopy(chains, count, chains, 0, entries.size() - count);
    entries.subList(0, count).clear();
    configurations.removeIf(entry -> entry.index() <= index);
    base = mark;
  }

  void reset(SnapshotMark mark, long chain) {
    entries.clear();
    configurations.clear();
    base = mark;
    baseChain = chain;
    newest = null;
  }

  void copyFrom(ServerLog other) {
    reset(other.base, other.baseChain);
    entries.addAll(other.entries);
    configurations.addAll(other.configurations);
    chains = other.chains.clone();
  }
}
