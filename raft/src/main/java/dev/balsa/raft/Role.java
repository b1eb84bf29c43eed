package dev.balsa.raft;

/** What a node is in its current term (thesis 3.3; pre-candidate: 9.6). */
public enum Role {
  /** Follows a leader, or waits for one. */
  FOLLOWER,
  /** Asks whether it could win an election, without disturbing anybody. */
  PRE_CANDIDATE,
  /** Asks for votes in a new term. */
  CANDIDATE,
  /** Leads its term. */
  LEADER
}
