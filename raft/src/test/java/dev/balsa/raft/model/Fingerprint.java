package dev.balsa.raft.model;

/**
 * The hash of one part of a cluster's state (a node, a message, the history) under every renaming
 * of the nodes, and the counters in it, whose place among all others of their domain only the whole
 * cluster knows.
 *
 * @param id 128 bits that tell this part from all others exactly as it is, counters included
 * @param hashes two words for each renaming, without the counters
 * @param domains of each counter: what it is compared with
 * @param values of each counter, from -1
 * @param slots for each renaming and counter, where in the part it stands
 */
@SuppressWarnings("ArrayRecordComponent") // shared, never modified; compared by id alone
record Fingerprint(Id id, long[] hashes, int[] domains, int[] values, long[][] slots) {
  /** Domains are numbers below this: terms, and behind them senders of snapshots. */
  static final int DOMAINS = 32;

  /** Of 128 bits. */
  record Id(long high, long low) {}

  /** Spreads the bits of a word (the finalizer of MurmurHash3, by D. Stafford). */
  static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
