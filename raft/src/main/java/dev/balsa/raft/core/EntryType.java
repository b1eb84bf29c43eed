package dev.balsa.raft.core;

/** What an entry is for. The codes are part of the format on disk and on the wire. */
public enum EntryType {
  /**
   * The entry with which every leader starts its term (thesis 6.4). The first one of a cluster
   * carries the cluster id (16 bytes); all others are empty.
   */
  NO_OP(1),
  /** A command for the state machine. */
  COMMAND(2),
  /** A membership configuration. */
  CONFIGURATION(3);

  private final byte code;

  EntryType(int code) {
    this.code = (byte) code;
  }

  /** The byte that stands for this type. */
  public byte code() {
    return code;
  }

  /**
   * The type for a byte.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static EntryType of(byte code) {
    return switch (code) {
      case 1 -> NO_OP;
      case 2 -> COMMAND;
      case 3 -> CONFIGURATION;
      default -> throw new IllegalArgumentException("unknown entry type " + code);
    };
  }
}
