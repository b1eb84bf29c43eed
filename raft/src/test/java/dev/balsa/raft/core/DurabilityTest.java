package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.Apply;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.Heartbeat;
import org.junit.jupiter.api.Test;

/** The log is written asynchronously; crashes and other leaders come in between. */
class DurabilityTest {
  @Test
  void anAcknowledgementOfAnOverwrittenEntryIsNotTakenForOneOfTheNewEntry() {
    // ABA: entry 1 is written for node 2 and written again for node 3, another one at the same
    // index, and then the first writing is acknowledged.
    Solo node = Solo.fresh(3);
    node.append(2, 1, 0, 0, 1); // write 1
    node.appendAndCommit(1, 3, 2, 0, 0, 2); // write 2
    node.force(1);
    assertThat(node.effects(Apply.class)).isEmpty();
    assertThat(node.sentTo(3)).isEmpty();
    node.force(1);
    assertThat(node.effects(Apply.class)).hasSize(1);
    assertThat(node.sentTo(3)).containsExactly(new AppendAccepted(2, 1));
  }

  @Test
  void theSameEntryWrittenAgainIsNotDurableByItsFirstWriting() {
    // The log holds 1; entry 2 of term 2 comes, is overwritten by one of term 3, and a leader of
    // term 4 brings the first one back: same index, same term, other write.
    Solo node = Solo.withLog(1);
    node.append(2, 2, 1, 1, 2); // write 1
    node.append(3, 3, 1, 1, 3); // write 2
    node.appendAndCommit(2, 2, 4, 1, 1, 2); // write 3
    node.force(1);
    assertThat(node.effects(Apply.class))
        .flatExtracting(Apply::entries)
        .extracting(Entry::index)
        .containsExactly(1L);
    node.force(2);
    assertThat(node.effects(Apply.class))
        .flatExtracting(Apply::entries)
        .extracting(Entry::index)
        .containsExactly(2L);
  }

  @Test
  void aTruncationLowersWhatIsDurableAlready() {
    Solo node = Solo.withLog(1, 1, 1);
    node.append(2, 2, 1, 1, 2);
    node.appendAndCommit(2, 2, 2, 2, 2);
    assertThat(node.effects(Apply.class))
        .flatExtracting(Apply::entries)
        .extracting(Entry::index)
        .containsExactly(1L);
  }

  @Test
  void anAcknowledgementThatComesAfterTheTermWasLostCommitsNothing() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.propose("a");
    node.accept(2, 2);
    node.receive(3, new Heartbeat(2, 0, 1));
    node.force();
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.raft().committedIndex()).isEqualTo(1);
  }

  @Test
  void anAnswerGivenBeforeATermWasLostStillNamesThatTerm() {
    Solo node = Solo.fresh(3);
    node.append(2, 1, 0, 0, 1);
    node.append(3, 2, 0, 0, 2);
    node.force();
    assertThat(node.sentTo(2)).containsExactly(new AppendAccepted(1, 1));
    assertThat(node.sentTo(3)).containsExactly(new AppendAccepted(2, 1));
  }

  @Test
  void theLeaderReplicatesWhileItsOwnDiskStillWrites() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.propose("a");
    assertThat(node.disk.pendingWrites()).isEqualTo(1);
    assertThat(node.sentTo(2, AppendRequest.class)).hasSize(1);
  }

  @Test
  void entriesThatAreNotDurableStayInMemoryWhateverTheBound() {
    Solo node = Solo.fresh(3, new Limits(1 << 20, 100, 1 << 20, 1 << 20, 1 << 20, 0));
    node.becomeEstablishedLeader();
    for (int i = 0; i < 20; i++) {
      node.propose("c" + i);
    }
    node.sent();
    node.receive(3, new Message.HeartbeatResponse(1, 0));
    node.receive(3, new Message.AppendRejected(1, 0, 0, 0));
    node.accept(3, 1);
    assertThat(node.sentTo(3, AppendRequest.class))
        .flatExtracting(AppendRequest::entries)
        .hasSizeGreaterThanOrEqualTo(20);
  }

  @Test
  void theCommitIndexOnDiskIsOneWhoseEntriesAreDurable() {
    Solo node = Solo.fresh(3);
    node.append(2, 1, 0, 0, 1);
    node.appendAndCommit(2, 2, 1, 1, 1, 1); // committed 2, nothing durable yet
    node.force();
    assertThat(node.disk.hardState().committed()).isZero();
    node.appendAndCommit(3, 2, 1, 2, 1, 1);
    node.force();
    assertThat(node.disk.hardState().committed()).isEqualTo(2);
  }

  @Test
  void aRestartedNodeKnowsItsTermVoteLogAndWhatWasCommitted() {
    Solo node = Solo.restarted(new HardState(4, 2, 2), 1, 3, 3);
    assertThat(node.term()).isEqualTo(4);
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.logTerms()).containsExactly(1L, 3L, 3L);
    node.step();
    assertThat(node.effects(Apply.class))
        .flatExtracting(Apply::entries)
        .extracting(Entry::index)
        .containsExactly(1L, 2L);
  }

  @Test
  void aCrashLosesWhatWasNotDurableAndNothingOfThatWasPromised() {
    Solo node = Solo.withLog(1);
    node.append(2, 2, 1, 1, 2, 2);
    node.crashAndRestart();
    assertThat(node.sent()).isEmpty();
    assertThat(node.logTerms()).containsExactly(1L);
    assertThat(node.term()).isEqualTo(1);
  }

  @Test
  void nothingIsWrittenWhenNothingChanges() {
    Solo node = Solo.withLog(1);
    node.follow(2);
    node.receive(2, new Heartbeat(2, 0, 2));
    node.append(2, 2, 1, 1);
    node.ticks(1);
    assertThat(node.disk.pendingWrites()).isZero();
    assertThat(node.sentTo(2, AppendAccepted.class)).containsExactly(new AppendAccepted(2, 1));
  }

  @Test
  void aNodeIsNotStartedOnContradictoryState() {
    assertThatThrownBy(() -> Solo.restarted(new HardState(2, 0, 3), 1, 1))
        .hasMessageContaining("committed 3");
    assertThatThrownBy(() -> Solo.restarted(new HardState(1, 0, 0), 1, 2))
        .hasMessageContaining("log's last 2");
  }
}
