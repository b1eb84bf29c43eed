package dev.balsa.raft.sim;

import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import java.nio.ByteBuffer;

/** A proposal is where its proposer was told that it is. */
final class ProposalsKeepTheirPlace extends Check {
  @Override
  void placed(Server server, Effect.ProposalAppended placed) {
    ServerLog log = server.disk().image();
    if (placed.index() <= log.base().index() || !server.isLeader()) {
      return;
    }
    require(
        log.reaches(placed.index()) && log.termAt(placed.index()) == placed.term(),
        "server %s says that proposal %s is at %s/%s",
        server.id(),
        placed.proposal(),
        placed.index(),
        placed.term());
    Entry entry = log.at(placed.index());
    require(
        entry.type() != EntryType.COMMAND
            || ByteBuffer.wrap(entry.payload()).getLong() == placed.proposal(),
        "server %s says that %s is proposal %s",
        server.id(),
        entry,
        placed.proposal());
  }
}
