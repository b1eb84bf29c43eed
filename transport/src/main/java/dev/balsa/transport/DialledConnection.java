package dev.balsa.transport;

import dev.balsa.transport.Handshake.Answer;
import dev.balsa.transport.Handshake.Hello;
import dev.balsa.transport.Handshake.Refusal;
import dev.balsa.transport.Handshake.Welcome;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.UUID;

/** The sending side of a link. It pings; all it hears are the answers. */
final class DialledConnection extends Connection {
  private final PeerLink link;
  private UUID toldCluster = Handshake.UNKNOWN_CLUSTER;
  private long lastMessagesOut;
  private long lastProgress;

  DialledConnection(LocalNode node, Channel channel, PeerLink link) {
    super(node, channel);
    this.link = link;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    super.channelActive(context);
    toldCluster = node.clusterId();
    write(new Hello(toldCluster, node.id(), link.peer(), node.advertised()).encode(node.allocator));
  }

  @Override
  boolean readHandshake(ByteBuf in) throws ProtocolViolation {
    Answer answer = Handshake.readAnswer(in);
    if (answer == null) {
      return false;
    }
    if (answer instanceof Refusal refusal) {
      end(Ending.refused(refusal.reason()));
    } else if (answer instanceof Welcome welcome) {
      if (welcome.node() != link.peer()) {
        throw new ProtocolViolation(
            "it is node %d; is the address right?".formatted(welcome.node()));
      }
      clusterId(welcome.clusterId());
      establish();
      if (!toldCluster.equals(node.clusterId())) {
        write(Frame.clusterId(node.allocator, node.clusterId()));
      }
      link.opened(this);
    }
    return true;
  }

  @Override
  void frame(byte kind, ByteBuf body, int frameBytes) throws ProtocolViolation {
    if (kind != Frame.PONG || body.isReadable()) {
      throw new ProtocolViolation("a frame of kind " + kind + " in answer");
    }
  }

  /**
   * While much is waiting, a ping would wait behind it, and its answer would be late. What shows
   * then that the other side lives is that it takes bytes.
   */
  @Override
  void lookedAt() {
    ChannelOutboundBuffer waiting = channel().unsafe().outboundBuffer();
    if (waiting == null) {
      return;
    }
    long progress = waiting.currentProgress();
    long messagesOut = link.messagesOut();
    if (!waiting.isEmpty() && (progress != lastProgress || messagesOut != lastMessagesOut)) {
      heard();
    }
    lastProgress = progress;
    lastMessagesOut = messagesOut;
    if (channel().isWritable()) {
      write(Frame.bare(node.allocator, Frame.PING));
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    link.flushSoon();
  }

  @Override
  void ended(Ending why) {
    link.ended(this, why);
  }
}
