package dev.balsa.jepsen.cluster;

import java.io.IOException;
import java.util.Collection;
import java.util.List;

/**
 * The network between the nodes of a cluster: a link for each ordered pair of them, since each node
 * dials its peers by connections of its own. Nodes come and go. Used by one thread, but for {@link
 * #links}.
 *
 * <p>The harness reaches the application in each process whatever is cut.
 */
public interface Network extends AutoCloseable {
  /** The largest id of a node. */
  int NODE_MAX = 60;

  /**
   * The link by which a node sends to another one.
   *
   * @param from the node that dials
   * @param to the node that accepts
   */
  record Link(long from, long to) implements Comparable<Link> {
    @Override
    public int compareTo(Link other) {
      int order = Long.compare(from, other.from);
      return order != 0 ? order : Long.compare(to, other.to);
    }

    /** Whether it begins or ends at a node. */
    boolean touches(long node) {
      return from == node || to == node;
    }

    @Override
    public String toString() {
      return from + ">" + to;
    }
  }

  /**
   * Where a node lives in this network.
   *
   * @param address what it listens on for its peers, and what they dial, as HOST:PORT: the same for
   *     all, as in the log's list of members
   * @param host where its application is to serve the harness
   * @param launcher what its command line begins with; empty for nothing
   * @param jvmOptions of its process
   */
  record Site(String address, String host, List<String> launcher, List<String> jvmOptions) {
    /** Copies the lists. */
    public Site {
      launcher = List.copyOf(launcher);
      jvmOptions = List.copyOf(jvmOptions);
    }
  }

  /** The kinds of networks. */
  enum Kind {
    /** Proxies in this process: needs nothing. */
    PROXY,
    /** Network namespaces and a firewall: needs root. */
    NETNS
  }

  /** Its kind. */
  Kind kind();

  /**
   * Makes a place for a node, with links from and to all that are there. They are whole.
   *
   * @param node 1 to {@value #NODE_MAX}
   * @param port where it is to listen
   */
  Site add(long node, int port) throws IOException;

  /** Takes a node's place away; its process has ended. */
  void remove(long node) throws IOException;

  /** All links, in order. */
  List<Link> links();

  /** Cuts links. When this returns, nothing passes on them any more. */
  void cut(Collection<Link> links, Cut how) throws IOException;

  /**
   * Makes links lose what is sent, by chance.
   *
   * @param percent of the packets, or of what the implementation has instead
   * @param seed of the chance, where the implementation decides itself
   * @return what that does, for the history
   */
  String lose(Collection<Link> links, int percent, long seed) throws IOException;

  /** Whether {@link #delay} can be done. */
  boolean canDelay();

  /**
   * Delays what is sent on links.
   *
   * @param millis at least
   * @param jitterMillis at most so much more
   * @param seed of the jitter
   */
  void delay(Collection<Link> links, int millis, int jitterMillis, long seed) throws IOException;

  /**
   * Ends what {@link #lose} and {@link #delay} do on links; those that are gone are passed over.
   */
  void calm(Collection<Link> links) throws IOException;

  /** Ends the cutting of links; those that are gone are passed over. */
  void heal(Collection<Link> links) throws IOException;

  /** Ends the cutting of all links. */
  default void heal() throws IOException {
    heal(links());
  }

  /** Cuts a node off from all others, in both directions. */
  default void isolate(long node, Cut how) throws IOException {
    cut(links().stream().filter(link -> link.touches(node)).toList(), how);
  }

  @Override
  void close() throws IOException;
}
