package dev.balsa.fsm;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.SnapshotMark;
import dev.balsa.sqlite.crash.DiskTrace;
import dev.balsa.sqlite.vfs.TestVfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A node all of whose file operations are recorded, and beside them what its log was meanwhile. The
 * log itself is in memory and survives: an entry is handed to a state machine only when it is
 * durable.
 */
final class CrashScene implements AutoCloseable, HandRaft.Watch {
  static final int PAGE_SIZE = 1024;

  /** Large enough for a few pages: transactions in parts are common. */
  static final int ENTRY_BYTES_MAX = 8 * 1024;

  static final CheckpointPolicy NEVER = policy(1_000_000, 1_000_000);

  /** The sound ones, with what is bound to sizes made small. */
  static final EngineDecisions DECISIONS =
      new EngineDecisions() {
        @Override
        long receivedDurablyBytes() {
          return 6_000;
        }
      };

  /**
   * What the log was when so many operations had been done.
   *
   * @param free up to where it could be discarded
   */
  record Point(int operations, SnapshotMark base, long lastIndex, long free) {}

  final DiskTrace trace;
  final HandRaft raft;
  private final List<Point> points = new ArrayList<>();
  private SnapshotMark base = SnapshotMark.NONE;
  private long lastIndex;
  private long free;

  /** Records what happens in a new folder, and starts a node on it. */
  CrashScene(Path temp, CheckpointPolicy policy) throws IOException {
    this(temp, policy, DECISIONS);
  }

  CrashScene(Path temp, CheckpointPolicy policy, EngineDecisions decisions) throws IOException {
    trace = TestVfs.install().record(Files.createDirectory(temp.toRealPath().resolve("recorded")));
    points.add(new Point(0, base, 0, 0));
    raft =
        HandRaft.open(
            config(trace.folder(), policy), parts(new RecordingFiles(trace), decisions), this);
  }

  static EngineParts parts(FileLayer files) {
    return parts(files, DECISIONS);
  }

  private static EngineParts parts(FileLayer files, EngineDecisions decisions) {
    return new EngineParts(decisions, PipelineLimits.DEFAULT, OtherFiles.timeless(files));
  }

  /** A policy by how many frames a checkpoint is made, and from how many on the WAL begins anew. */
  static CheckpointPolicy policy(int frames, int turnFrames) {
    return new CheckpointPolicy(
        frames, 1_000, 1L << 40, turnFrames, 2_000_000, Duration.ofHours(1));
  }

  /** Databases in a folder of a node's folder. */
  static FsmConfig config(Path node, CheckpointPolicy policy) {
    return new FsmConfig(node.resolve("databases"), PAGE_SIZE, ENTRY_BYTES_MAX, "crash")
        .withCheckpoints(policy);
  }

  /** Entries come, one by one; each is done with before the next one comes. */
  void follow(List<Entry> entries) throws Exception {
    for (Entry entry : entries) {
      raft.receive(entry);
      settle(raft);
    }
  }

  /** Waits until all that is committed is applied, and nothing is being made durable. */
  static void settle(HandRaft raft) throws Exception {
    raft.awaitApplied();
    for (Replica replica : raft.machine().replicas()) {
      if (replica instanceof Database database) {
        database.checkpoints().awaitEnd();
      }
    }
    raft.machine().submit(() -> null).get();
  }

  @Override
  public synchronized void log(SnapshotMark begin, long last) {
    base = begin;
    lastIndex = last;
    points.add(new Point(trace.size(), base, lastIndex, free));
  }

  @Override
  public synchronized void free(long index) {
    free = Math.max(free, index);
    points.add(new Point(trace.size(), base, lastIndex, free));
  }

  synchronized List<Point> points() {
    return List.copyOf(points);
  }

  /** The place of an index in a log that begins at the beginning. */
  static SnapshotMark mark(List<Entry> log, long index) {
    return index == 0
        ? SnapshotMark.NONE
        : new SnapshotMark(index, log.get((int) index - 1).term(), Configuration.EMPTY);
  }

  Database database(String name) {
    return Objects.requireNonNull(raft.machine().find(new DatabaseName(name)));
  }

  @Override
  public void close() {
    TestVfs.install().stop(trace);
    raft.close();
  }
}
