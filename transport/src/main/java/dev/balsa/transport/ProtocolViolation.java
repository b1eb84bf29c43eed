package dev.balsa.transport;

import java.util.UUID;

/**
 * A peer, or whoever is on the other side, sent what the protocol does not allow. Its connection is
 * closed. Without a stack trace: a stranger must not be able to make us pay for one.
 */
class ProtocolViolation extends Exception {
  private static final long serialVersionUID = 1L;

  ProtocolViolation(String message) {
    super(message, null, false, false);
  }

  /** The other side speaks a version of the protocol that this one does not. */
  static final class UnknownVersion extends ProtocolViolation {
    private static final long serialVersionUID = 1L;

    UnknownVersion(int found) {
      super(
          "unknown protocol version %d (this node speaks version %d)"
              .formatted(found, Handshake.VERSION));
    }
  }

  /** The other side belongs to another cluster. */
  static final class OtherCluster extends ProtocolViolation {
    private static final long serialVersionUID = 1L;

    OtherCluster(UUID theirs, UUID ours, long ourId) {
      super("cluster %s is not cluster %s of node %d".formatted(theirs, ours, ourId));
    }
  }
}
