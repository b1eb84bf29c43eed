package dev.balsa.fsm;

/** What a query promises. */
public enum ReadMode {
  /**
   * It sees every transaction that was acknowledged, to anybody, before it was asked. Only the
   * leader answers, after a round of heartbeats (thesis 6.4).
   */
  LINEARIZABLE,
  /** It sees some committed state of the past, as far as this node has got. Any node answers. */
  STALE
}
