package dev.balsa.raft.core;

/**
 * What a member of the cluster takes part in. The codes are part of the format on disk and wire.
 */
public enum MemberRole {
  /** Has the log, and votes: counts in elections, commitment and confirmation of reads. */
  VOTER(1),
  /** Has the log and does not vote (thesis 4.2.1): reads from it, or is about to become a voter. */
  STANDBY(2),
  /** Has no log: hears only heartbeats and configurations, and can be made one of the others. */
  SPARE(3);

  private final byte code;

  MemberRole(int code) {
    this.code = (byte) code;
  }

  /** The byte that stands for this role. */
  public byte code() {
    return code;
  }

  /** Whether the leader sends the log to such a member. */
  public boolean hasLog() {
    return this != SPARE;
  }

  /**
   * The role for a byte.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static MemberRole of(byte code) {
    return switch (code) {
      case 1 -> VOTER;
      case 2 -> STANDBY;
      case 3 -> SPARE;
      default -> throw new IllegalArgumentException("unknown member role " + code);
    };
  }
}
