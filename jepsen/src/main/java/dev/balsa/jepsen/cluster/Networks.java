package dev.balsa.jepsen.cluster;

import java.util.Optional;

/** What kinds of networks there can be. */
public final class Networks {
  private Networks() {}

  /**
   * Whether this machine can have networks of {@link Network.Kind#NETNS}: found out by making one.
   *
   * @return why not
   */
  public static Optional<String> missingNamespaces() {
    return NamespaceNetwork.missing();
  }
}
