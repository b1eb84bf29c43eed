package dev.balsa.transport;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Finds the addresses of a host name. May block, so it is never called on the loop. */
@FunctionalInterface
interface HostResolver {
  /** At least one address. */
  InetAddress[] resolve(String host) throws UnknownHostException;

  /** The JVM's own, with its cache ({@code networkaddress.cache.ttl}). */
  static HostResolver system() {
    return InetAddress::getAllByName;
  }
}
