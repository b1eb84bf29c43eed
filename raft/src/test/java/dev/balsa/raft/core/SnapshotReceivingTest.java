package dev.balsa.raft.core;

import static dev.balsa.raft.core.Solo.voters;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Effect.StoreSnapshotChunk;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.Message.SnapshotChunk;
import dev.balsa.raft.core.Message.SnapshotStatus;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** A snapshot arrives and takes the log's place (thesis 5.3). */
class SnapshotReceivingTest {
  private static final SnapshotId ID = new SnapshotId(2, 10, 3, 77);
  private static final SnapshotMark MARK = new SnapshotMark(10, 3, voters(1L, 2L));

  private static SnapshotChunk chunk(long term, SnapshotId id, long offset, boolean last) {
    byte[] content = Solo.bytes("abcd");
    CRC32C crc = new CRC32C();
    crc.update(content);
    SnapshotMark mark = new SnapshotMark(id.index(), id.term(), voters(1L, 2L));
    return new SnapshotChunk(term, id, mark, offset, content, (int) crc.getValue(), last);
  }

  /** Follows node 2 in term 4, with a log of term 1 that was never committed. */
  private static Solo follower() {
    Solo node = Solo.withLog(1, 1, 1);
    node.follow(4);
    return node;
  }

  /** The whole snapshot arrives in one chunk, and is stored. */
  private static void receiveWhole(Solo node) {
    node.receive(2, chunk(node.term(), ID, 0, true));
    node.step(new Input.SnapshotChunkStored(ID, 4, true));
  }

  @Test
  void aChunkIsStoredAndTheSenderHearsHowMuchIsThere() {
    Solo node = follower();
    SnapshotChunk first = chunk(4, ID, 0, false);
    node.receive(2, first);
    assertThat(node.effects())
        .containsExactly(new StoreSnapshotChunk(ID, MARK, 0, first.content(), false));
    assertThat(node.sent()).isEmpty();
    node.step(new Input.SnapshotChunkStored(ID, 4, false));
    assertThat(node.sent())
        .containsExactly(new Effect.Send(2, new SnapshotStatus(4, ID, 4, false)));
  }

  @Test
  void aReceiverThatHasAPartAlreadySaysSo() {
    Solo node = follower();
    node.receive(2, chunk(4, ID, 0, false));
    node.step(new Input.SnapshotChunkStored(ID, 4000, false)); // from before a restart
    assertThat(node.sentTo(2)).containsExactly(new SnapshotStatus(4, ID, 4000, false));
  }

  @Test
  void aChunkWhoseChecksumIsWrongIsDropped() {
    Solo node = follower();
    SnapshotChunk sound = chunk(4, ID, 0, false);
    node.receive(
        2, new SnapshotChunk(4, ID, MARK, 0, sound.content(), sound.checksum() ^ 1, false));
    assertThat(node.effects()).isEmpty();
    assertThat(node.sent()).isEmpty();
  }

  @Test
  void aCompleteSnapshotTakesTheLogsPlaceAndIsPromisedOnceItIsDurable() {
    Solo node = follower();
    receiveWhole(node);
    assertThat(node.effects(InstallSnapshot.class))
        .singleElement()
        .satisfies(
            install -> {
              assertThat(install.mark()).isEqualTo(MARK);
              assertThat(install.id()).isEqualTo(ID);
              assertThat(install.hardState()).isEqualTo(new HardState(4, 0, 10));
            });
    assertThat(node.sent()).isEmpty();
    assertThat(node.raft().firstIndex()).isEqualTo(11);
    assertThat(node.raft().lastIndex()).isEqualTo(10);
    assertThat(node.raft().termAt(10)).isEqualTo(3);
    assertThat(node.raft().committedIndex()).isEqualTo(10);
    assertThat(node.raft().appliedIndex()).isEqualTo(10);
    node.force();
    assertThat(node.sent()).containsExactly(new Effect.Send(2, new AppendAccepted(4, 10)));
    node.append(2, 4, 10, 3, 4);
    node.force();
    assertThat(node.sentTo(2)).containsExactly(new AppendAccepted(4, 11));
  }

  /**
   * While the last chunk is being stored, another leader's snapshot begins, and then the first
   * leader is back. The storage does things in order: when this node hears that the first snapshot
   * is complete, the beginning of the other one is about to take its place, or has done so.
   */
  @Test
  void whatIsCompleteIsNotInstalledOnceAnotherOneHasBegunToArriveInItsPlace() {
    Solo node = follower();
    SnapshotId other = new SnapshotId(3, 10, 3, 78);
    node.receive(2, chunk(4, ID, 0, true));
    node.receive(3, chunk(5, other, 0, false));
    node.receive(2, chunk(6, ID, 0, true));
    assertThat(node.effects(StoreSnapshotChunk.class)).hasSize(3);
    node.step(new Input.SnapshotChunkStored(ID, 4, true)); // the first one's
    assertThat(node.effects(InstallSnapshot.class)).isEmpty();
    node.step(new Input.SnapshotChunkStored(other, 4, false));
    assertThat(node.sentTo(2)).isEmpty();
    node.step(new Input.SnapshotChunkStored(ID, 4, true));
    assertThat(node.effects(InstallSnapshot.class)).hasSize(1);
  }

  @Test
  void aChunkThatCouldNotBeStoredBeforeDoesNotCountForAnotherTry() {
    Solo node = follower();
    node.receive(2, chunk(4, ID, 0, false));
    node.receive(2, chunk(4, ID, 4, true));
    node.step(new Input.SnapshotStoreFailed(ID));
    node.receive(2, chunk(4, ID, 0, true));
    node.sent();
    node.step(new Input.SnapshotStoreFailed(ID)); // of the second chunk
    assertThat(node.sentTo(2)).isEmpty();
    node.step(new Input.SnapshotChunkStored(ID, 4, true));
    assertThat(node.effects(InstallSnapshot.class)).hasSize(1);
  }

  @Test
  void aSnapshotBringsItsConfiguration() {
    Solo node = follower();
    receiveWhole(node);
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L));
    assertThat(node.raft().isConfigurationCommitted()).isTrue();
    node.force();
    node.crashAndRestart();
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L));
    assertThat(node.raft().firstIndex()).isEqualTo(11);
  }

  @Test
  void aVoterCanBecomeAStandbyBySnapshot() {
    Solo node = follower();
    SnapshotMark mark = new SnapshotMark(10, 3, voters(2L, 3L).with(1, MemberRole.STANDBY));
    SnapshotChunk whole = chunk(4, ID, 0, true);
    node.receive(2, new SnapshotChunk(4, ID, mark, 0, whole.content(), whole.checksum(), true));
    node.step(new Input.SnapshotChunkStored(ID, 4, true));
    node.force();
    node.sent();
    node.ticks(5 * Solo.ELECTION_TICKS);
    assertThat(node.sent())
        .allMatch(send -> send.message().equals(new Message.PreVoteRequest(4, 10, 3)));
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void anUncommittedConfigurationOfTheOldLogIsGoneWithIt() {
    Solo node = Solo.fresh(3);
    node.append(3, 1, 0, 0, List.of(Solo.entry(1, 1), Solo.entry(2, 1, voters(1L, 9L))));
    node.follow(4);
    receiveWhole(node);
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L));
    assertThat(node.raft().configurationIndex()).isEqualTo(10);
  }

  @Test
  void aSnapshotOfWhatIsCommittedHereIsIgnoredAndTheSenderHearsWhere() {
    Solo node = Solo.fresh(3);
    node.appendAndCommit(2, 2, 4, 0, 0, 1, 1);
    node.force();
    node.sent();
    node.receive(2, chunk(4, new SnapshotId(2, 2, 1, 5), 0, true));
    assertThat(node.effects(StoreSnapshotChunk.class)).isEmpty();
    assertThat(node.sentTo(2)).containsExactly(new AppendAccepted(4, 2));
  }

  @Test
  void aSnapshotFromBelowWhereTheLogBeginsIsIgnored() {
    Solo node = follower();
    receiveWhole(node);
    node.force();
    node.effects();
    node.sent();
    node.receive(2, chunk(4, new SnapshotId(2, 8, 3, 5), 0, true));
    assertThat(node.effects()).isEmpty();
    assertThat(node.sentTo(2)).containsExactly(new AppendAccepted(4, 10));
  }

  @Test
  void aSnapshotForWhichTheLogMatchesCommitsItAndLeavesTheLog() {
    Solo node = follower(); // 1/1 2/1 3/1
    node.receive(2, chunk(4, new SnapshotId(2, 2, 1, 5), 0, true));
    assertThat(node.effects(StoreSnapshotChunk.class)).isEmpty();
    assertThat(node.raft().committedIndex()).isEqualTo(2);
    assertThat(node.raft().lastIndex()).isEqualTo(3);
    assertThat(node.sentTo(2)).containsExactly(new AppendAccepted(4, 2));
  }

  @Test
  void aLogThatCameToMatchWhileTheSnapshotArrivedStays() {
    Solo node = follower();
    node.receive(2, chunk(4, new SnapshotId(2, 4, 4, 5), 0, true));
    node.append(2, 4, 3, 1, 4);
    node.step(new Input.SnapshotChunkStored(new SnapshotId(2, 4, 4, 5), 4, true));
    assertThat(node.effects(InstallSnapshot.class)).isEmpty();
    assertThat(node.raft().committedIndex()).isEqualTo(4);
    assertThat(node.raft().firstIndex()).isEqualTo(1);
    node.force();
    assertThat(node.sentTo(2)).contains(new AppendAccepted(4, 4));
  }

  @Test
  void anOlderSnapshotThatEndsLateIsNotInstalled() {
    Solo node = follower();
    SnapshotId older = new SnapshotId(3, 8, 3, 4);
    node.receive(2, chunk(4, older, 0, true));
    node.receive(2, chunk(4, ID, 0, true));
    node.effects();
    node.step(new Input.SnapshotChunkStored(older, 4, true));
    assertThat(node.effects()).isEmpty();
    node.step(new Input.SnapshotChunkStored(ID, 4, true));
    assertThat(node.effects(InstallSnapshot.class)).hasSize(1);
    assertThat(node.raft().lastIndex()).isEqualTo(10);
  }

  @Test
  void anotherSendingDropsWhatWasBegun() {
    Solo node = follower();
    node.receive(2, chunk(4, ID, 0, false));
    SnapshotId next = new SnapshotId(2, 12, 4, 78);
    node.receive(2, chunk(4, next, 0, false));
    node.effects();
    node.step(new Input.SnapshotChunkStored(ID, 4, false)); // of the first
    assertThat(node.sent()).isEmpty();
    node.step(new Input.SnapshotChunkStored(next, 4, false));
    assertThat(node.sentTo(2)).containsExactly(new SnapshotStatus(4, next, 4, false));
  }

  @Test
  void whatCannotBeStoredIsReportedAndDropped() {
    Solo node = follower();
    node.receive(2, chunk(4, ID, 0, false));
    node.receive(2, chunk(4, ID, 4, true));
    node.step(new Input.SnapshotStoreFailed(ID));
    assertThat(node.sentTo(2)).containsExactly(new SnapshotStatus(4, ID, 0, true));
    node.step(new Input.SnapshotChunkStored(ID, 8, true)); // of before the failure
    assertThat(node.effects(InstallSnapshot.class)).isEmpty();
  }

  @Test
  void theChunksThatWaitForStorageAreBounded() {
    Solo node = Solo.fresh(3, CompactionTest.NOTHING_RETAINED); // two chunks
    node.follow(4);
    for (int i = 0; i < 5; i++) {
      node.receive(2, chunk(4, ID, 4L * i, false));
    }
    assertThat(node.effects(StoreSnapshotChunk.class)).hasSize(2);
    node.step(new Input.SnapshotChunkStored(ID, 4, false));
    node.receive(2, chunk(4, ID, 8, false));
    assertThat(node.effects(StoreSnapshotChunk.class)).hasSize(1);
  }

  @Test
  void aChunkOfAnOlderTermIsAnsweredWithTheNewTermOnly() {
    Solo node = follower();
    node.receive(3, chunk(3, ID, 0, true));
    assertThat(node.effects()).isEmpty();
    assertThat(node.sentTo(3)).containsExactly(new HeartbeatResponse(4, 0));
  }

  @Test
  void aSnapshotThatIsCompleteUnderANewLeaderIsInstalledAllTheSame() {
    Solo node = follower();
    node.receive(2, chunk(4, ID, 0, true));
    node.receive(3, new Message.Heartbeat(5, 0, 1));
    node.sent();
    node.step(new Input.SnapshotChunkStored(ID, 4, true));
    assertThat(node.effects(InstallSnapshot.class)).hasSize(1);
    node.force();
    assertThat(node.sentTo(3)).isEmpty(); // it asks by itself
    node.append(3, 5, 10, 3);
    assertThat(node.sentTo(3)).containsExactly(new AppendAccepted(5, 10));
  }

  @Test
  void anAppendAndASnapshotInFlightBecomeDurableInTheirOrder() {
    Solo node = follower();
    node.append(2, 4, 3, 1, 4); // 4, not forced
    receiveWhole(node);
    node.append(2, 4, 10, 3, 4); // 11
    assertThat(node.disk.pendingWrites()).isEqualTo(3);
    node.force(1);
    assertThat(node.sentTo(2)).containsExactly(new AppendAccepted(4, 4));
    node.force(1);
    assertThat(node.sentTo(2)).containsExactly(new AppendAccepted(4, 10));
    node.crashAndRestart();
    assertThat(node.raft().lastIndex()).isEqualTo(10);
  }

  @Test
  void anAcknowledgementOfBeforeASnapshotSaysNothingOfEntriesAfterIt() {
    Solo node = follower();
    node.append(2, 4, 3, 1, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4); // 4 to 13, write 1
    // A leader of term 6 has another log: its snapshot at 10 is of term 3, its entries differ.
    node.receive(2, chunk(6, ID, 0, true));
    node.step(new Input.SnapshotChunkStored(ID, 4, true));
    node.appendAndCommit(12, 2, 6, 10, 3, 6, 6); // 11, 12
    node.force(1); // what was 4 to 13
    assertThat(node.effects(Effect.Apply.class)).isEmpty();
    node.force();
    assertThat(node.effects(Effect.Apply.class))
        .flatExtracting(Effect.Apply::entries)
        .extracting(Entry::index)
        .containsExactly(11L, 12L);
  }

  @Test
  void aCrashBeforeASnapshotIsDurableLeavesTheOldLog() {
    Solo node = follower();
    receiveWhole(node);
    node.crashAndRestart();
    assertThat(node.logTerms()).containsExactly(1L, 1L, 1L);
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L, 3L));
    assertThat(node.term()).isEqualTo(4);
  }

  @Test
  void whatIsCommittedAndDurableIsHandedOverBeforeASnapshotReplacesIt() {
    Solo node = Solo.fresh(3);
    node.appendAndCommit(2, 2, 4, 0, 0, 1, 1);
    node.force();
    List<Effect> effects = node.effects();
    assertThat(effects).anyMatch(Effect.Apply.class::isInstance);
    receiveWhole(node);
    node.step(new Input.Applied(2)); // late, of before
    assertThat(node.raft().appliedIndex()).isEqualTo(10);
  }

  @Test
  void arrivingChunksAreSignsOfTheLeader() {
    Solo node = follower();
    for (int i = 0; i < 4; i++) {
      node.ticks(Solo.ELECTION_TICKS - 1);
      node.receive(2, chunk(4, ID, 0, false));
      node.step(new Input.SnapshotChunkStored(ID, 4, false));
    }
    assertThat(node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.leadership().leaderId()).isEqualTo(2);
  }
}
