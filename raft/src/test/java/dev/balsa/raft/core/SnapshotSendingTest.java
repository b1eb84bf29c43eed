package dev.balsa.raft.core;

import static dev.balsa.raft.core.Solo.voters;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Effect.ReadSnapshotChunk;
import dev.balsa.raft.core.Effect.SnapshotSent;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.SnapshotChunk;
import dev.balsa.raft.core.Message.SnapshotStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A leader sends its snapshot to a member that needs what the log no longer has (thesis 5.3). */
class SnapshotSendingTest {
  private static final int CHUNK_BYTES = 10;

  /** A leader of term 1 whose log is compacted to 5 and ends at 8; all committed by node 2. */
  private static Solo leader() {
    Solo node = Solo.fresh(3, CompactionTest.NOTHING_RETAINED);
    node.becomeEstablishedLeader();
    for (int i = 2; i <= 8; i++) {
      node.propose("x");
    }
    node.force();
    node.acceptAll(2);
    node.apply();
    node.step(new Input.SnapshotTaken(5));
    node.sent();
    node.effects();
    return node;
  }

  private static void read(Solo node, ReadSnapshotChunk read, int bytes, boolean last) {
    node.step(
        new Input.SnapshotChunkRead(
            read.to(), read.id(), read.offset(), new byte[bytes], 99, last));
  }

  private static void stored(Solo node, SnapshotId id, long offset) {
    node.receive(3, new SnapshotStatus(1, id, offset, false));
  }

  private static void heartbeatIsAnswered(Solo node) {
    node.ticks(Solo.HEARTBEAT_TICKS);
    List<Heartbeat> heartbeats = node.sentTo(3, Heartbeat.class);
    node.answer(3, heartbeats.get(heartbeats.size() - 1).round());
  }

  /** Node 3, which was silent so far, answers a heartbeat; it has nothing. */
  private static Solo sending() {
    Solo node = leader();
    heartbeatIsAnswered(node);
    return node;
  }

  private static ReadSnapshotChunk firstRead(Solo node) {
    return node.effects(ReadSnapshotChunk.class).get(0);
  }

  @Test
  void aMemberThatNeedsWhatTheLogNoLongerHasIsSentTheSnapshotInChunks() {
    Solo node = sending();
    ReadSnapshotChunk first = firstRead(node);
    assertThat(first.to()).isEqualTo(3);
    assertThat(first.offset()).isZero();
    assertThat(first.bytesMax()).isEqualTo(CHUNK_BYTES);
    assertThat(first.id().index()).isEqualTo(5);
    node.sent();
    read(node, first, 10, false);
    assertThat(node.sentTo(3))
        .containsExactly(
            new SnapshotChunk(1, first.id(), Solo.mark(5, 1), 0, new byte[10], 99, false));
    ReadSnapshotChunk second = firstRead(node);
    assertThat(second.offset()).isEqualTo(10);
    read(node, second, 3, true);
    assertThat(node.sentTo(3, SnapshotChunk.class).get(0).last()).isTrue();
    assertThat(node.effects()).isEmpty();
    stored(node, first.id(), 13);
    node.accept(3, 5);
    assertThat(node.effects()).contains(new SnapshotSent(3, first.id()));
    AppendRequest rest = node.sentTo(3, AppendRequest.class).get(0);
    assertThat(rest.prevIndex()).isEqualTo(5);
    assertThat(rest.entries()).hasSize(3);
  }

  @Test
  void noMoreChunksAreInFlightThanTheLimitAllows() {
    Solo node = sending();
    ReadSnapshotChunk first = firstRead(node);
    read(node, first, 10, false);
    read(node, firstRead(node), 10, false);
    assertThat(node.effects(ReadSnapshotChunk.class)).isEmpty(); // two are on their way
    node.ticks(1);
    assertThat(node.effects(ReadSnapshotChunk.class)).isEmpty();
    stored(node, first.id(), 10);
    assertThat(firstRead(node).offset()).isEqualTo(20);
  }

  @Test
  void aLostChunkIsSentAgainOnceAHeartbeatIsAnswered() {
    Solo node = sending();
    ReadSnapshotChunk first = firstRead(node);
    read(node, first, 10, false);
    read(node, firstRead(node), 10, false);
    stored(node, first.id(), 10);
    read(node, firstRead(node), 10, false); // 10 and 20 are on their way
    node.effects();
    heartbeatIsAnswered(node); // the heartbeat began after the status came
    assertThat(firstRead(node).offset()).isEqualTo(10);
  }

  @Test
  void aReceiverThatHasAPartAlreadyIsSentTheRest() {
    Solo node = sending();
    ReadSnapshotChunk first = firstRead(node);
    read(node, first, 10, false);
    ReadSnapshotChunk second = firstRead(node);
    stored(node, first.id(), 4000);
    read(node, second, 10, false); // no longer wanted
    assertThat(node.sentTo(3, SnapshotChunk.class)).hasSize(1);
    assertThat(firstRead(node).offset()).isEqualTo(4000);
  }

  @Test
  void aFailureOfTheReceiverBeginsAnewUnderAnotherNameButNotAtOnce() {
    Solo node = sending();
    ReadSnapshotChunk first = firstRead(node);
    node.receive(3, new SnapshotStatus(1, first.id(), 0, true));
    assertThat(node.effects()).containsExactly(new SnapshotSent(3, first.id()));
    node.ticks(1);
    assertThat(node.effects()).isEmpty();
    heartbeatIsAnswered(node);
    ReadSnapshotChunk again = firstRead(node);
    assertThat(again.offset()).isZero();
    assertThat(again.id()).isNotEqualTo(first.id());
    assertThat(again.id().index()).isEqualTo(5);
  }

  @Test
  void aSnapshotThatCannotBeReadIsBegunAnewButNotAtOnce() {
    Solo node = sending();
    ReadSnapshotChunk first = firstRead(node);
    node.step(new Input.SnapshotReadFailed(3, first.id()));
    assertThat(node.effects()).containsExactly(new SnapshotSent(3, first.id()));
    heartbeatIsAnswered(node);
    assertThat(firstRead(node).id()).isNotEqualTo(first.id());
  }

  @Test
  void whatBelongsToAnEarlierSendingIsIgnored() {
    Solo node = sending();
    ReadSnapshotChunk first = firstRead(node);
    node.receive(3, new SnapshotStatus(1, first.id(), 0, true));
    heartbeatIsAnswered(node);
    ReadSnapshotChunk again = firstRead(node);
    node.sent();
    read(node, first, 10, false);
    node.step(new Input.SnapshotReadFailed(3, first.id()));
    stored(node, first.id(), 500);
    node.receive(3, new SnapshotStatus(1, first.id(), 0, true));
    assertThat(node.sent()).isEmpty();
    assertThat(node.effects()).isEmpty();
    read(node, again, 10, false);
    assertThat(node.sentTo(3, SnapshotChunk.class)).hasSize(1);
  }

  @Test
  void aFollowerThatTurnsOutToHaveEnoughIsSentTheLogInstead() {
    Solo node = sending();
    ReadSnapshotChunk first = firstRead(node);
    node.sent();
    node.accept(3, 4); // not enough: the log begins after 5
    assertThat(node.effects()).isEmpty();
    assertThat(node.sentTo(3, AppendRequest.class)).isEmpty();
    node.accept(3, 6);
    assertThat(node.effects()).contains(new SnapshotSent(3, first.id()));
    assertThat(node.sentTo(3, AppendRequest.class).get(0).prevIndex()).isEqualTo(6);
  }

  @Test
  void rejectionsWhileASnapshotIsInFlightChangeNothing() {
    Solo node = sending();
    firstRead(node);
    node.sent();
    node.receive(3, new AppendRejected(1, 7, 0, 0));
    assertThat(node.sent()).isEmpty();
    assertThat(node.effects()).isEmpty();
  }

  @Test
  void noEntriesAreSentBesideASnapshot() {
    Solo node = sending();
    node.sent();
    node.propose("y");
    node.force();
    node.acceptAll(2);
    assertThat(node.sentTo(3, AppendRequest.class)).isEmpty();
  }

  @Test
  void theLogAfterASnapshotThatIsBeingSentStays() {
    Solo node = sending();
    ReadSnapshotChunk first = firstRead(node);
    node.step(new Input.SnapshotTaken(8));
    assertThat(node.raft().firstIndex()).isEqualTo(6);
    node.accept(3, 5);
    assertThat(node.sentTo(3, AppendRequest.class).get(0).entries()).hasSize(3);
    assertThat(node.effects()).contains(new SnapshotSent(3, first.id()));
  }

  @Test
  void eachOfSeveralMembersHasASendingOfItsOwn() {
    Solo node = Solo.fresh(5, CompactionTest.NOTHING_RETAINED);
    node.becomeEstablishedLeader();
    node.propose("x");
    node.force();
    node.acceptAll(2, 3);
    node.apply();
    node.step(new Input.SnapshotTaken(2));
    node.effects();
    node.answer(4, 0);
    node.answer(5, 0);
    List<ReadSnapshotChunk> reads = node.effects(ReadSnapshotChunk.class);
    assertThat(reads).extracting(ReadSnapshotChunk::to).containsExactly(4L, 5L);
    assertThat(reads.get(0).id()).isNotEqualTo(reads.get(1).id());
    node.accept(5, 2);
    assertThat(node.effects()).contains(new SnapshotSent(5, reads.get(1).id()));
    read(node, reads.get(0), 10, true);
    assertThat(node.sentTo(4, SnapshotChunk.class)).hasSize(1);
  }

  @Test
  void whatWasOpenedIsClosedWhenTheLeaderStepsDown() {
    Solo node = sending();
    ReadSnapshotChunk first = firstRead(node);
    node.receive(2, new Message.HeartbeatResponse(7, 0));
    assertThat(node.effects()).contains(new SnapshotSent(3, first.id()));
    read(node, first, 10, false);
    assertThat(node.sentTo(3, SnapshotChunk.class)).isEmpty();
  }

  @Test
  void whatWasOpenedIsClosedWhenTheMemberIsRemoved() {
    Solo node = sending();
    ReadSnapshotChunk first = firstRead(node);
    node.propose(voters(1L, 2L));
    node.force();
    assertThat(node.effects(SnapshotSent.class)).isEmpty(); // joint
    node.acceptAll(2);
    assertThat(node.effects(SnapshotSent.class)).containsExactly(new SnapshotSent(3, first.id()));
  }

  @Test
  void aSnapshotIsNotHeldReadyForeverForAMemberThatIsSilent() {
    Solo node = sending();
    ReadSnapshotChunk first = firstRead(node);
    for (int i = 0; i < 100 * Solo.ELECTION_TICKS - 1; i++) {
      node.answer(2, 0);
      node.ticks(1);
    }
    assertThat(node.effects(SnapshotSent.class)).isEmpty();
    node.ticks(1);
    assertThat(node.effects(SnapshotSent.class)).containsExactly(new SnapshotSent(3, first.id()));
    node.step(new Input.SnapshotTaken(8));
    assertThat(node.raft().firstIndex()).isEqualTo(9);
  }

  @Test
  void aRestartedLeaderSendsASnapshotOnceItsStateMachineHasSaidWhichItHas() {
    Solo node = Solo.after(Solo.mark(5, 1), 1, 1, 1);
    node.becomeEstablishedLeader();
    long probed = node.raft().peers().get(1).nextIndex() - 1;
    node.receive(3, new AppendRejected(node.term(), probed, 0, 0));
    assertThat(node.effects()).isEmpty();
    node.ticks(1);
    assertThat(node.effects()).isEmpty();
    node.step(new Input.SnapshotTaken(5));
    assertThat(firstRead(node).id().index()).isEqualTo(5);
  }
}
