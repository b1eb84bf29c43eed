package dev.balsa.raft.sim;

import dev.balsa.raft.core.Entry;

/** What a state machine is given is on its own server's disk, so that a restart finds it. */
final class AppliedIsDurable extends Check {
  @Override
  void handedOver(Server server, long before, Entry entry, long chain) {
    ServerLog durable = server.disk().durable();
    require(
        entry.index() < durable.base().index()
            || (durable.reaches(entry.index()) && durable.chainAt(entry.index()) == chain),
        "server %s is given %s, which its disk may forget",
        server.id(),
        entry);
  }
}
