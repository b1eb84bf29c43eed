package dev.balsa.raft;

/**
 * A node's view of who leads.
 *
 * @param role the node's own role
 * @param term its current term
 * @param leaderId node id of the leader of that term, 0 when none is known
 * @param established on a leader: whether an entry of its own term is committed, so that it may
 *     answer reads (thesis 6.4); on others false
 */
public record Leadership(Role role, long term, long leaderId, boolean established) {
  /** The state of a node that has just started. */
  public static final Leadership NONE = new Leadership(Role.FOLLOWER, 0, 0, false);

  /** Whether this node leads. */
  public boolean isLeader() {
    return role == Role.LEADER;
  }
}
