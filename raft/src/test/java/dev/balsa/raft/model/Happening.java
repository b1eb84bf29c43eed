package dev.balsa.raft.model;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.SnapshotMark;
import java.util.List;

/** What a step of a node showed to the world, beside the messages that it sent. */
sealed interface Happening {
  /** Entries were given to the state machine. */
  record Applied(List<Entry> entries) implements Happening {}

  /** A snapshot takes the place of the log. */
  record Installed(SnapshotMark mark) implements Happening {}

  /** A read may be answered with what is applied up to that index. */
  record ReadReady(int read, long index) implements Happening {}

  /** A read is refused. */
  record ReadRefused(int read) implements Happening {}

  /** The node crashed; unforced writes with entries were lost or not. */
  record Crashed(boolean lostEntries) implements Happening {}
}
