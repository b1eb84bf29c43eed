package dev.balsa.transport;

import dev.balsa.transport.Handshake.Hello;
import dev.balsa.transport.Handshake.Refusal;
import dev.balsa.transport.Handshake.Welcome;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** The receiving side of a link, or a stranger. */
final class AcceptedConnection extends Connection {
  private final Acceptor acceptor;
  private final @Nullable SocketAddress from;
  private long peer;
  private String address = "";
  private boolean pongDue;

  AcceptedConnection(LocalNode node, Channel channel, Acceptor acceptor) {
    super(node, channel);
    this.acceptor = acceptor;
    from = channel.remoteAddress(); // null if the other side has gone already
  }

  /** The peer's node id, 0 before it has said it. */
  long peer() {
    return peer;
  }

  /** Where it says that it can be dialled. */
  String address() {
    return address;
  }

  @Nullable SocketAddress from() {
    return from;
  }

  @Override
  boolean readHandshake(ByteBuf in) throws ProtocolViolation {
    Hello hello = Handshake.readHello(in);
    if (hello == null) {
      return false;
    }
    acceptor.check(hello, from);
    clusterId(hello.clusterId());
    peer = hello.sender();
    address = hello.address();
    establish();
    write(new Welcome(node.clusterId(), node.id()).encode(node.allocator));
    acceptor.established(this);
    return true;
  }

  @Override
  void frame(byte kind, ByteBuf body, int frameBytes) throws ProtocolViolation {
    switch (kind) {
      case Frame.MESSAGE -> acceptor.received(this, node.codec.decode(body), frameBytes);
      case Frame.PING -> {
        if (body.isReadable()) {
          throw new ProtocolViolation("a ping of " + body.readableBytes() + " bytes");
        }
        pongDue = true;
      }
      default -> throw new ProtocolViolation("a frame of unknown kind " + kind);
    }
  }

  /** One answer to all pings of a read; none to who does not read the answers. */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (!pongDue) {
      return;
    }
    pongDue = false;
    ChannelOutboundBuffer waiting = channel().unsafe().outboundBuffer();
    if (waiting != null && waiting.isEmpty()) {
      write(Frame.bare(node.allocator, Frame.PONG));
    }
  }

  /** A Balsa node that cannot be let in is told why; a stranger is not. */
  @Override
  void violated(ProtocolViolation violation) {
    boolean refused =
        violation instanceof Acceptor.NotWelcome
            || violation instanceof ProtocolViolation.UnknownVersion
            || violation instanceof ProtocolViolation.OtherCluster;
    if (refused && !established()) {
      write(new Refusal(String.valueOf(violation.getMessage())).encode(node.allocator));
    }
    super.violated(violation);
  }

  @Override
  void lookedAt() {}

  @Override
  void ended(Ending why) {
    acceptor.ended(this, why);
  }
}
