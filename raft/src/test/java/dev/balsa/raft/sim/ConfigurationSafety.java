package dev.balsa.raft.sim;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import java.util.ArrayList;
import java.util.List;

/**
 * Each configuration's majorities have a server in common with each of the one before it, and none
 * is added before that is committed (thesis 4.1, 4.3).
 */
final class ConfigurationSafety extends Check {
  private record Added(long before, Entry entry) {}

  private final Life life;
  private final List<Added> added = new ArrayList<>();

  ConfigurationSafety(Life life) {
    this.life = life;
  }

  @Override
  void appended(Server server, Entry entry, long chain) {
    if (entry.type() != EntryType.CONFIGURATION) {
      return;
    }
    Configuration configuration = ConfigurationCodec.decode(entry.payload());
    Configuration before = server.disk().configurationAt(entry.index() - 1);
    if (!before.members().isEmpty()) { // else it joins, and has not seen the first ones
      require(
          !Majorities.canBeDisjoint(before, configuration),
          "server %s: %s follows %s at %s; each can decide without the other",
          server.id(),
          configuration,
          before,
          entry.index());
    }
    if (server.isLeader() && server.leadership().term() == entry.term()) {
      added.add(new Added(server.disk().configurationIndexAt(entry.index() - 1), entry));
    }
  }

  @Override
  void stepped(Server server) {
    for (Added each : added) { // the same step may have committed the one before
      requireCommitted(server, each.before, each.entry);
    }
    added.clear();
  }

  private void requireCommitted(Server server, long before, Entry entry) {
    Ledger ledger = life.ledger();
    ServerLog log = server.disk().image();
    require(
        before == 0
            || (before <= ledger.top()
                && (!ledger.knows(before) || ledger.chainAt(before) == log.chainAt(before))),
        "server %s adds a configuration at %s, and the one before, at %s, is not committed",
        server.id(),
        entry.index(),
        before);
  }
}
