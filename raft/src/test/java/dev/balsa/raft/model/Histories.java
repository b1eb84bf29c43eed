package dev.balsa.raft.model;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.model.Violated.Property;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All histories that were met; and how a step changes one, if it keeps what was promised. */
final class Histories {
  private final NodeSteps steps;
  private final Symmetry symmetry;
  private final Judge judge;
  private final Configuration initial;
  private final List<History> histories = new ArrayList<>();
  private final List<Fingerprint> prints = new ArrayList<>();
  private final Map<History, Integer> numberOf = new HashMap<>();

  Histories(NodeSteps steps, Symmetry symmetry, Judge judge, Configuration initial) {
    this.initial = initial;
    this.steps = steps;
    this.judge = judge;
    this.symmetry = symmetry;
    number(History.NONE);
  }

  History history(int number) {
    return histories.get(number);
  }

  Fingerprint print(int number) {
    return prints.get(number);
  }

  int number(History history) {
    Integer known = numberOf.putIfAbsent(history, histories.size());
    if (known != null) {
      return known;
    }
    FingerprintSink sink = new FingerprintSink(symmetry, FingerprintSink.Clocks.COUNT);
    history.describe(sink);
    histories.add(history);
    prints.add(sink.take());
    return histories.size() - 1;
  }

  /**
   * The history after a step of a node.
   *
   * @param nodes numbers of the states of all nodes after it
   */
  History after(History before, ModelNode node, NodeSteps.Step step, int[] nodes) throws Violated {
    History history = learnCommitted(before, node);
    for (Happening happening : step.happenings()) {
      history = after(history, node, happening);
    }
    for (int number : step.sent()) {
      history = sent(history, node, steps.packet(number).message(), steps.packet(number).to());
    }
    history = led(history, node);
    return forget(history, node, nodes);
  }

  private History learnCommitted(History history, ModelNode node) throws Violated {
    int known = history.committed().size();
    if (node.committed <= known) {
      return history;
    }
    judge.check(
        node.baseIndex <= known,
        Property.STATE_MACHINE_SAFETY,
        node,
        " has a snapshot above what is committed, ",
        known);
    List<Entry> more = new ArrayList<>();
    for (long index = known + 1L; index <= node.committed; index++) {
      more.add(node.entry(index));
    }
    return history.withCommitted(more, node.term);
  }

  private History after(History history, ModelNode node, Happening happening) throws Violated {
    if (happening instanceof Happening.Applied applied) {
      for (Entry entry : applied.entries()) {
        checkApplied(history, node, entry);
      }
    } else if (happening instanceof Happening.Installed installed) {
      long index = installed.mark().index();
      judge.check(
          index <= history.committed().size()
              && history.committed().get((int) index - 1).term() == installed.mark().term()
              && history.configurationAt(index, initial).equals(installed.mark().configuration()),
          Property.STATE_MACHINE_SAFETY,
          "node ",
          node.id,
          " installs what is not committed: ",
          installed);
    } else if (happening instanceof Happening.ReadReady ready) {
      History.Read read = history.reads().get(ready.read());
      judge.check(
          read == null || ready.index() >= read.floor(),
          Property.LINEARIZABLE_READS,
          "node ",
          node.id,
          " answers with index ",
          ready.index(),
          " what should see all committed before: ",
          String.valueOf(read));
      return history.withoutRead(ready.read());
    } else if (happening instanceof Happening.ReadRefused refused) {
      return history.withoutRead(refused.read());
    } else if (happening instanceof Happening.Crashed) {
      return history.withoutReadsOf(node.id);
    }
    return history;
  }

  private void checkApplied(History history, ModelNode node, Entry entry) throws Violated {
    judge.check(
        entry.index() <= history.committed().size()
            && history.committed().get((int) entry.index() - 1).equals(entry),
        Property.STATE_MACHINE_SAFETY,
        "node ",
        node.id,
        " applies what is not committed there: ",
        entry);
    judge.check(
        node.disk.holds(entry),
        Property.STATE_MACHINE_SAFETY,
        "node ",
        node.id,
        " applies what is not durable there: ",
        entry);
  }

  private History sent(History history, ModelNode node, Message message, int to) throws Violated {
    long candidate;
    if (message instanceof Message.VoteRequest) {
      candidate = node.id;
    } else if (message instanceof Message.VoteResponse response && response.granted()) {
      candidate = to;
    } else {
      return history;
    }
    History.Vote before = history.votes().get(node.id);
    judge.check(
        before == null || before.term() != message.term() || before.candidate() == candidate,
        Property.ONE_VOTE_A_TERM,
        "node ",
        node.id,
        " votes for ",
        candidate,
        " in term ",
        message.term(),
        " after ",
        String.valueOf(before));
    return before != null && before.term() > message.term()
        ? history
        : history.withVote(node.id, new History.Vote(message.term(), candidate));
  }

  private History led(History history, ModelNode node) throws Violated {
    if (!node.leads()) {
      return history;
    }
    Integer known = history.leaders().get(node.term);
    judge.check(
        known == null || known == node.id,
        Property.ELECTION_SAFETY,
        "node ",
        node.id,
        " leads in term ",
        node.term,
        ", and node ",
        String.valueOf(known),
        " did");
    return known == null ? history.withLeader(node.term, node.id) : history;
  }

  /** What a sound core can't break any more need not make states differ. */
  private History forget(History before, ModelNode node, int[] nodes) {
    History history = before;
    History.Vote vote = history.votes().get(node.id);
    if (vote != null && node.disk.hardState().term() > vote.term()) {
      history = history.withoutVote(node.id);
    }
    for (long term : before.leaders().keySet()) {
      int beyond = 0;
      for (int number : nodes) {
        beyond += steps.node(number).disk.hardState().term() > term ? 1 : 0;
      }
      if (2 * beyond > nodes.length) {
        history = history.withoutLeader(term);
      }
    }
    return history;
  }
}
