package dev.balsa.bench.raft;

import dev.balsa.bench.load.ForceDelay;
import dev.balsa.bench.load.NodeConsole;
import dev.balsa.bench.load.Proposer;
import dev.balsa.bench.load.Seat;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.raft.RaftConfig;
import dev.balsa.raft.RaftNode;
import dev.balsa.raft.StateMachine;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.log.ChronicleLogStore;
import dev.balsa.raft.log.LogStoreConfig;
import dev.balsa.transport.TcpTransport;
import dev.balsa.transport.TransportConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One node of Balsa's Raft, as {@code BalsaNode} makes it and with its defaults, but with a state
 * machine that does nothing.
 */
public final class BalsaRaftNode {
  private BalsaRaftNode() {}

  /** Runs a node, in the {@link Seat} that the arguments tell, until it is told to close. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    NodeConsole console = NodeConsole.take();
    Seat seat = Seat.parse(arguments);
    long id = seat.node();
    Map<Long, InetSocketAddress> peers = new TreeMap<>();
    for (int member = 1; member <= seat.ports().size(); member++) {
      peers.put((long) member, seat.address(member));
    }
    RaftConfig config = RaftConfig.of(id, peers.keySet());
    peers.remove(id);
    ForceDelay delay = ForceDelay.ofThisProcess();
    LogStoreConfig logConfig = LogStoreConfig.of(id);
    if (delay.nanos() > 0) {
      logConfig = logConfig.withFiles(new DelayedFiles(delay));
    }
    console.settings(
        String.format(
            Locale.ROOT,
            "Balsa's Raft, log in Chronicle Queue, every batch forced, segments of %d MiB; ticks of"
                + " %d ms, heartbeat %d ms, election timeout %d ms%s",
            logConfig.blockBytes() >> 20,
            config.tick().toMillis(),
            config.tick().multipliedBy(config.heartbeatTicks()).toMillis(),
            config.tick().multipliedBy(config.electionTimeoutTicks()).toMillis(),
            delay.toText()));
    try (ChronicleLogStore log = ChronicleLogStore.open(seat.folder().resolve("log"), logConfig);
        TcpTransport transport =
            new TcpTransport(TransportConfig.of(id, seat.address(seat.node()), peers));
        RaftNode node = RaftNode.start(config, log, transport, new Machine(console))) {
      console.serve(proposer(node));
    }
  }

  private static Proposer proposer(RaftNode node) {
    return (payload, completion) -> {
      CompletableFuture<?> unused =
          node.propose(node.leadership().term(), payload)
              .whenComplete((outcome, failure) -> complete(completion, outcome, failure));
    };
  }

  private static void complete(
      Proposer.Completion completion,
      @Nullable ProposalOutcome outcome,
      @Nullable Throwable failure) {
    if (outcome instanceof ProposalOutcome.Committed) {
      completion.committed();
    } else {
      completion.failed(String.valueOf(outcome != null ? outcome : failure));
    }
  }

  /** Counts bytes. */
  private static final class Machine implements StateMachine {
    private final NodeConsole console;
    private Progress progress = new NoProgress();
    private boolean leads;
    private long bytes;

    Machine(NodeConsole console) {
      this.console = console;
    }

    @Override
    public long start(Progress to) {
      progress = to;
      return 0;
    }

    @Override
    public void committed(List<Entry> entries) {
      for (Entry entry : entries) {
        bytes += entry.payload().length;
      }
      progress.applied(entries.get(entries.size() - 1).index());
    }

    @Override
    public void leadership(Leadership leadership) {
      boolean leadsNow = leadership.established();
      if (leadsNow != leads) {
        leads = leadsNow;
        console.role(leadsNow);
      }
    }

    @Override
    public void failed(Throwable cause) {
      console.failed(cause);
    }

    @Override
    public String toString() {
      return bytes + " bytes applied";
    }
  }

  /** Before the start. */
  private static final class NoProgress implements StateMachine.Progress {
    @Override
    public void applied(long index) {}

    @Override
    public void snapshotTaken(long index) {}

    @Override
    public void failed(Throwable cause) {}
  }
}
