package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.Leadership;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.Apply;
import dev.balsa.raft.core.Effect.LeadershipChanged;
import dev.balsa.raft.sim.SimCluster;
import dev.balsa.raft.sim.SimNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is committed and when (thesis 3.6.2, figure 3.7, which is figure 8 of the paper). */
class CommitTest {
  @Test
  void theFirstEntryOfAClusterCarriesItsIdAndLaterNoOpsAreEmpty() {
    Solo node = Solo.fresh(3);
    node.becomeLeader();
    Entry first = node.disk.durableEntries().get(0);
    assertThat(first.type()).isEqualTo(EntryType.NO_OP);
    assertThat(ClusterId.of(first)).isEqualTo(Solo.CLUSTER_ID);
    Solo later = Solo.withLog(1);
    later.becomeLeader();
    assertThat(later.disk.durableEntries().get(1))
        .isEqualTo(new Entry(2, 2, EntryType.NO_OP, new byte[0]));
  }

  @Test
  void entriesOfOlderTermsAreNotCommittedByTheirCopies() {
    Solo node = Solo.withLog(1, 2);
    node.becomeLeader(); // its no-op is entry 3
    node.accept(2, 2);
    node.accept(3, 2);
    assertThat(node.raft().committedIndex()).isZero();
    node.accept(2, 3);
    assertThat(node.raft().committedIndex()).isEqualTo(3);
    assertThat(node.effects(Apply.class))
        .flatExtracting(Apply::entries)
        .extracting(Entry::index)
        .containsExactly(1L, 2L, 3L);
  }

  @Test
  void anEntryOfAnOldTermOnAMajorityCanStillBeOverwritten() {
    // Figure 8 as node 1 lives through it: its entry 2 of term 2 is on all three disks, and still
    // the leader of term 9 overwrites it with an entry of term 3 that it had alone.
    Solo node = Solo.withLog(1, 2);
    node.becomeLeader();
    node.accept(2, 2);
    node.accept(3, 2);
    assertThat(node.raft().committedIndex()).isZero();
    node.append(3, 9, 1, 1, 3);
    assertThat(node.logTerms()).containsExactly(1L, 3L);
  }

  @Test
  void aLeaderWithoutAnEntryOfItsTermOnAQuorumCommitsNothing() {
    Solo node = Solo.withLog(1, 1, 1);
    node.becomeLeader();
    node.accept(2, 3);
    node.accept(3, 3);
    node.ticks(Solo.HEARTBEAT_TICKS);
    assertThat(node.raft().committedIndex()).isZero();
    assertThat(node.leadership().established()).isFalse();
  }

  /**
   * An election overwrites entries of a newer term than any other voter has: node 1 has an entry of
   * term 2 alone, node 3 is elected in term 3 by those who never saw it. With pre-votes a node
   * comes to a newer term only if others let it; so its entry is planted.
   */
  @Test
  void anElectionOverwritesNewerEntriesThatAreNotCommitted() {
    Solo one = Solo.restarted(new HardState(2, 1, 0), 1, 2);
    one.receive(3, new Message.VoteRequest(3, 1, 1));
    one.force();
    assertThat(one.sentTo(3)).contains(new Message.VoteResponse(3, false)); // its log is newer
    one.append(3, 3, 1, 1, 3); // and still another is elected
    one.force();
    assertThat(one.logTerms()).containsExactly(1L, 3L);
    assertThat(one.sentTo(3)).containsExactly(new Message.AppendAccepted(3, 2));
  }

  @Test
  void whatOnlyAMinorityHasIsOverwrittenByALaterLeader() {
    SimCluster cluster = new SimCluster(5, 1, SimCluster.SMALL_LIMITS);
    SimNode one = cluster.elect(1);
    long lost = one.raft().lastIndex() + 1;
    cluster.network().links((from, to) -> from <= 2 && to <= 2);
    cluster.propose(one, "lost");
    cluster.settle();
    long oldTerm = one.raft().termAt(lost);
    assertThat(cluster.node(2).raft().termAt(lost)).isEqualTo(oldTerm);
    cluster.network().links((from, to) -> from >= 3 && to >= 3);
    cluster.elect(5);
    cluster.network().heal();
    cluster.runUntil("agreement", 400, cluster::isConverged);
    assertThat(one.raft().termAt(lost)).isGreaterThan(oldTerm);
    assertThat(cluster.node(2).raft().termAt(lost)).isGreaterThan(oldTerm);
  }

  @Test
  void theLeadersOwnCopyCountsOnlyOnceItIsDurable() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    long index = node.raft().lastIndex() + 1;
    node.propose("a");
    node.accept(2, index);
    assertThat(node.raft().committedIndex()).isEqualTo(index - 1);
    node.force();
    assertThat(node.raft().committedIndex()).isEqualTo(index);
  }

  @Test
  void aMajorityOfOthersCommitsWithoutTheLeadersDiskButNothingIsAppliedBeforeItIsThere() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    long index = node.raft().lastIndex() + 1;
    node.propose("a");
    node.accept(2, index);
    node.accept(3, index);
    assertThat(node.raft().committedIndex()).isEqualTo(index);
    assertThat(node.effects(Apply.class)).isEmpty();
    node.force();
    assertThat(node.effects(Apply.class)).hasSize(1);
  }

  @Test
  void aLeaderIsEstablishedOnlyAfterAllEarlierEntriesWereHandedOver() {
    Solo node = Solo.withLog(1, 1, 2);
    node.becomeLeader();
    node.accept(2, 4);
    List<Effect> effects = node.effects();
    assertThat(effects.subList(0, effects.size() - 1))
        .flatExtracting(effect -> ((Apply) effect).entries())
        .hasSize(4);
    assertThat(effects.get(effects.size() - 1))
        .isEqualTo(new LeadershipChanged(new Leadership(Role.LEADER, 3, 1, true)));
  }

  @Test
  void aFollowerCommitsNoFurtherThanWhatItWasSent() {
    Solo node = Solo.withLog(1, 1, 1);
    // A leader of term 2 sends entry 2 and has committed 3: this node's entry 3 is not the one.
    node.appendAndCommit(3, 2, 2, 1, 1, 1);
    assertThat(node.raft().committedIndex()).isEqualTo(2);
  }

  @Test
  void aCommitIndexNeverFalls() {
    Solo node = Solo.fresh(3);
    node.appendAndCommit(2, 2, 1, 0, 0, 1, 1);
    node.force();
    node.appendAndCommit(1, 2, 1, 2, 1);
    assertThat(node.raft().committedIndex()).isEqualTo(2);
  }

  @Test
  void followersHearOfACommitWithoutWaitingForTheNextEntry() {
    SimCluster cluster = new SimCluster(3, 4, SimCluster.SMALL_LIMITS);
    SimNode leader = cluster.elect(2);
    cluster.propose(leader, "a");
    cluster.settle(); // no tick passes
    assertThat(cluster.isConverged()).isTrue();
    assertThat(leader.applied()).hasSize(2);
  }

  @Test
  void aLeaderWithoutACommittedEntryHaltsTheNode() {
    Solo node = Solo.fresh(3);
    node.appendAndCommit(2, 2, 1, 0, 0, 1, 1);
    assertThatThrownBy(() -> node.append(3, 5, 1, 1, 4))
        .hasMessageContaining("removal of entry 2, committed are 2");
  }
}
