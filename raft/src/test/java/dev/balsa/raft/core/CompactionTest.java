package dev.balsa.raft.core;

import static dev.balsa.raft.core.Solo.voters;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.core.Effect.CompactLog;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The log is given up where a snapshot holds what it said (thesis 5.1). */
class CompactionTest {
  /** No log is kept below a snapshot. */
  static final Limits NOTHING_RETAINED = new Limits(1000, 4, 10_000, 50_000, 100_000, 0, 0, 10, 2);

  /** A follower of node 2 in term 1 that has applied {@code entries} entries. */
  private static Solo follower(Limits limits, int entries) {
    Solo node = Solo.fresh(3, limits);
    for (int i = 0; i < entries; i++) {
      node.appendAndCommit(i + 1, 2, 1, i, i == 0 ? 0 : 1, 1);
    }
    node.force();
    node.apply();
    node.effects();
    node.sent();
    return node;
  }

  @Test
  void theLogUpToASnapshotGoes() {
    Solo node = follower(NOTHING_RETAINED, 8);
    node.step(new Input.SnapshotTaken(5));
    assertThat(node.effects()).containsExactly(new CompactLog(Solo.mark(5, 1)));
    assertThat(node.raft().firstIndex()).isEqualTo(6);
    assertThat(node.raft().termAt(5)).isEqualTo(1);
    node.step(new Input.SnapshotTaken(5));
    node.step(new Input.SnapshotTaken(3)); // old news
    assertThat(node.effects()).isEmpty();
    node.step(new Input.SnapshotTaken(8));
    assertThat(node.effects()).containsExactly(new CompactLog(Solo.mark(8, 1)));
    assertThat(node.raft().firstIndex()).isEqualTo(9);
    assertThat(node.raft().lastIndex()).isEqualTo(8);
  }

  @Test
  void asMuchOfTheLogAsIsToBeRetainedStays() {
    Limits limits = new Limits(1000, 4, 10_000, 50_000, 100_000, 0, 5 * 67, 10, 2);
    Solo node = follower(limits, 20); // of 67 or 68 bytes each
    node.step(new Input.SnapshotTaken(20));
    assertThat(node.raft().firstIndex()).isBetween(14L, 16L);
  }

  @Test
  void aSnapshotOfWhatIsNotAppliedHaltsTheNode() {
    Solo node = follower(NOTHING_RETAINED, 3);
    assertThatThrownBy(() -> node.step(new Input.SnapshotTaken(4)))
        .hasMessageContaining("snapshot at 4, applied up to 3");
  }

  @Test
  void theMarkCarriesTheConfigurationThatWasInForceThere() {
    Solo node = Solo.fresh(3, NOTHING_RETAINED);
    Configuration four = voters(1L, 2L, 3L, 4L);
    node.append(
        2,
        1,
        0,
        0,
        List.of(
            Solo.entry(1, 1),
            Solo.entry(2, 1, four),
            Solo.entry(3, 1),
            Solo.entry(4, 1, voters(1L, 2L)),
            Solo.entry(5, 1)));
    node.appendAndCommit(5, 2, 1, 5, 1);
    node.force();
    node.apply();
    node.effects();
    node.step(new Input.SnapshotTaken(3));
    assertThat(node.effects()).containsExactly(new CompactLog(new SnapshotMark(3, 1, four)));
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L));
    node.step(new Input.SnapshotTaken(5));
    assertThat(node.effects())
        .containsExactly(new CompactLog(new SnapshotMark(5, 1, voters(1L, 2L))));
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L));
    node.crashAndRestart();
    assertThat(node.raft().configuration()).isEqualTo(voters(1L, 2L));
    assertThat(node.raft().committedIndex()).isEqualTo(5);
  }

  @Test
  void aCompactedLogStillKnowsWhetherACandidatesIsUpToDate() {
    Solo node = follower(NOTHING_RETAINED, 6);
    node.step(new Input.SnapshotTaken(6));
    node.ticks(Solo.ELECTION_TICKS);
    node.receive(3, new VoteRequest(2, 5, 1));
    node.receive(2, new VoteRequest(3, 6, 1));
    node.force();
    assertThat(node.sentTo(3)).contains(new VoteResponse(2, false));
    assertThat(node.sentTo(2)).contains(new VoteResponse(3, true));
  }

  @Test
  void aLateRequestFromBelowTheLogIsAnsweredWithWhatIsCommitted() {
    Solo node = follower(NOTHING_RETAINED, 6);
    node.step(new Input.SnapshotTaken(5));
    node.append(2, 1, 0, 0, 1, 1);
    assertThat(node.sentTo(2)).containsExactly(new AppendAccepted(1, 6));
    node.append(2, 1, 3, 1, 1, 1, 1, 1); // 4 to 7
    node.force();
    assertThat(node.sentTo(2)).containsExactly(new AppendAccepted(1, 7));
    assertThat(node.raft().lastIndex()).isEqualTo(7);
  }

  @Test
  void aLeaderThatHasAnotherEntryWhereTheLogBeginsHaltsTheNode() {
    Solo node = follower(NOTHING_RETAINED, 6);
    node.step(new Input.SnapshotTaken(5));
    assertThatThrownBy(() -> node.append(3, 9, 3, 1, 1, 2, 2))
        .hasMessageContaining("has another entry at 5, which is committed");
  }

  @Test
  void aRejectionGoesNoLowerThanWhereTheLogBegins() {
    Solo node = follower(NOTHING_RETAINED, 6);
    node.step(new Input.SnapshotTaken(5));
    node.append(2, 1, 9, 1, 1);
    assertThat(node.sentTo(2)).containsExactly(new Message.AppendRejected(1, 9, 6, 1));
  }

  @Test
  void aLeaderServesFromItsDiskWhatItHasKept() {
    Solo node = Solo.fresh(3, NOTHING_RETAINED);
    node.becomeEstablishedLeader();
    for (int i = 0; i < 5; i++) {
      node.propose("x");
      node.force();
      node.acceptAll(2);
    }
    node.apply();
    node.step(new Input.SnapshotTaken(3));
    node.sent();
    node.receive(3, new Message.AppendRejected(1, 0, 0, 0)); // late, of before
    node.accept(3, 3);
    AppendRequest request = node.sentTo(3, AppendRequest.class).get(0);
    assertThat(request.prevIndex()).isEqualTo(3);
    assertThat(request.prevTerm()).isEqualTo(1);
    assertThat(request.entries()).isEqualTo(node.disk.durableEntries());
  }

  @Test
  void aNodeThatJoinsTakesNoSnapshotBeforeItKnowsTheMembers() {
    Solo node = Solo.in(Configuration.EMPTY, NOTHING_RETAINED);
    node.appendAndCommit(2, 2, 1, 0, 0, 1, 1);
    node.force();
    node.apply();
    node.effects();
    node.step(new Input.SnapshotTaken(2));
    assertThat(node.effects()).isEmpty();
    node.append(2, 1, 2, 1, List.of(Solo.entry(3, 1, voters(2L))));
    node.appendAndCommit(3, 2, 1, 3, 1);
    node.force();
    node.apply();
    node.effects();
    node.step(new Input.SnapshotTaken(3));
    assertThat(node.effects()).containsExactly(new CompactLog(new SnapshotMark(3, 1, voters(2L))));
  }
}
