package dev.balsa.node;

import dev.balsa.fsm.DatabaseStatus;
import dev.balsa.fsm.ScrubStatus;
import dev.balsa.raft.Role;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node at one moment.
 *
 * @param version of Balsa that it runs
 * @param sqlite the SQLite library that it uses
 * @param nodeId this node
 * @param clusterId the cluster's id, null until it is known
 * @param role its own
 * @param term its present term
 * @param leaderId the leader of that term, 0 if none is known
 * @param leaderAddress where peers reach it, null if none is known
 * @param ready whether the node has applied all that was committed when it first heard the leader
 * @param firstIndex first index in its log
 * @param lastIndex last index in its log
 * @param commitIndex highest index known committed
 * @param appliedIndex highest index applied to the databases
 * @param logBytes what the log occupies on disk
 * @param storageFull whether the log's disk has no room, so that nothing can be written
 * @param databases its databases, by name
 * @param scrub how far the scrub of their pages is
 * @param members the cluster's members by this node's knowledge, by ascending node id; those that
 *     are leaving it as well, while its voters change
 * @param membersCommitted whether that is settled; if not, a change is under way
 * @param peers links to its peers, by ascending node id
 * @param failure why the node has stopped, null while it runs
 */
public record NodeStatus(
    String version,
    String sqlite,
    long nodeId,
    @Nullable UUID clusterId,
    Role role,
    long term,
    long leaderId,
    @Nullable String leaderAddress,
    boolean ready,
    long firstIndex,
    long lastIndex,
    long commitIndex,
    long appliedIndex,
    long logBytes,
    boolean storageFull,
    List<DatabaseStatus> databases,
    ScrubStatus scrub,
    List<MemberStatus> members,
    boolean membersCommitted,
    List<PeerStatus> peers,
    @Nullable String failure) {

  /** Takes immutable lists. */
  public NodeStatus {
    databases = List.copyOf(databases);
    members = List.copyOf(members);
    peers = List.copyOf(peers);
  }

  /**
   * A peer, as this node sees it.
   *
   * @param nodeId the peer
   * @param address where it is dialled
   * @param sending whether the link to it is open
   * @param receiving whether the link from it is open
   * @param bytesOut bytes sent to it since the node's start
   * @param bytesIn bytes received from it since the node's start
   * @param trouble why the link to it is not open, as last seen; null while it is
   */
  public record PeerStatus(
      long nodeId,
      String address,
      boolean sending,
      boolean receiving,
      long bytesOut,
      long bytesIn,
      @Nullable String trouble) {}

  /**
   * A member of the cluster.
   *
   * @param nodeId the member
   * @param role voter, standby, spare, or none if it is leaving
   * @param outgoing whether it is losing its vote by the change that is under way
   * @param address where it is reached, as far as this node knows
   * @param progress how its log is doing; null on a node that does not lead, and for itself
   */
  public record MemberStatus(
      long nodeId,
      String role,
      boolean outgoing,
      @Nullable String address,
      @Nullable Progress progress) {}

  /**
   * What a leader knows of a member's log.
   *
   * @param state probing, replicating, snapshot or spare
   * @param matchIndex its log agrees with the leader's up to there
   * @param nextIndex the next entry that it will be sent
   * @param snapshotOffset bytes of a snapshot that it has stored, while it is sent one; else -1
   */
  public record Progress(String state, long matchIndex, long nextIndex, long snapshotOffset) {}

  /** Whether this node leads. */
  public boolean isLeader() {
    return role == Role.LEADER;
  }

  /** As a JSON object. Names are those of this record's components. */
  public String toJson() {
    return StatusText.json(this);
  }

  /** As lines for people. */
  public String toText() {
    return StatusText.text(this);
  }
}
