package dev.balsa.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.SocketException;
import java.util.UUID;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection, from its handshake to its end: collects bytes, cuts them into frames, and
 * notices when the other side is gone. Everything happens on the loop.
 *
 * <p>Received bytes stay in the buffers that the socket was read into until their frame is complete
 * (a chain of buffers, not one that grows), so memory is only ever taken for bytes that are there,
 * and a payload is copied once, to where the log wants it.
 */
abstract class Connection extends ChannelInboundHandlerAdapter {
  /** With more pieces than that, they are put together: many tiny reads must not cost buffers. */
  private static final int PIECES_MAX = 256;

  final LocalNode node;
  private final Channel channel;
  private @Nullable ByteBuf received;
  private UUID peerCluster = Handshake.UNKNOWN_CLUSTER;
  private boolean established;
  private @Nullable Ending ending;
  private @Nullable Future<?> handshakeTimeout;
  private int silentLooks;

  Connection(LocalNode node, Channel channel) {
    this.node = node;
    this.channel = channel;
  }

  /** Reads the other side's part of the handshake, if it is there. */
  abstract boolean readHandshake(ByteBuf in) throws ProtocolViolation;

  /** Takes a frame of a kind that only one side may send. */
  abstract void frame(byte kind, ByteBuf body, int frameBytes) throws ProtocolViolation;

  /** The connection is over; called once. */
  abstract void ended(Ending why);

  /** What else a look at an established connection does. */
  abstract void lookedAt();

  final Channel channel() {
    return channel;
  }

  final boolean established() {
    return established;
  }

  /** Closes the connection, once. */
  final void end(Ending why) {
    if (ending != null) {
      return;
    }
    ending = why;
    cancelHandshakeTimeout();
    ended(why);
    LocalNode.unawaited(channel.close());
  }

  /** The handshake is done: frames follow. */
  final void establish() {
    established = true;
    cancelHandshakeTimeout();
  }

  /**
   * A periodic look. Looks are counted and not the time between them: after a long pause of this
   * process there is one look, and then what has come in is read.
   */
  final void look() {
    if (!established || ending != null) {
      return;
    }
    silentLooks++;
    lookedAt();
    if (silentLooks > LocalNode.LOOKS_PER_IDLE_TIMEOUT) {
      end(
          Ending.network(
              "nothing heard for %d ms".formatted(node.config.timeouts().idle().toMillis())));
    }
  }

  /** The other side has shown that it lives. */
  final void heard() {
    silentLooks = 0;
  }

  final void write(ByteBuf bytes) {
    LocalNode.unawaited(channel.writeAndFlush(bytes, channel.voidPromise()));
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    handshakeTimeout =
        node.after(
            node.config.timeouts().handshake(),
            () -> {
              if (!established) {
                end(
                    Ending.violation(
                        "no handshake within %d ms"
                            .formatted(node.config.timeouts().handshake().toMillis())));
              }
            });
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (ending != null) {
      ReferenceCountUtil.release(message);
      return;
    }
    heard();
    ByteBuf in = collect((ByteBuf) message);
    received = null;
    try {
      boolean more = true;
      while (more && ending == null && in.isReadable()) {
        more = consume(in);
      }
    } catch (ProtocolViolation violation) {
      violated(violation);
    } finally {
      if (ending != null || !in.isReadable()) {
        in.release();
      } else {
        received = in instanceof CompositeByteBuf pieces ? pieces.discardReadComponents() : in;
      }
    }
  }

  /** How a broken protocol is answered; ends the connection. */
  void violated(ProtocolViolation violation) {
    end(Ending.violation(violation));
  }

  private ByteBuf collect(ByteBuf more) {
    ByteBuf before = received;
    if (before == null) {
      return more;
    }
    if (before instanceof CompositeByteBuf pieces) {
      return pieces.addComponent(true, more);
    }
    return node.allocator
        .compositeDirectBuffer(PIECES_MAX)
        .addComponent(true, before)
        .addComponent(true, more);
  }

  private boolean consume(ByteBuf in) throws ProtocolViolation {
    if (!established) {
      return readHandshake(in);
    }
    ByteBuf frame = Frame.next(in, node.config.limits().frameBytesMax());
    if (frame == null) {
      return false;
    }
    int frameBytes = Frame.HEADER_BYTES + frame.readableBytes();
    byte kind = frame.readByte();
    if (kind == Frame.CLUSTER_ID) {
      if (frame.readableBytes() != 16) {
        throw new ProtocolViolation("a cluster id of " + frame.readableBytes() + " bytes");
      }
      clusterId(Handshake.readId(frame));
    } else {
      frame(kind, frame, frameBytes);
    }
    return true;
  }

  /** The other side has told its cluster; checked against ours. */
  final void clusterId(UUID told) throws ProtocolViolation {
    if (!node.acceptsCluster(told)) {
      throw new ProtocolViolation.OtherCluster(told, node.clusterId(), node.id());
    }
    peerCluster = told;
  }

  /** This node has learned its cluster: the other side is checked again, and told. */
  final void clusterLearned() {
    if (!established || ending != null) {
      return;
    }
    try {
      clusterId(peerCluster);
      write(Frame.clusterId(node.allocator, node.clusterId()));
    } catch (ProtocolViolation otherCluster) {
      violated(otherCluster);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end(Ending.gone("the other side closed the connection"));
    ByteBuf rest = received;
    if (rest != null) {
      received = null;
      rest.release();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
    if (!(thrown instanceof IOException)) {
      node.loop.report(thrown);
    }
    String message = String.valueOf(thrown.getMessage());
    // The JDK's own exception, or the operating system's words.
    boolean reset = thrown instanceof SocketException || message.contains("reset");
    end(reset ? Ending.gone(message) : Ending.network(thrown));
  }

  private void cancelHandshakeTimeout() {
    Future<?> timeout = handshakeTimeout;
    if (timeout != null) {
      timeout.cancel(false);
      handshakeTimeout = null;
    }
  }
}
