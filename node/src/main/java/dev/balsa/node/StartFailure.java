package dev.balsa.node;

/**
 * Why a node did not start. The exit code is that of {@code balsa node}; the codes are part of the
 * command's documented interface and never change their meaning.
 */
public enum StartFailure {
  /** A setting is missing, malformed or contradicts another. */
  BAD_CONFIGURATION(10),
  /** Another node runs on the data folder. */
  FOLDER_IN_USE(11),
  /** The data folder cannot be made, read or written. */
  FOLDER_NOT_USABLE(12),
  /** An address is taken, or is none of this machine. */
  ADDRESS_NOT_USABLE(13),
  /** The log is of a format version that this version of Balsa does not know. */
  UNKNOWN_LOG_FORMAT(14),
  /** The log is damaged, or belongs to another node. */
  LOG_NOT_USABLE(15),
  /** The SQLite library is missing, too old, or lacks what is needed. */
  SQLITE_NOT_USABLE(16),
  /** A peer speaks a protocol version that this version of Balsa does not know. */
  UNKNOWN_PEER_FORMAT(17),
  /** Recovery of the databases failed. */
  RECOVERY_FAILED(18);

  private final int exitCode;

  StartFailure(int exitCode) {
    this.exitCode = exitCode;
  }

  /** The exit code of a process whose node failed to start for this reason. */
  public int exitCode() {
    return exitCode;
  }
}
