package dev.balsa.fsm;

import dev.balsa.raft.SideChannel;
import dev.balsa.raft.TransferOutcome;
import dev.balsa.raft.core.Configuration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Lets the state machines of nodes that the test plays talk to each other beside the log. */
final class Mesh implements AutoCloseable {
  private final Map<Long, HandRaft> nodes = new ConcurrentSkipListMap<>();
  private final Set<Long> cut = ConcurrentHashMap.newKeySet();
  private final List<String> transfers = new CopyOnWriteArrayList<>();
  private final ExecutorService wire =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "mesh");
            thread.setDaemon(true);
            return thread;
          });

  /** Connects a node, again if it was restarted. */
  void connect(long id, HandRaft raft, Long... voters) {
    nodes.put(id, raft);
    raft.machine().configuration(Configuration.ofVoters(List.of(voters)), true);
    raft.machine().heal(new Channel(id));
  }

  /** What a node says is lost from now on, and what is said to it. */
  void cut(long id) {
    cut.add(id);
  }

  void restore(long id) {
    cut.remove(id);
  }

  /** Which node wanted which to lead, as "1 to 2". */
  List<String> transfers() {
    return transfers;
  }

  private final class Channel implements SideChannel {
    private final long id;

    Channel(long id) {
      this.id = id;
    }

    @Override
    public long nodeId() {
      return id;
    }

    @Override
    public void send(long to, byte[] payload) {
      HandRaft node = nodes.get(to);
      if (node != null && !cut.contains(id) && !cut.contains(to)) {
        wire.execute(() -> node.machine().message(id, payload));
      }
    }

    @Override
    public CompletableFuture<TransferOutcome> transferLeadership(long target) {
      transfers.add(id + " to " + target);
      return CompletableFuture.completedFuture(new TransferOutcome.Done());
    }
  }

  @Override
  public void close() {
    wire.shutdown();
  }
}
