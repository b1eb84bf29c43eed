package dev.balsa.node;

import java.net.InetSocketAddress;

/**
 * Where a node listens: a host name or IP address, and a TCP port.
 *
 * @param host a name, an IPv4 address, or an IPv6 address without brackets
 * @param port 0 to 65535; 0 means any free port, where that makes sense
 */
public record NodeAddress(String host, int port) {

  /** Checks the bounds. */
  public NodeAddress {
    if (host.isBlank()) {
      throw new IllegalArgumentException("an address needs a host");
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException(port + " is no TCP port");
    }
  }

  /**
   * Reads {@code host:port}, or {@code [ipv6]:port}.
   *
   * @throws IllegalArgumentException with a sentence that shows the text
   */
  public static NodeAddress parse(String text) {
    String trimmed = text.trim();
    int colon = trimmed.lastIndexOf(':');
    if (colon < 1 || colon == trimmed.length() - 1) {
      throw notAnAddress(text);
    }
    String host = trimmed.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw notAnAddress(text);
    }
    try {
      return new NodeAddress(host, Integer.parseInt(trimmed.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      throw notAnAddress(text);
    }
  }

  /** Looks the host up. The result is unresolved if it is not known. */
  public InetSocketAddress resolve() {
    return new InetSocketAddress(host, port);
  }

  /** The form that {@link #parse} reads. */
  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }

  private static IllegalArgumentException notAnAddress(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is not an address: HOST:PORT is wanted, such as 127.0.0.1:7001");
  }
}
