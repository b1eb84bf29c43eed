package dev.balsa.raft.sim;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What Raft promises (thesis figure 3.2), checked on the whole cluster after every step of any
 * node, from outside: from what is on the disks, what is applied and what is answered.
 */
public final class ClusterInvariants {
  private final Map<Long, SimNode> nodes = new TreeMap<>();
  private final Map<Long, Long> leaderOfTerm = new HashMap<>();
  private final Map<Long, Map<Long, Long>> votesOfTerm = new HashMap<>();
  private final Map<Long, Long> readFloors = new HashMap<>();

  /** What is committed, from index 1, and the term in which that was first known. */
  private final List<Entry> committed = new ArrayList<>();

  private final List<Long> committedInTerm = new ArrayList<>();

  /** Watches a node. */
  void add(SimNode node) {
    nodes.put(node.id(), node);
  }

  /** Everything that was ever committed, in order. */
  public List<Entry> committed() {
    return committed;
  }

  /** A read is asked for: what is committed now, it must see. */
  void readRequested(long read) {
    readFloors.put(read, (long) committed.size());
  }

  /** One vote a term, whatever the voter has been through since. */
  void sent(long from, Send send) {
    if (send.message() instanceof VoteResponse vote && vote.granted()) {
      Map<Long, Long> votes = votesOfTerm.computeIfAbsent(vote.term(), term -> new HashMap<>());
      Long other = votes.putIfAbsent(from, send.to());
      Invariant.check(
          other == null || other == send.to(),
          "node %s votes in term %s for %s and for %s",
          from,
          vote.term(),
          other,
          send.to());
    }
    if (send.message() instanceof VoteRequest request) {
      long other =
          votesOfTerm
              .computeIfAbsent(request.term(), term -> new HashMap<>())
              .merge(from, from, (before, now) -> before);
      Invariant.check(
          other == from,
          "node %s stands in term %s and has voted for %s",
          from,
          request.term(),
          other);
    }
  }

  /** Election safety and leader completeness. */
  void leadershipChanged(SimNode node, Leadership leadership) {
    if (leadership.role() != Role.LEADER) {
      return;
    }
    Long other = leaderOfTerm.putIfAbsent(leadership.term(), node.id());
    Invariant.check(
        other == null || other == node.id(),
        "nodes %s and %s both lead in term %s",
        other,
        node.id(),
        leadership.term());
    for (int i = 0; i < committed.size(); i++) {
      Entry entry = committed.get(i);
      Invariant.check(
          committedInTerm.get(i) >= leadership.term()
              || (entry.index() <= node.raft().lastIndex()
                  && node.raft().termAt(entry.index()) == entry.term()),
          "node %s leads in term %s without the committed %s",
          node.id(),
          leadership.term(),
          entry);
    }
  }

  /** State machine safety: nothing is applied that is not committed, and on no two nodes other. */
  void applied(SimNode node, List<Entry> entries) {
    learnCommitted(node);
    for (Entry entry : entries) {
      Invariant.check(
          entry.index() <= committed.size() && committed.get((int) entry.index() - 1).equals(entry),
          "node %s applies %s, which is not what is committed there",
          node.id(),
          entry);
      List<Entry> durable = node.disk().durableEntries();
      Invariant.check(
          entry.index() <= durable.size() && durable.get((int) entry.index() - 1).equals(entry),
          "node %s applies %s, which is not on its disk",
          node.id(),
          entry);
    }
  }

  /** Reads are linearizable. */
  void answered(SimNode node, Effect effect) {
    if (effect instanceof Effect.ReadReady ready) {
      long floor = Objects.requireNonNull(readFloors.get(ready.read()));
      Invariant.check(
          ready.index() >= floor,
          "node %s answers a read at %s; committed before it came was %s",
          node.id(),
          ready.index(),
          floor);
    }
  }

  /** Called after every step. */
  void check(SimNode node) {
    learnCommitted(node);
    long known = node.raft().committedIndex();
    for (long index = 1; index <= known; index++) {
      Invariant.check(
          node.raft().termAt(index) == committed.get((int) index - 1).term(),
          "node %s holds another entry than the committed one at %s",
          node.id(),
          index);
    }
  }

  /** What a node knows committed and nobody did before must be on the disks of a quorum. */
  private void learnCommitted(SimNode node) {
    long known = node.raft().committedIndex();
    if (known <= committed.size()) {
      return;
    }
    List<Entry> image = imageWithUnwritten(node);
    for (long index = committed.size() + 1L; index <= known; index++) {
      Entry entry = image.get((int) index - 1);
      long holders = nodes.values().stream().filter(other -> holds(other, entry)).count();
      Invariant.check(
          2 * holders > nodes.size(),
          "node %s takes %s for committed, which only %s of %s disks hold",
          node.id(),
          entry,
          holders,
          nodes.size());
      committed.add(entry);
      committedInTerm.add(node.leadership().term());
    }
  }

  /**
   * The log in the core's memory; a step's new entries are not on the disk before it ends, but then
   * another node has committed them and they are in its image.
   */
  private List<Entry> imageWithUnwritten(SimNode node) {
    List<Entry> image = node.disk().image();
    long known = node.raft().committedIndex();
    if (image.size() >= known) {
      return image;
    }
    for (SimNode other : nodes.values()) {
      List<Entry> candidate = other.disk().image();
      if (candidate.size() >= known
          && candidate.get((int) known - 1).term() == node.raft().termAt(known)) {
        return candidate;
      }
    }
    throw new AssertionError("nobody holds entry " + known);
  }

  private static boolean holds(SimNode node, Entry entry) {
    List<Entry> durable = node.disk().durableEntries();
    return entry.index() <= durable.size() && durable.get((int) entry.index() - 1).equals(entry);
  }

  /** Log matching: where two logs have an entry of one term at one index, all before are alike. */
  public void checkLogMatching() {
    List<List<Entry>> logs = nodes.values().stream().map(node -> node.disk().image()).toList();
    for (int a = 0; a < logs.size(); a++) {
      for (int b = a + 1; b < logs.size(); b++) {
        checkMatching(logs.get(a), logs.get(b));
      }
    }
  }

  private static void checkMatching(List<Entry> one, List<Entry> other) {
    boolean matched = false;
    for (int i = Math.min(one.size(), other.size()) - 1; i >= 0; i--) {
      matched |= one.get(i).term() == other.get(i).term();
      Invariant.check(
          !matched || one.get(i).equals(other.get(i)),
          "logs differ before a match: %s and %s",
          one.get(i),
          other.get(i));
    }
  }
}
