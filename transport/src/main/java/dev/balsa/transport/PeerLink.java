package dev.balsa.transport;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Message;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What this node sends to one peer: a bounded queue, and a connection that is made again whenever
 * it is lost. On the loop, but for the counters.
 *
 * <pre>
 *            start                 address             connected, welcomed
 *   Stopped ──────▶ Resolving ──────────────▶ Dialling ───────────────────▶ Open
 *                       ▲                        │ failed, refused           │ lost
 *                       └──────── Waiting ◀──────┴───────────────────────────┘
 * </pre>
 */
final class PeerLink {
  private sealed interface State {}

  private record Stopped() implements State {}

  private record Waiting(Future<?> retry) implements State {}

  private record Resolving(InetSocketAddress address) implements State {}

  private record Dialling(DialledConnection connection) implements State {}

  private record Open(DialledConnection connection, long sinceNanos) implements State {}

  /** A message that waits; its bytes count until the kernel has them. */
  private record Queued(Message message, long bytes) {}

  /** What becomes of a frame that was given to the channel. */
  private final class Written implements ChannelFutureListener {
    private final long queuedBytes;
    private final int frameBytes;

    Written(long queuedBytes, int frameBytes) {
      this.queuedBytes = queuedBytes;
      this.frameBytes = frameBytes;
    }

    @Override
    public void operationComplete(ChannelFuture write) {
      if (write.isSuccess()) {
        counters.messagesOut.add(1);
        counters.bytesOut.add(frameBytes);
        counters.queuedBytes.add(-queuedBytes);
      } else {
        lost(queuedBytes);
      }
    }
  }

  private final LocalNode node;
  private final long peer;
  private final HostResolver resolver;
  private final Executor resolving;
  private final LinkCounters counters = new LinkCounters();
  private final ArrayDeque<Queued> queue = new ArrayDeque<>();
  private InetSocketAddress address;
  private State state = new Stopped();
  private boolean flushDue;
  private int failures;

  /** Of a name with several addresses the next is tried whenever one has failed. */
  private int addressTurn;

  /** What has been logged since the peer was last reached. */
  private final Set<Ending.Cause> told = EnumSet.noneOf(Ending.Cause.class);

  PeerLink(
      LocalNode node,
      long peer,
      InetSocketAddress address,
      HostResolver resolver,
      Executor resolving) {
    this.node = node;
    this.peer = peer;
    this.address = address;
    this.resolver = resolver;
    this.resolving = resolving;
  }

  long peer() {
    return peer;
  }

  LinkCounters counters() {
    return counters;
  }

  long messagesOut() {
    return counters.messagesOut.get();
  }

  /** Begins to dial, if it has not. */
  void start() {
    if (state instanceof Stopped) {
      dialFrom(state);
    }
  }

  /** Dials another address from now on. */
  void moveTo(InetSocketAddress other) {
    if (other.equals(address)) {
      return;
    }
    address = other;
    State before = state;
    if (before instanceof Stopped) {
      return;
    }
    state = new Stopped();
    discard(before, "its address has changed");
    dialFrom(state);
  }

  /** The peer has just connected to this node, so it can be reached: no more waiting. */
  void peerIsThere() {
    if (state instanceof Waiting) {
      dialFrom(state);
    }
  }

  /** Sends a message, or drops it. */
  void send(Message message) {
    long bytes = MessageCodec.frameBytes(message);
    Invariant.check(
        bytes <= node.config.limits().frameBytesMax() && MessageCodec.entries(message),
        "a message of %s bytes to node %s is above the limits of the transport",
        bytes,
        peer);
    if (!(state instanceof Open)) {
      counters.droppedUnreachable.add(1);
      return;
    }
    long queued = counters.queuedBytes.get();
    if (queued > 0 && queued + bytes > node.config.limits().queueBytesMax()) {
      counters.droppedQueueFull.add(1);
      return;
    }
    queue.add(new Queued(message, bytes));
    counters.queuedBytes.add(bytes);
    flushSoon();
  }

  /** Writes what is queued at the end of this turn of the loop, all at once. */
  void flushSoon() {
    if (!flushDue) {
      flushDue = true;
      node.loop.execute(this::flush);
    }
  }

  private void flush() {
    flushDue = false;
    if (!(state instanceof Open open)) {
      return;
    }
    Channel channel = open.connection().channel();
    boolean written = false;
    while (channel.isWritable()) {
      Queued next = queue.poll();
      if (next == null) {
        break;
      }
      ByteBuf frame;
      try {
        frame = node.codec.encode(next.message(), node.allocator);
      } catch (Throwable defect) {
        lost(next.bytes());
        node.loop.report(defect);
        continue;
      }
      Written then = new Written(next.bytes(), frame.readableBytes());
      LocalNode.unawaited(channel.write(frame).addListener(then));
      written = true;
    }
    if (written) {
      channel.flush();
    }
  }

  /** A periodic look at the connection. */
  void look() {
    if (state instanceof Open open) {
      open.connection().look();
    }
  }

  /** This node has learned its cluster's id. */
  void clusterLearned() {
    if (state instanceof Open open) {
      open.connection().clusterLearned();
    }
  }

  /** Stops for good. */
  void close() {
    State before = state;
    state = new Stopped();
    discard(before, "this node stops");
  }

  private void discard(State before, String why) {
    if (before instanceof Waiting waiting) {
      waiting.retry().cancel(false);
    } else if (before instanceof Dialling dialling) {
      dialling.connection().end(Ending.closedHere(why));
    } else if (before instanceof Open open) {
      open.connection().end(Ending.closedHere(why));
      down();
    }
  }

  private void dialFrom(State before) {
    if (before instanceof Waiting waiting) {
      waiting.retry().cancel(false);
    }
    InetSocketAddress target = address;
    String host = target.getHostString();
    InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
    if (literal != null) {
      dial(new InetSocketAddress(literal, target.getPort()));
      return;
    }
    Resolving now = new Resolving(target);
    state = now;
    resolving.execute(() -> resolve(now));
  }

  /** On a thread of its own: name services can take seconds to answer. */
  private void resolve(Resolving asked) {
    String host = asked.address().getHostString();
    Runnable then;
    try {
      InetAddress[] found = resolver.resolve(host);
      then = () -> resolved(asked, found);
    } catch (UnknownHostException unknown) {
      then = () -> unresolved(asked, "unknown host " + host);
    } catch (RuntimeException failed) {
      then = () -> unresolved(asked, "cannot resolve " + host + ": " + failed);
    }
    try {
      node.loop.execute(then);
    } catch (RejectedExecutionException closed) {
      node.logger.debug("{} was resolved after the transport was closed", host);
    }
  }

  private void resolved(Resolving asked, InetAddress[] found) {
    if (state == asked) {
      InetAddress next = found[Math.floorMod(addressTurn, found.length)];
      dial(new InetSocketAddress(next, asked.address().getPort()));
    }
  }

  private void unresolved(Resolving asked, String why) {
    if (state == asked) {
      failed(Ending.network(why));
    }
  }

  private void dial(InetSocketAddress target) {
    NioSocketChannel channel;
    try {
      channel = new NioSocketChannel();
    } catch (ChannelException noSocket) {
      failed(Ending.network(noSocket));
      return;
    }
    DialledConnection connection = new DialledConnection(node, channel, this);
    node.prepare(channel, connection);
    state = new Dialling(connection);
    LocalNode.unawaited(
        node.loop
            .register(channel)
            .addListener(registered -> connect(connection, registered, target)));
  }

  private static void connect(
      DialledConnection connection,
      io.netty.util.concurrent.Future<?> registered,
      InetSocketAddress target) {
    Throwable failure = registered.cause();
    if (failure != null) {
      connection.end(Ending.network(failure));
      return;
    }
    LocalNode.unawaited(
        connection
            .channel()
            .connect(target)
            .addListener(
                connected -> {
                  if (!connected.isSuccess()) {
                    connection.end(Ending.network(connected.cause()));
                  }
                }));
  }

  /** The peer has welcomed this node. */
  void opened(DialledConnection connection) {
    Invariant.check(
        state instanceof Dialling dialling && dialling.connection() == connection,
        "opened a link to node %s while %s",
        peer,
        state);
    state = new Open(connection, System.nanoTime());
    counters.connects.add(1);
    counters.sending.add(1);
    if (told.isEmpty()) {
      node.logger.info("connected to node {} at {}", peer, name());
    } else {
      node.logger.info("node {} at {} is reachable again", peer, name());
    }
    told.clear();
    counters.trouble = null;
  }

  /** A connection of this link is over. */
  void ended(DialledConnection connection, Ending why) {
    if (state instanceof Dialling dialling && dialling.connection() == connection) {
      failed(why);
    } else if (state instanceof Open open && open.connection() == connection) {
      node.logger.warn("lost the connection to node {} at {}: {}", peer, name(), why.text());
      told.add(Ending.Cause.NETWORK);
      counters.trouble = why;
      down();
      long openNanos = System.nanoTime() - open.sinceNanos();
      if (openNanos >= node.config.timeouts().backoffMax().toNanos()) {
        failures = 0; // it held: this is no peer that lets us in only to throw us out
      }
      retry();
    }
  }

  private void failed(Ending why) {
    counters.trouble = why;
    addressTurn++;
    boolean gone = why.cause() == Ending.Cause.GONE; // told as the network's doing
    if (told.add(gone ? Ending.Cause.NETWORK : why.cause())) {
      node.logger.warn("cannot reach node {} at {}: {}", peer, name(), why.text());
    }
    retry();
  }

  private void retry() {
    Duration wait = Backoff.wait(node.config.timeouts(), failures, ThreadLocalRandom.current());
    failures++;
    state = new Waiting(node.after(wait, () -> dialFrom(new Stopped())));
  }

  private void down() {
    counters.sending.add(-1);
    for (Queued waiting = queue.poll(); waiting != null; waiting = queue.poll()) {
      lost(waiting.bytes());
    }
  }

  private void lost(long queuedBytes) {
    counters.droppedUnreachable.add(1);
    counters.queuedBytes.add(-queuedBytes);
  }

  private String name() {
    return address.getHostString() + ":" + address.getPort();
  }
}
