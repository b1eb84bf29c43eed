package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads that wait for a proof that this node still leads (thesis 6.4): a quorum's answers to a
 * round of heartbeats that <i>began</i> after the read arrived. A round that is already on its way
 * proves nothing for a read that comes now, so that waits for the next; all that wait share one.
 */
final class ReadQueue {
  /** A read, the node that asks for it, and the commit index when it arrived. */
  record Read(long asker, long number, long index) {}

  private record Batch(long round, List<Read> reads) {}

  private final ArrayDeque<Batch> underway = new ArrayDeque<>();
  private List<Read> waiting = new ArrayList<>();

  ReadQueue() {}

  ReadQueue(ReadQueue from) {
    underway.addAll(from.underway);
    waiting.addAll(from.waiting);
  }

  void describe(StateSink sink, long term) {
    sink.number("underway", underway.size());
    for (Batch batch : underway) {
      sink.round("round", term, batch.round);
      describe(sink, batch.reads);
    }
    describe(sink, waiting);
  }

  private static void describe(StateSink sink, List<Read> reads) {
    sink.number("waiting", reads.size());
    for (Read read : reads) {
      sink.node("asker", read.asker);
      sink.number("number", read.number);
      sink.number("index", read.index);
    }
  }

  void add(Read read) {
    waiting.add(read);
  }

  /** Whether reads wait for a round and none is under way: it is time to begin one. */
  boolean wantsRound() {
    return !waiting.isEmpty() && underway.isEmpty();
  }

  /** A round begins now: it will prove leadership for all that wait. */
  void roundBegins(long round) {
    Invariant.check(
        underway.isEmpty() || underway.getLast().round < round, "round %s begins again", round);
    if (!waiting.isEmpty()) {
      underway.add(new Batch(round, waiting));
      waiting = new ArrayList<>();
    }
  }

  /** A quorum has answered that round, and so proved all before it. */
  List<Read> roundProved(long round) {
    List<Read> proved = new ArrayList<>();
    while (!underway.isEmpty() && underway.getFirst().round <= round) {
      proved.addAll(underway.removeFirst().reads);
    }
    return proved;
  }

  /** All reads, in order of arrival: leadership is lost. */
  List<Read> drain() {
    List<Read> reads = roundProved(Long.MAX_VALUE);
    reads.addAll(waiting);
    waiting = new ArrayList<>();
    return reads;
  }
}
