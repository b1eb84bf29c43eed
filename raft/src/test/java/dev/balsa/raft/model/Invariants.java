package dev.balsa.raft.model;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.model.Violated.Property;
import java.util.Set;

/** What Raft promises (thesis figure 3.2), checked on every state of the cluster. */
final class Invariants {
  private final NodeSteps steps;
  private final Histories histories;
  private final Bounds bounds;
  private final Judge judge;

  Invariants(NodeSteps steps, Histories histories, Bounds bounds, Judge judge) {
    this.steps = steps;
    this.judge = judge;
    this.histories = histories;
    this.bounds = bounds;
  }

  void check(ClusterState state) throws Violated {
    int size = bounds.nodes();
    ModelNode[] nodes = new ModelNode[size];
    for (int i = 0; i < size; i++) {
      nodes[i] = steps.node(state.node(i));
    }
    History history = histories.history(state.history());
    for (int i = 0; i < size; i++) {
      for (int j = i + 1; j < size; j++) {
        judge.check(
            !nodes[i].leads() || !nodes[j].leads() || nodes[i].term != nodes[j].term,
            Property.ELECTION_SAFETY,
            nodes[i],
            " and ",
            nodes[j]);
        logMatching(nodes[i], nodes[j]);
      }
      judge.check(
          nodes[i].hasConfigurationOfItsLog,
          Property.CONFIGURATION_OF_THE_LOG,
          nodes[i].raft.configuration(),
          " is in force on ",
          nodes[i]);
      committedIsThere(nodes[i], history);
      leaderCompleteness(nodes[i], history);
    }
    durableOnAQuorum(nodes, history);
    for (int i = 0; i < state.messages(); i++) {
      Packet packet = steps.packet(state.message(i));
      promiseIsDurable(nodes[packet.from() - 1], packet);
    }
  }

  /** Where two logs have an entry of one term at one index, all before are alike. */
  private void logMatching(ModelNode one, ModelNode other) throws Violated {
    boolean matched = false;
    long above = Math.max(one.baseIndex, other.baseIndex);
    for (long index = Math.min(one.lastIndex(), other.lastIndex()); index > above; index--) {
      Entry first = one.entry(index);
      Entry second = other.entry(index);
      matched |= first.term() == second.term();
      judge.check(
          !matched || first.equals(second),
          Property.LOG_MATCHING,
          "at index ",
          index,
          ", at or before a match: ",
          one,
          " and ",
          other);
    }
  }

  /** No two nodes take different entries for committed. */
  private void committedIsThere(ModelNode node, History history) throws Violated {
    for (int i = (int) node.baseIndex; i < node.committed; i++) {
      Entry entry = history.committed().get(i);
      judge.check(
          node.holds(entry),
          Property.STATE_MACHINE_SAFETY,
          "another entry than the committed ",
          entry,
          " is committed on ",
          node);
    }
  }

  /** Who leads has all that was committed in the terms before. */
  private void leaderCompleteness(ModelNode node, History history) throws Violated {
    if (!node.leads()) {
      return;
    }
    for (int i = 0; i < history.committed().size(); i++) {
      Entry entry = history.committed().get(i);
      judge.check(
          history.terms().get(i) >= node.term || node.holds(entry),
          Property.LEADER_COMPLETENESS,
          "the committed ",
          entry,
          " is not on ",
          node);
    }
  }

  private void durableOnAQuorum(ModelNode[] nodes, History history) throws Violated {
    if (history.committed().isEmpty()) {
      return;
    }
    Configuration configuration =
        history.configurationAt(history.committed().size(), bounds.initial());
    for (Entry entry : history.committed()) {
      judge.check(
          isHeldByMajority(nodes, configuration.voters(), entry)
              && (!configuration.isJoint()
                  || isHeldByMajority(nodes, configuration.outgoingVoters(), entry)),
          Property.DURABLE_ON_A_QUORUM,
          entry,
          " was taken for committed, and is not durable on a quorum of ",
          configuration);
    }
  }

  private static boolean isHeldByMajority(ModelNode[] nodes, Set<Long> voters, Entry entry) {
    int holders = 0;
    for (long voter : voters) {
      holders += nodes[(int) voter - 1].disk.holds(entry) ? 1 : 0;
    }
    return 2 * holders > voters.size();
  }

  private void promiseIsDurable(ModelNode sender, Packet packet) throws Violated {
    Message message = packet.message();
    HardState durable = sender.disk.hardState();
    boolean kept;
    if (message instanceof Message.VoteRequest) {
      kept = durable.term() > message.term() || isVote(durable, message.term(), packet.from());
    } else if (message instanceof Message.VoteResponse response && response.granted()) {
      kept = durable.term() > message.term() || isVote(durable, message.term(), packet.to());
    } else if (message instanceof Message.AppendAccepted accepted) {
      kept =
          durable.term() > message.term()
              || (durable.term() == message.term()
                  && sender.disk.lastIndex() >= accepted.matchIndex());
    } else {
      return;
    }
    judge.check(
        kept,
        Property.PROMISES_ARE_DURABLE,
        packet,
        ", but durable are ",
        durable,
        " and entries to ",
        sender.disk.lastIndex());
  }

  private static boolean isVote(HardState durable, long term, long candidate) {
    return durable.term() == term && durable.votedFor() == candidate;
  }
}
