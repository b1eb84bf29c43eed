package dev.balsa.transport;

import dev.balsa.raft.core.Configuration;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A node's address as text, as it stands in a configuration of the cluster and in a hello: {@code
 * host:port}, {@code [ipv6]:port}, or, in a hello, {@code :port} for the host that the connection
 * comes from.
 */
final class PeerAddress {
  private PeerAddress() {}

  /**
   * The address for a text.
   *
   * @throws IllegalArgumentException if it is none
   */
  static InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 1 ? "" : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      host = "";
    }
    int port = port(text.substring(colon + 1));
    if (host.isEmpty() || text.length() > Configuration.ADDRESS_CHARS_MAX || port < 1) {
      throw new IllegalArgumentException("'" + text + "' is not HOST:PORT");
    }
    return InetSocketAddress.createUnresolved(host, port);
  }

  /**
   * The address that a hello tells.
   *
   * @param from where the connection comes from
   * @throws IllegalArgumentException if it is none
   */
  static InetSocketAddress told(String text, @Nullable SocketAddress from) {
    if (text.startsWith(":") && from instanceof InetSocketAddress ip) {
      return parse(text(ip.getAddress().getHostAddress(), port(text.substring(1))));
    }
    return parse(text);
  }

  /** How a node names itself that listens there. */
  static String of(InetSocketAddress listen, int port) {
    InetAddress literal = NetUtil.createInetAddressFromIpAddressString(listen.getHostString());
    InetAddress address = literal != null ? literal : listen.getAddress();
    boolean anywhere = address != null && address.isAnyLocalAddress();
    return anywhere ? ":" + port : text(listen.getHostString(), port);
  }

  private static String text(String host, int port) {
    int zone = host.indexOf('%'); // of an IPv6 address: means nothing to others
    String bare = zone < 0 ? host : host.substring(0, zone);
    return (bare.indexOf(':') < 0 ? bare : "[" + bare + "]") + ":" + port;
  }

  private static int port(String text) {
    boolean digits = !text.isEmpty() && text.length() <= 5;
    for (int i = 0; digits && i < text.length(); i++) {
      digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    int port = digits ? Integer.parseInt(text) : -1;
    return port <= 65535 ? port : -1;
  }
}
