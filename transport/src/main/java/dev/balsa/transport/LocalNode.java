package dev.balsa.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/** What all connections of a node share. On the loop, but for the final fields. */
final class LocalNode {
  /** A connection's periodic look at itself happens this often in the idle timeout. */
  static final int LOOKS_PER_IDLE_TIMEOUT = 4;

  /**
   * A channel takes messages out of its link's queue until this much is not yet with the kernel.
   */
  private static final WriteBufferWaterMark WRITE_AHEAD =
      new WriteBufferWaterMark(512 << 10, 1 << 20);

  /** Memory is taken in chunks of 8 KiB << 11, that is 16 MiB. */
  private static final int CHUNK_ORDER = 11;

  /**
   * One for the process: a closed transport's memory serves the next one, where an allocator of its
   * own would hold on to it until the collector comes by. One thread allocates, so one arena, and
   * none on the heap.
   */
  private static final PooledByteBufAllocator MEMORY =
      new PooledByteBufAllocator(
          true,
          0,
          1,
          PooledByteBufAllocator.defaultPageSize(),
          CHUNK_ORDER,
          PooledByteBufAllocator.defaultSmallCacheSize(),
          PooledByteBufAllocator.defaultNormalCacheSize(),
          false);

  /**
   * Keeps the first chunk of memory alive. Netty gives an empty chunk back, so that a lone frame of
   * 1 MiB would pay for a new one each time: 1 ms instead of 0.1.
   */
  private static final ByteBuf ANCHOR = MEMORY.directBuffer(1);

  final TransportConfig config;
  final Logger logger;
  final LimitedLog limitedLog;
  final LoopThread loop;
  final PooledByteBufAllocator allocator = MEMORY;
  final MessageCodec codec = new MessageCodec();

  /** The cluster's id, or {@link Handshake#UNKNOWN_CLUSTER}. */
  private UUID clusterId = Handshake.UNKNOWN_CLUSTER;

  /** What this node says of its own address; set before the first connection is made. */
  private volatile String advertised = "";

  LocalNode(TransportConfig config, Logger logger) {
    this.config = config;
    this.logger = logger;
    limitedLog = new LimitedLog(logger, System::nanoTime);
    loop = new LoopThread("balsa-loop-" + config.nodeId(), config.uncaught());
  }

  long id() {
    return config.nodeId();
  }

  String advertised() {
    return advertised;
  }

  void advertise(InetSocketAddress listening) {
    String own = config.advertised();
    advertised = own.isEmpty() ? PeerAddress.of(config.listen(), listening.getPort()) : own;
  }

  UUID clusterId() {
    return clusterId;
  }

  void clusterId(UUID learned) {
    clusterId = learned;
  }

  /** Whether a peer that says it belongs there may belong to this node's cluster. */
  boolean acceptsCluster(UUID other) {
    return other.equals(Handshake.UNKNOWN_CLUSTER)
        || clusterId.equals(Handshake.UNKNOWN_CLUSTER)
        || other.equals(clusterId);
  }

  /** Sets a new connection up. Mutual TLS would put its handler in front here. */
  void prepare(Channel channel, Connection connection) {
    ChannelConfig options = channel.config();
    options.setOption(ChannelOption.TCP_NODELAY, true);
    options.setOption(ChannelOption.SO_KEEPALIVE, true);
    options.setAllocator(allocator);
    options.setWriteBufferWaterMark(WRITE_AHEAD);
    options.setConnectTimeoutMillis((int) config.timeouts().connect().toMillis());
    channel.pipeline().addLast(connection);
  }

  /** Runs a task on the loop once a timeout is over. */
  Future<?> after(Duration timeout, Runnable task) {
    return loop.schedule(() -> guarded(task), timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Runs a task; what it throws goes to the handler of what nobody caught. */
  void guarded(Runnable task) {
    try {
      task.run();
    } catch (Throwable thrown) {
      loop.report(thrown);
    }
  }

  /** Memory outside the heap that all transports have taken, used or not, for tests. */
  static long directBytes() {
    return MEMORY.metric().usedDirectMemory();
  }

  /** Buffers that transports have not given back, for tests, once all are closed. */
  static long buffersHeld() {
    return MEMORY.metric().directArenas().get(0).numActiveAllocations() - ANCHOR.refCnt();
  }

  /** For a future that nobody waits for, since what comes of it is seen elsewhere. */
  static void unawaited(Future<?> outcome) {
    // A future is an event here: the connection learns of failures by its own callbacks.
  }
}
