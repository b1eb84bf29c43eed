package dev.balsa.raft.model;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.StateSink;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What must be remembered of the past to know whether a promise is kept. Immutable.
 *
 * @param committed every entry that any node ever took for committed, from index 1
 * @param terms for each, the term of the node that first did
 * @param leaders who led in a term, until a majority is durably beyond it
 * @param votes the newest vote that a node has told anybody of, until it is durably beyond its term
 * @param reads the reads that wait for an answer
 */
record History(
    List<Entry> committed,
    List<Long> terms,
    SortedMap<Long, Integer> leaders,
    SortedMap<Integer, Vote> votes,
    SortedMap<Integer, Read> reads) {
  static final History NONE =
      new History(List.of(), List.of(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());

  /** A vote. */
  record Vote(long term, long candidate) {}

  /** A read, and what was committed when it was asked for. */
  record Read(int node, long floor) {}

  /** Takes immutable collections. */
  History {
    committed = List.copyOf(committed);
    terms = List.copyOf(terms);
  }

  History withCommitted(List<Entry> more, long term) {
    List<Entry> all = new ArrayList<>(committed);
    List<Long> allTerms = new ArrayList<>(terms);
    for (Entry entry : more) {
      all.add(entry);
      allTerms.add(term);
    }
    return new History(all, allTerms, leaders, votes, reads);
  }

  History withLeader(long term, int node) {
    SortedMap<Long, Integer> changed = new TreeMap<>(leaders);
    changed.put(term, node);
    return new History(committed, terms, changed, votes, reads);
  }

  History withoutLeader(long term) {
    SortedMap<Long, Integer> changed = new TreeMap<>(leaders);
    changed.remove(term);
    return new History(committed, terms, changed, votes, reads);
  }

  History withVote(int node, Vote vote) {
    SortedMap<Integer, Vote> changed = new TreeMap<>(votes);
    changed.put(node, vote);
    return new History(committed, terms, leaders, changed, reads);
  }

  History withoutVote(int node) {
    SortedMap<Integer, Vote> changed = new TreeMap<>(votes);
    changed.remove(node);
    return new History(committed, terms, leaders, changed, reads);
  }

  History withRead(int number, Read read) {
    SortedMap<Integer, Read> changed = new TreeMap<>(reads);
    changed.put(number, read);
    return new History(committed, terms, leaders, votes, changed);
  }

  History withoutRead(int number) {
    SortedMap<Integer, Read> changed = new TreeMap<>(reads);
    changed.remove(number);
    return new History(committed, terms, leaders, votes, changed);
  }

  History withoutReadsOf(int node) {
    SortedMap<Integer, Read> changed = new TreeMap<>(reads);
    changed.values().removeIf(read -> read.node() == node);
    return new History(committed, terms, leaders, votes, changed);
  }

  /** The newest committed configuration up to an index. */
  Configuration configurationAt(long index, Configuration initial) {
    for (int i = (int) index - 1; i >= 0; i--) {
      if (committed.get(i).type() == EntryType.CONFIGURATION) {
        return ConfigurationCodec.decode(committed.get(i).payload());
      }
    }
    return initial;
  }

  void describe(StateSink sink) {
    sink.number("committed", committed.size());
    for (int i = 0; i < committed.size(); i++) {
      Packet.describe(sink, committed.get(i));
      sink.number("in term", terms.get(i));
    }
    leaders.forEach(
        (term, node) -> {
          sink.number("led", term);
          sink.node("by", node);
        });
    votes.forEach(
        (node, vote) -> {
          sink.begin("vote");
          sink.node("of", node);
          sink.number("in", vote.term());
          sink.node("for", vote.candidate());
          sink.end();
        });
    reads.forEach(
        (number, read) -> {
          sink.number("read", number);
          sink.node("at", read.node());
          sink.number("floor", read.floor());
        });
  }
}
