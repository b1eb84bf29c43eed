package dev.balsa.raft.core;

import dev.balsa.raft.core.Message.PreVoteRequest;
import dev.balsa.raft.core.TraceSink.Transition;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows of who belongs to the cluster: the configurations of its log, of which the
 * newest is in force here (thesis 4.1), and what a leader has told it beside the log. Tells the
 * driver and the role of every change.
 */
final class KnownMembers {
  private final NodeState node;
  private final Configurations configurations;
  private Membership membership;
  private boolean toldCommitted;
  private Configurations.@Nullable At notice;

  KnownMembers(NodeState node, Configurations configurations) {
    this.node = node;
    this.configurations = configurations;
    membership = deciding(node, configurations);
    toldCommitted = configurations.latest().index() <= node.log.committed();
  }

  KnownMembers(KnownMembers from, NodeState node) {
    this.node = node;
    configurations = new Configurations(from.configurations);
    membership = new Membership(from.membership);
    toldCommitted = from.toldCommitted;
    notice = from.notice;
  }

  private static Membership deciding(NodeState node, Configurations configurations) {
    return new Membership(node.decisions.deciding(configurations, node.id()), node.decisions);
  }

  void describe(StateSink sink) {
    sink.flag("toldCommitted", toldCommitted);
    sink.begin("membership");
    sink.configuration(membership.configuration());
    sink.end();
    configurations.describe(sink);
    sink.flag("notice", notice != null);
    if (notice != null) {
      notice.describe(sink);
    }
  }

  // ---- the log's

  /** The configuration in force, and the index of its entry. */
  Configurations.At inForce() {
    return configurations.latest();
  }

  /** The same, as what it takes to decide. */
  Membership membership() {
    return membership;
  }

  boolean isCommitted() {
    return configurations.latest().index() <= node.log.committed();
  }

  /** An entry of type {@link EntryType#CONFIGURATION} is in the log. */
  void append(Entry entry) {
    configurations.append(entry);
    taken();
  }

  /** The log ends before that index now. */
  void truncateFrom(long index) {
    if (configurations.latest().index() >= index) {
      node.decisions.truncate(configurations, index);
      taken();
    }
  }

  /** The log begins after that index now. */
  void compactTo(long index) {
    configurations.compactTo(index);
  }

  /** A snapshot takes the log's place; {@link #taken} is to follow. */
  void reset(SnapshotMark mark) {
    configurations.reset(mark);
  }

  /** Another configuration is in force. */
  void taken() {
    Configurations.At taken = configurations.latest();
    membership = deciding(node, configurations);
    toldCommitted = taken.index() <= node.log.committed();
    node.trace.transition(new Transition.ConfigurationTaken(taken.index(), taken.configuration()));
    node.emit(new Effect.ConfigurationChanged(taken.index(), taken.configuration(), toldCommitted));
    node.role().configurationChanged();
  }

  /** More is committed, the configuration in force perhaps. */
  void tellIfCommitted() {
    if (!toldCommitted && isCommitted()) {
      toldCommitted = true;
      Configurations.At latest = configurations.latest();
      node.emit(new Effect.ConfigurationChanged(latest.index(), latest.configuration(), true));
    }
  }

  /** The configuration that a snapshot at that index stands for. */
  Configuration inSnapshot(long index) {
    return node.decisions.inSnapshot(configurations, index);
  }

  /**
   * Whether there were any members at that index. Not so on a node that joins, up to the first
   * entry that tells it who they are: a mark there would stand for a cluster without any.
   */
  boolean areKnownAt(long index) {
    return !configurations.at(index).configuration().members().isEmpty();
  }

  // ---- what a leader tells

  /** The leader says which committed configuration is in force: this node's log may not have it. */
  void noticed(long index, Configuration configuration) {
    Configurations.At before = notice;
    long latest = configurations.latest().index();
    if (index >= latest && (before == null || index > before.index())) {
      notice = new Configurations.At(index, configuration);
      if (index > latest) {
        node.emit(new Effect.ConfigurationChanged(index, configuration, true));
      }
      if (!node.mayCampaign()) {
        node.role().mayNotCampaign();
      }
    }
  }

  /**
   * Whether this node votes, by all that it knows. One that is no voter of a configuration not yet
   * committed stands as well if it was one before: it may be the only one with that entry, and then
   * the others, who need its vote, cannot outdo its log (thesis 4.2.2).
   */
  boolean mayVote() {
    Configurations.At told = newerNotice();
    boolean removed = told != null && !told.configuration().isVoter(node.id());
    boolean votes =
        membership.isVoter(node.id())
            || configurations.at(node.log.committed()).configuration().isVoter(node.id());
    return votes && !removed;
  }

  /**
   * A member that does not vote, and hears no leader any more, asks whether it is a member still.
   * One that votes does so by asking for pre-votes (thesis 4.2.3), and this is the same question,
   * but about its present term, in which it does not stand. A leader answers with the members
   * ({@link Peers#tellStranger}). Who knows itself removed asks no more.
   */
  void ask() {
    Configurations.At told = newerNotice();
    Configuration known = (told != null ? told : configurations.latest()).configuration();
    if (known.members().containsKey(node.id()) && !known.isVoter(node.id())) {
      PreVoteRequest question =
          new PreVoteRequest(node.term(), node.log.lastIndex(), node.log.lastTerm());
      for (long member : known.nodes()) {
        if (known.isVoter(member)) {
          node.send(member, question);
        }
      }
    }
  }

  /** What a leader told last, unless the log has something newer. */
  private Configurations.@Nullable At newerNotice() {
    Configurations.At told = notice;
    return told != null && told.index() >= configurations.latest().index() ? told : null;
  }
}
