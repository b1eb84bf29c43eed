package dev.balsa.sqlite.crash;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A folder: the names that are certain to be found in it, and what was done to them since. */
final class DiskFolder implements DiskNode {
  /** Names that change together, or not at all. */
  static final class NameChange {
    private final @Nullable String removed;
    private final @Nullable String added;
    private final DiskNode node;

    /** Without which this one never is: a name that a rename takes away has its new one. */
    private final @Nullable NameChange needed;

    private boolean certain;

    private NameChange(
        @Nullable String removed,
        @Nullable String added,
        DiskNode node,
        @Nullable NameChange needed) {
      this.removed = removed;
      this.added = added;
      this.node = node;
      this.needed = needed;
    }

    /** Whether it is found, if all that is open is decided by {@code open}. */
    boolean found(Predicate<NameChange> open) {
      return certain || (open.test(this) && (needed == null || needed.found(open)));
    }

    private void makeCertain() {
      certain = true;
      if (needed != null) {
        needed.makeCertain();
      }
    }

    private void applyTo(Map<String, DiskNode> names) {
      if (removed != null) {
        names.remove(removed);
      }
      if (added != null) {
        names.put(added, node);
      }
    }
  }

  private final Map<String, DiskNode> live = new TreeMap<>();
  private final Map<String, DiskNode> certain = new TreeMap<>();
  private final Deque<NameChange> changes = new ArrayDeque<>();

  /** A name that was there before anything was recorded. */
  void putCertain(String name, DiskNode node) {
    live.put(name, node);
    certain.put(name, node);
  }

  DiskNode get(String name) {
    DiskNode node = live.get(name);
    if (node == null) {
      throw new IllegalStateException("there is no " + name);
    }
    return node;
  }

  void add(String name, DiskNode node) {
    change(null, name, node, null);
  }

  void remove(String name) {
    change(name, null, get(name), null);
  }

  void rename(String from, DiskFolder folder, String to) {
    DiskNode node = get(from);
    if (folder == this) {
      change(from, to, node, null);
    } else {
      change(from, null, node, folder.change(null, to, node, null));
    }
  }

  private NameChange change(
      @Nullable String removed,
      @Nullable String added,
      DiskNode node,
      @Nullable NameChange needed) {
    NameChange change = new NameChange(removed, added, node, needed);
    changes.add(change);
    change.applyTo(live);
    return change;
  }

  void synced() {
    changes.forEach(NameChange::makeCertain);
    while (!changes.isEmpty()) {
      changes.removeFirst().applyTo(certain);
    }
  }

  /** The names that may be found in it, if all that is open is decided by {@code open}. */
  Map<String, DiskNode> image(Predicate<NameChange> open) {
    Map<String, DiskNode> image = new TreeMap<>(certain);
    for (NameChange change : changes) {
      if (change.found(open)) {
        change.applyTo(image);
      }
    }
    return image;
  }
}
