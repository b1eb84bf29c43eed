package dev.balsa.raft;

import dev.balsa.raft.core.Message;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Joins the transports of nodes in one JVM, each with a loop of its own. */
final class MemoryNetwork {
  private final Map<Long, MemoryTransport> transports = new ConcurrentHashMap<>();
  private final Set<Long> isolated = ConcurrentHashMap.newKeySet();
  private volatile boolean tellsWhoIsGone;
  private volatile BiConsumer<Long, Message> watcher = (to, message) -> {};

  /** Told of each message that is about to be sent; may isolate a node. */
  void onSend(BiConsumer<Long, Message> newWatcher) {
    watcher = newWatcher;
  }

  /** Whether a node that stops is seen to be gone by the others. */
  void tellWhoIsGone() {
    tellsWhoIsGone = true;
  }

  /** Tells a node that another one is gone, which need not be so. */
  void tellGone(long to, long peer) {
    MemoryTransport told = Objects.requireNonNull(transports.get(to));
    told.loop.execute(() -> told.lost(peer));
  }

  MemoryTransport open(long id) {
    return new MemoryTransport(id);
  }

  /** From now on nothing reaches or leaves that node. */
  void isolate(long id) {
    isolated.add(id);
  }

  void heal() {
    isolated.clear();
  }

  final class MemoryTransport implements Transport {
    private final long id;
    private final ScheduledThreadPoolExecutor loop;
    private volatile @Nullable Receiver receiver;
    private volatile Map<Long, String> peers = Map.of();
    private final Set<UUID> clusterIds = new HashSet<>();

    private MemoryTransport(long id) {
      this.id = id;
      loop = new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "test-loop-" + id));
      loop.setRemoveOnCancelPolicy(true);
    }

    @Override
    public ScheduledExecutorService loop() {
      return loop;
    }

    @Override
    public void start(Receiver newReceiver) {
      receiver = newReceiver;
      transports.put(id, this);
    }

    @Override
    public void send(long to, Message message) {
      watcher.accept(to, message);
      MemoryTransport target = transports.get(to);
      if (target == null || isolated.contains(id) || isolated.contains(to)) {
        return;
      }
      try {
        target.loop.execute(() -> target.deliver(id, message));
      } catch (RejectedExecutionException e) {
        // The peer is closed: the message is lost.
      }
    }

    private void deliver(long from, Message message) {
      Receiver taker = receiver;
      if (taker != null && !isolated.contains(id) && !isolated.contains(from)) {
        taker.received(from, message);
      }
    }

    @Override
    public synchronized void clusterId(UUID clusterId) {
      clusterIds.add(clusterId);
    }

    @Override
    public void peers(Map<Long, String> addresses) {
      peers = Map.copyOf(addresses);
    }

    Map<Long, String> peers() {
      return peers;
    }

    synchronized Set<UUID> clusterIds() {
      return Set.copyOf(clusterIds);
    }

    private void lost(long peer) {
      Receiver taker = receiver;
      if (taker != null && !isolated.contains(id) && !isolated.contains(peer)) {
        taker.gone(peer);
      }
    }

    @Override
    public void close() {
      transports.remove(id, this);
      if (tellsWhoIsGone) {
        for (MemoryTransport other : transports.values()) {
          try {
            other.loop.execute(() -> other.lost(id));
          } catch (RejectedExecutionException e) {
            // It is closed as well.
          }
        }
      }
      loop.shutdown();
      try {
        if (!loop.awaitTermination(60, TimeUnit.SECONDS)) {
          throw new AssertionError("loop " + id + " does not end");
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
