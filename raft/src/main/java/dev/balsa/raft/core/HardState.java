package dev.balsa.raft.core;

/**
 * What a node must never forget (thesis figure 3.1), and the commit index as a hint.
 *
 * @param term the current term, 0 before the first
 * @param votedFor node id that got this node's vote in that term, 0 for none
 * @param committed the highest index known committed when this was written: a lower bound that
 *     spares a restarted node waiting, never needed for safety
 */
public record HardState(long term, long votedFor, long committed) {
  /** The state of a node that has never run. */
  public static final HardState INITIAL = new HardState(0, 0, 0);

  /** Checks the bounds. */
  public HardState {
    if (term < 0 || votedFor < 0 || committed < 0) {
      throw new IllegalArgumentException(
          "term " + term + ", vote " + votedFor + ", committed " + committed);
    }
  }
}
