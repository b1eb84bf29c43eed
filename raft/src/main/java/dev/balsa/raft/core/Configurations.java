package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import java.util.ArrayList;
import java.util.List;

/**
 * The configurations that a log holds, and the one that was in force where it begins. The newest is
 * in force, committed or not (thesis 4.1): so a joint configuration binds those who have it from
 * the moment they have it. If its entry is truncated, the one before is in force again.
 */
final class Configurations {
  /** A configuration, and the index of its entry; 0 for the one that a node started with. */
  record At(long index, Configuration configuration) {
    void describe(StateSink sink) {
      sink.number("index", index);
      sink.begin("configuration");
      sink.number("index", index); // a set's elements have no order
      sink.configuration(configuration);
      sink.end();
    }
  }

  private At base;
  private final List<At> changes = new ArrayList<>();

  Configurations(Configuration initial, LogExtent extent) {
    SnapshotMark mark = extent.base();
    base = new At(mark.index(), mark.index() == 0 ? initial : mark.configuration());
    extent.configurations().forEach(this::append);
  }

  Configurations(Configurations from) {
    base = from.base;
    changes.addAll(from.changes);
  }

  void describe(StateSink sink) {
    base.describe(sink);
    sink.number("changes", changes.size());
    changes.forEach(change -> change.describe(sink));
  }

  /** The one in force. */
  At latest() {
    return changes.isEmpty() ? base : changes.get(changes.size() - 1);
  }

  /** The one that was in force where the log begins. */
  At base() {
    return base;
  }

  /** The one that is in force for a log that ends there, at or above where this log begins. */
  At at(long index) {
    Invariant.check(index >= base.index, "configuration at %s, log after %s", index, base.index);
    At found = base;
    for (At change : changes) {
      if (change.index > index) {
        break;
      }
      found = change;
    }
    return found;
  }

  /** Takes an entry of type {@link EntryType#CONFIGURATION}. */
  void append(Entry entry) {
    Invariant.check(entry.index() > latest().index, "%s after that at %s", entry, latest().index);
    changes.add(new At(entry.index(), ConfigurationCodec.decode(entry.payload())));
  }

  void truncateFrom(long index) {
    while (!changes.isEmpty() && latest().index >= index) {
      changes.remove(changes.size() - 1);
    }
  }

  /** The log now begins after that index. */
  void compactTo(long index) {
    base = at(index);
    changes.removeIf(change -> change.index <= index);
  }

  /** The log is empty and begins after that mark. */
  void reset(SnapshotMark mark) {
    changes.clear();
    base = new At(mark.index(), mark.configuration());
  }

  /** How many are kept. */
  int size() {
    return 1 + changes.size();
  }
}
