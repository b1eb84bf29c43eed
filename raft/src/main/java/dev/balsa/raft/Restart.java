package dev.balsa.raft;

import dev.balsa.raft.core.ClusterId;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.LogExtent;
import dev.balsa.raft.core.SnapshotMark;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node starts from: its log, made to agree with its state machine.
 *
 * @param hardState what it must not forget
 * @param extent what its log holds
 * @param applied what the state machine has
 * @param configuration in force
 * @param configurationIndex index of its entry, or of the snapshot that brought it; 0 if it is what
 *     the node was started with
 * @param configurationCommitted whether that is known to be committed
 * @param addresses from all configurations that the log tells of
 */
record Restart(
    HardState hardState,
    LogExtent extent,
    long applied,
    Configuration configuration,
    long configurationIndex,
    boolean configurationCommitted,
    AddressBook addresses) {
  private static final Logger LOG = LoggerFactory.getLogger(RaftNode.class);

  /**
   * Starts the state machine and reads the log.
   *
   * @throws LogStoreException if the two can't be made to agree
   */
  static Restart of(
      RaftConfig config,
      LogStore log,
      StateMachine machine,
      @Nullable Snapshots snapshots,
      StateMachine.Progress progress) {
    long applied = machine.start(progress);
    SnapshotMark installed = snapshots == null ? null : snapshots.installed();
    if (installed != null && isMissing(installed, log)) {
      LOG.info(
          "node {} completes the installation of its snapshot at index {}",
          config.nodeId(),
          installed.index());
      log.reset(after(log.hardState(), installed), installed);
    }
    if (applied < log.base().index() || applied > log.lastIndex()) {
      throw new LogStoreException(
          "the log of node "
              + config.nodeId()
              + " begins after index "
              + log.base().index()
              + " and ends at "
              + log.lastIndex()
              + ", but the state machine has applied what is up to index "
              + applied
              + ": one of the two is not this node's, or is an old copy");
    }
    // What the state machine has was committed. It can know more than the log: its own snapshot is
    // durable at once, the commit index with the next write.
    HardState stored = log.hardState();
    HardState known =
        new HardState(stored.term(), stored.votedFor(), Math.max(stored.committed(), applied));
    return read(config, log, known, applied);
  }

  /** The crash came between the installation in the state machine and that in the log. */
  private static boolean isMissing(SnapshotMark installed, LogStore log) {
    long index = installed.index();
    return log.base().index() < index
        && (log.lastIndex() < index || log.term(index) != installed.term());
  }

  private static HardState after(HardState before, SnapshotMark installed) {
    return before.term() >= installed.term()
        ? new HardState(before.term(), before.votedFor(), installed.index())
        : new HardState(installed.term(), 0, installed.index());
  }

  private static Restart read(RaftConfig config, LogStore log, HardState hardState, long applied) {
    SnapshotMark base = log.base();
    AddressBook addresses = new AddressBook();
    Configuration inForce = base.index() > 0 ? base.configuration() : config.initialConfiguration();
    addresses.learn(inForce);
    long index = base.index();
    boolean committed = true;
    List<Entry> entries = log.configurations();
    for (Entry entry : entries) {
      inForce = ConfigurationCodec.decode(entry.payload());
      addresses.learn(inForce);
      index = entry.index();
      committed = index <= hardState.committed();
    }
    String ignored = FirstConfiguration.ignored(config, inForce, index);
    if (ignored != null) {
      LOG.warn("{}", ignored);
    }
    return new Restart(
        hardState,
        LogExtent.of(base, log.lastIndex(), log::term, entries),
        applied,
        inForce,
        index,
        committed,
        addresses);
  }

  /** The cluster's id, if the log's first entry is there and known to be committed. */
  @Nullable UUID clusterId(LogStore log) {
    return hardState.committed() >= 1 && log.firstIndex() == 1
        ? ClusterId.of(log.read(1, 1, Entry.PAYLOAD_BYTES_MAX).get(0))
        : null;
  }
}
