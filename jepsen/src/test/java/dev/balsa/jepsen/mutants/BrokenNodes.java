package dev.balsa.jepsen.mutants;

import dev.balsa.fsm.DatabaseStateMachine;
import dev.balsa.fsm.FsmConfig;
import dev.balsa.fsm.WrongEngine;
import dev.balsa.jepsen.sut.SutNode;
import dev.balsa.node.WrongParts;
import dev.balsa.raft.ClusterIdStore;
import dev.balsa.raft.Consensus;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.raft.RaftConfig;
import dev.balsa.raft.RaftNode;
import dev.balsa.raft.ReadOutcome;
import dev.balsa.raft.StateMachine;
import dev.balsa.raft.Transport;
import dev.balsa.raft.WrongRaft;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.Limits;
import dev.balsa.raft.core.WrongCore;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The application of {@link SutNode} with one wrong part in its node: a main class for each, as the
 * command line of a process names them.
 */
final class BrokenNodes {
  private BrokenNodes() {}

  /** A leader answers reads from what it has, without asking whether it still leads. */
  static final class LocalRead {
    private LocalRead() {}

    public static void main(String[] arguments) throws IOException {
      run(
          arguments,
          new WrongParts() {
            @Override
            public Consensus consensus(RaftNode raft) {
              return new Unasked(raft);
            }
          });
    }
  }

  private record Unasked(Consensus sound) implements Consensus {
    @Override
    public CompletableFuture<ProposalOutcome> propose(long expectedTerm, byte[] payload) {
      return sound.propose(expectedTerm, payload);
    }

    @Override
    public CompletableFuture<ReadOutcome> readIndex() {
      return sound.leadership().isLeader()
          ? CompletableFuture.completedFuture(new ReadOutcome.Ready(0))
          : sound.readIndex();
    }

    @Override
    public CompletableFuture<ReadOutcome> readLease() {
      return sound.readLease();
    }

    @Override
    public CompletableFuture<ReadOutcome> leaderReadIndex() {
      return sound.leaderReadIndex();
    }

    @Override
    public @Nullable UUID clusterId() {
      return sound.clusterId();
    }

    @Override
    public Leadership leadership() {
      return sound.leadership();
    }
  }

  /** What is to be forced before it is told is forced within three seconds, and told at once. */
  static final class ForcesLate {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(3);

    private ForcesLate() {}

    public static void main(String[] arguments) throws IOException {
      run(
          arguments,
          new WrongParts() {
            @Override
            public LogStore log(LogStore opened) {
              return new ForwardingLog(opened) {
                private long forced = System.nanoTime();

                @Override
                public void force() {
                  if (System.nanoTime() - forced > PERIOD_NANOS) {
                    super.force();
                    forced = System.nanoTime();
                  }
                }
              };
            }
          });
    }
  }

  /** A node keeps no term and no vote, but the terms of the entries that it has. */
  static final class ForgetsVotes {
    private ForgetsVotes() {}

    public static void main(String[] arguments) throws IOException {
      run(
          arguments,
          new WrongParts() {
            @Override
            public LogStore log(LogStore opened) {
              return new ForwardingLog(opened) {
                @Override
                public void append(HardState hardState, List<Entry> entries) {
                  long term = opened.hardState().term();
                  if (!entries.isEmpty()) {
                    term = Math.max(term, entries.get(entries.size() - 1).term());
                  }
                  super.append(new HardState(term, 0, hardState.committed()), entries);
                }
              };
            }
          });
    }
  }

  /** A leader takes for committed what it has alone. */
  static final class CommitsAlone {
    private CommitsAlone() {}

    public static void main(String[] arguments) throws IOException {
      run(arguments, WrongCore.COMMITS_ON_ONE_ACKNOWLEDGEMENT);
    }
  }

  /**
   * A leader commits entries of older terms by counting copies. It sends an entry at a time: else
   * those of older terms and its own first one come in one message, and count together.
   */
  static final class CountsOldTerms {
    private CountsOldTerms() {}

    public static void main(String[] arguments) throws IOException {
      run(
          arguments,
          new SendsLittleAtATime() {
            @Override
            RaftNode started(
                RaftConfig config,
                LogStore log,
                ClusterIdStore clusterIds,
                Transport transport,
                StateMachine machine) {
              return WrongRaft.start(
                  config,
                  log,
                  clusterIds,
                  transport,
                  machine,
                  WrongCore.COMMITS_OLD_TERMS_BY_COUNTING);
            }
          });
    }
  }

  /** Sound, but sends little at a time. */
  static final class SendsLittle {
    private SendsLittle() {}

    public static void main(String[] arguments) throws IOException {
      run(arguments, new SendsLittleAtATime());
    }
  }

  /** One entry in a message. */
  private static class SendsLittleAtATime extends WrongParts {
    @Override
    public final RaftNode raft(
        RaftConfig config,
        LogStore log,
        ClusterIdStore clusterIds,
        Transport transport,
        StateMachine machine) {
      Limits limits = config.limits();
      Limits little =
          new Limits(
              1,
              limits.inFlightMessagesMax(),
              limits.inFlightBytesMax(),
              limits.uncommittedBytesMax(),
              limits.unappliedBytesMax(),
              limits.cachedBytesMax(),
              limits.retainedBytesMax(),
              limits.chunkBytesMax(),
              limits.chunksInFlightMax());
      return started(config.withLimits(little), log, clusterIds, transport, machine);
    }

    RaftNode started(
        RaftConfig config,
        LogStore log,
        ClusterIdStore clusterIds,
        Transport transport,
        StateMachine machine) {
      return super.raft(config, log, clusterIds, transport, machine);
    }
  }

  /** A leader's lease goes on when others may have elected another one. */
  static final class LongLease {
    private LongLease() {}

    public static void main(String[] arguments) throws IOException {
      run(arguments, WrongCore.HOLDS_LEASES_TOO_LONG);
    }
  }

  /** What is not committed yet can be read. */
  static final class ShowsUncommitted {
    private ShowsUncommitted() {}

    public static void main(String[] arguments) throws IOException {
      run(arguments, WrongEngine.SHOWS_WHAT_IS_NOT_COMMITTED);
    }
  }

  /** The index of a checkpoint is durable before its pages are. */
  static final class IndexApart {
    private IndexApart() {}

    public static void main(String[] arguments) throws IOException {
      run(arguments, WrongEngine.RECORDS_THE_INDEX_APART_FROM_THE_DATA);
    }
  }

  /** Who receives a snapshot misses the entries that come right after what is in it. */
  static final class SnapshotWithoutTail {
    private SnapshotWithoutTail() {}

    public static void main(String[] arguments) throws IOException {
      run(arguments, WrongEngine.TAKES_SNAPSHOTS_FOR_LATER_ONES);
    }
  }

  private static void run(String[] arguments, WrongParts parts) throws IOException {
    SutNode.run(arguments, parts::start);
  }

  private static void run(String[] arguments, WrongCore core) throws IOException {
    run(
        arguments,
        new WrongParts() {
          @Override
          public RaftNode raft(
              RaftConfig config,
              LogStore log,
              ClusterIdStore clusterIds,
              Transport transport,
              StateMachine machine) {
            return WrongRaft.start(config, log, clusterIds, transport, machine, core);
          }
        });
  }

  private static void run(String[] arguments, WrongEngine engine) throws IOException {
    run(
        arguments,
        new WrongParts() {
          @Override
          public DatabaseStateMachine machine(FsmConfig config, LogStore log) {
            return engine.recover(config, log);
          }
        });
  }
}
