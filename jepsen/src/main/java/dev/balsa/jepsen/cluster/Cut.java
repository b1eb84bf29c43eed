package dev.balsa.jepsen.cluster;

/** What becomes of the bytes on a link that is cut. */
public enum Cut {
  /** Connections are reset, and new ones too: both sides notice at once. */
  RESET,
  /** Connections stay, and what is sent on them is lost: nobody is told. */
  SWALLOW,
  /**
   * Connections stay, and what is sent on them arrives after the healing: as in a network that
   * drops packets, where TCP sends them again. Old messages reach a cluster that has moved on.
   */
  HOLD
}
