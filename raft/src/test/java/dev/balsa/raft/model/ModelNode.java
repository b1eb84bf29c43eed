package dev.balsa.raft.model;

import dev.balsa.raft.Leadership;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Raft;
import java.util.List;

/** One state that a node can be in, with its disk. Never changes: a step makes another. */
final class ModelNode {
  final int id;
  final Raft raft;
  final ModelDisk disk;
  final Fingerprint fingerprint;
  final boolean hearsLeader;
  final long term;
  final Role role;
  final boolean established;
  final long leaderId;
  final long committed;
  final long applied;

  /** What the state machine was given, at or above what it has applied. */
  final long handed;

  /** The log as the node sees it, after {@link #baseIndex}. */
  final List<Entry> log;

  final long baseIndex;

  /** Whether the configuration in force is the newest in the log. */
  final boolean hasConfigurationOfItsLog;

  ModelNode(
      int id, Raft raft, ModelDisk disk, long handed, Configuration initial, FingerprintSink sink) {
    this.id = id;
    this.raft = raft;
    this.disk = disk;
    this.handed = handed;
    this.fingerprint = sink.take();
    this.hearsLeader = sink.hearsLeader();
    Leadership leadership = raft.leadership();
    this.term = leadership.term();
    this.role = leadership.role();
    this.established = leadership.established();
    this.leaderId = leadership.leaderId();
    this.committed = raft.committedIndex();
    this.applied = raft.appliedIndex();
    ModelDisk image = disk.pending().isEmpty() ? disk : disk.image();
    this.log = List.copyOf(image.durable());
    this.baseIndex = image.baseIndex();
    this.hasConfigurationOfItsLog = raft.configuration().equals(image.configuration(initial));
  }

  boolean leads() {
    return role == Role.LEADER;
  }

  long lastIndex() {
    return baseIndex + log.size();
  }

  /** The entry at an index after the base. */
  Entry entry(long index) {
    return log.get((int) (index - baseIndex - 1));
  }

  /** Whether that entry is in the log, or was and is now part of a snapshot. */
  boolean holds(Entry entry) {
    return entry.index() <= baseIndex
        || (entry.index() <= lastIndex() && entry(entry.index()).equals(entry));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(id).append(": ").append(role).append(" of term ").append(term);
    if (role == Role.FOLLOWER && leaderId != 0) {
      text.append(", led by ").append(leaderId);
    }
    text.append(established ? ", established" : "");
    text.append(", log ").append(baseIndex > 0 ? "after " + baseIndex + " " : "").append('[');
    for (Entry entry : log) {
      text.append(entry.index() == baseIndex + 1 ? "" : " ");
      text.append(entry.index()).append('/').append(entry.term());
    }
    text.append("], committed ").append(committed);
    text.append("; disk: term ").append(disk.hardState().term());
    text.append(", vote ").append(disk.hardState().votedFor());
    text.append(", last ").append(disk.lastIndex());
    text.append(", unforced writes ").append(disk.pendingWrites());
    return text.toString();
  }
}
