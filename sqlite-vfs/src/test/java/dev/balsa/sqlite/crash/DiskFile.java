package dev.balsa.sqlite.crash;

import dev.balsa.sqlite.crash.Operation.ContentChange;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.random.RandomGenerator;

/** A file: what is certain to be found in it, and what was done to it since. */
final class DiskFile implements DiskNode {
  private enum Fate {
    NOT_SYNCED,
    SYNCED,
    /** A sync failed: none that comes later says anything about it. */
    DOUBTFUL
  }

  private static final class Change {
    final ContentChange content;
    Fate fate = Fate.NOT_SYNCED;

    Change(ContentChange content) {
      this.content = content;
    }
  }

  private final FileBytes certain;

  /** In order; the first one is not synced, but later ones may be. */
  private final Deque<Change> changes = new ArrayDeque<>();

  DiskFile(FileBytes content) {
    certain = content.copy();
  }

  void change(ContentChange change) {
    changes.add(new Change(change));
  }

  void synced() {
    decide(Fate.SYNCED);
    while (!changes.isEmpty() && changes.getFirst().fate == Fate.SYNCED) {
      changes.removeFirst().content.applyTo(certain);
    }
  }

  void syncFailed() {
    decide(Fate.DOUBTFUL);
  }

  private void decide(Fate fate) {
    for (Change change : changes) {
      if (change.fate == Fate.NOT_SYNCED) {
        change.fate = fate;
      }
    }
  }

  /** What may be found in it. */
  byte[] image(ContentLoss loss, RandomGenerator random) {
    FileBytes image = certain.copy();
    for (Iterator<Change> rest = changes.iterator(); rest.hasNext(); ) {
      Change change = rest.next();
      if (change.fate == Fate.SYNCED) {
        change.content.applyTo(image);
      } else {
        loss.apply(change.content, !rest.hasNext(), image, random);
      }
    }
    return image.toArray();
  }
}
