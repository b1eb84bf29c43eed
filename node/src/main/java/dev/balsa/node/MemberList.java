package dev.balsa.node;

import dev.balsa.node.NodeStatus.MemberStatus;
import dev.balsa.node.NodeStatus.Progress;
import dev.balsa.raft.RaftStatus;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.PeerStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Makes the list of members out of what Raft tells. */
final class MemberList {
  private MemberList() {}

  static List<MemberStatus> of(RaftStatus status, LongFunction<@Nullable String> addresses) {
    Configuration configuration = status.configuration();
    List<MemberStatus> members = new ArrayList<>();
    for (long id : configuration.nodes()) {
      Configuration.Member member = configuration.members().get(id);
      members.add(
          new MemberStatus(
              id,
              member == null ? "none" : member.role().name().toLowerCase(Locale.ROOT),
              configuration.outgoingVoters().contains(id) && !configuration.voters().contains(id),
              addresses.apply(id),
              progress(status, id)));
    }
    return members;
  }

  private static @Nullable Progress progress(RaftStatus status, long id) {
    for (PeerStatus peer : status.peers()) {
      if (peer.id() == id) {
        return new Progress(
            peer.state(), peer.matchIndex(), peer.nextIndex(), peer.snapshotOffset());
      }
    }
    return null;
  }
}
