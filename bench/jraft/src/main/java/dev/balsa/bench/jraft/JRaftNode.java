package dev.balsa.bench.jraft;

import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.RaftGroupService;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.entity.LeaderChangeContext;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.Task;
import com.alipay.sofa.jraft.error.RaftException;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import dev.balsa.bench.load.NodeConsole;
import dev.balsa.bench.load.Proposer;
import dev.balsa.bench.load.Seat;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Properties;

/**
 * One node of SOFAJRaft, with its defaults, which are its recommendation, but that metadata is
 * forced too, as is the log by default, and that no statistics are kept. The log is on RocksDB, its
 * default. Tasks go straight to {@link Node#apply}, their closures are run by the state machine.
 */
public final class JRaftNode {
  private static final String GROUP = "bench";

  private JRaftNode() {}

  /** Runs a node, in the {@link Seat} that the arguments tell, until it is told to close. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    NodeConsole console = NodeConsole.take();
    Seat seat = Seat.parse(arguments);
    NodeOptions options = options(seat, console);
    RaftGroupService service = new RaftGroupService(GROUP, peer(seat, seat.node()), options);
    console.settings(settings(options));
    Node node = service.start();
    console.serve(proposer(node));
    service.shutdown();
    service.join();
    System.exit(0);
  }

  private static NodeOptions options(Seat seat, NodeConsole console) throws IOException {
    RaftOptions raft = new RaftOptions();
    raft.setSync(true);
    raft.setSyncMeta(true);
    raft.setOpenStatistics(false);
    Configuration members = new Configuration();
    for (int member = 1; member <= seat.ports().size(); member++) {
      members.addPeer(peer(seat, member));
    }
    NodeOptions options = new NodeOptions();
    options.setRaftOptions(raft);
    options.setInitialConf(members);
    options.setFsm(new Machine(console));
    options.setLogUri(Files.createDirectories(seat.folder().resolve("log")).toString());
    options.setRaftMetaUri(Files.createDirectories(seat.folder().resolve("meta")).toString());
    return options;
  }

  private static String settings(NodeOptions options) throws IOException {
    RaftOptions raft = options.getRaftOptions();
    return String.format(
        Locale.ROOT,
        "SOFAJRaft %s, log in RocksDB; sync %s, syncMeta %s, applyBatch %d, disruptorBufferSize %d,"
            + " replicatorPipeline %s, maxReplicatorInflightMsgs %d, maxEntriesSize %d,"
            + " maxBodySize %d, maxAppendBufferSize %d, election timeout %d ms",
        version(),
        raft.isSync(),
        raft.isSyncMeta(),
        raft.getApplyBatch(),
        raft.getDisruptorBufferSize(),
        raft.isReplicatorPipeline(),
        raft.getMaxReplicatorInflightMsgs(),
        raft.getMaxEntriesSize(),
        raft.getMaxBodySize(),
        raft.getMaxAppendBufferSize(),
        options.getElectionTimeoutMs());
  }

  private static String version() throws IOException {
    String file = "/META-INF/maven/com.alipay.sofa/jraft-core/pom.properties";
    try (InputStream in = Node.class.getResourceAsStream(file)) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "of an unknown version");
    }
  }

  private static PeerId peer(Seat seat, int member) {
    InetSocketAddress address = seat.address(member);
    return new PeerId(address.getAddress().getHostAddress(), address.getPort());
  }

  private static Proposer proposer(Node node) {
    return (payload, completion) -> {
      Task task = new Task();
      task.setData(ByteBuffer.wrap(payload));
      task.setDone(
          status -> {
            if (status.isOk()) {
              completion.committed();
            } else {
              completion.failed(status.toString());
            }
          });
      node.apply(task);
    };
  }

  /** Counts bytes, and completes what was proposed here. */
  private static final class Machine extends StateMachineAdapter {
    private final NodeConsole console;
    private long bytes;

    Machine(NodeConsole console) {
      this.console = console;
    }

    @Override
    public void onApply(Iterator iterator) {
      while (iterator.hasNext()) {
        bytes += iterator.getData().remaining();
        if (iterator.done() != null) {
          iterator.done().run(Status.OK());
        }
        iterator.next();
      }
    }

    @Override
    public void onLeaderStart(long term) {
      super.onLeaderStart(term);
      console.role(true);
    }

    @Override
    public void onLeaderStop(Status status) {
      super.onLeaderStop(status);
      console.role(false);
    }

    @Override
    public void onStartFollowing(LeaderChangeContext context) {
      super.onStartFollowing(context);
      console.role(false);
    }

    @Override
    public void onError(RaftException e) {
      console.failed(e);
    }

    @Override
    public String toString() {
      return bytes + " bytes applied";
    }
  }
}
