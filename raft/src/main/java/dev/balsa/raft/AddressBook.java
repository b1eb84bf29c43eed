package dev.balsa.raft;

import dev.balsa.raft.core.Configuration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the nodes of the cluster are reached, as far as configurations tell. A voter on its way out
 * is no member of the joint configuration any more, but is still needed: that tells its address as
 * well.
 */
final class AddressBook {
  private final Map<Long, String> known = new HashMap<>();

  /** Takes the addresses of a configuration; older ones are to come first. */
  void learn(Configuration configuration) {
    for (long id : configuration.nodes()) {
      String address = configuration.addressOf(id);
      if (address.isEmpty()) {
        known.remove(id); // the transport knows better
      } else {
        known.put(id, address);
      }
    }
  }

  /** The nodes of a configuration but this one, with their addresses; empty ones are not known. */
  Map<Long, String> peersIn(Configuration configuration, long self) {
    Map<Long, String> peers = new TreeMap<>();
    for (long id : configuration.nodes()) {
      if (id != self) {
        peers.put(id, known.getOrDefault(id, ""));
      }
    }
    return peers;
  }

  /** No older configuration than this one will ever be in force again. */
  void forgetAllBut(Configuration configuration) {
    known.keySet().retainAll(configuration.nodes());
  }
}
