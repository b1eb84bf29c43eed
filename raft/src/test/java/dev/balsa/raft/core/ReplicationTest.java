package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How logs are made alike (thesis 3.5, figure 3.6), and how much is sent at a time (10.2). */
class ReplicationTest {
  @Test
  void aFollowerAnswersOnlyOnceTheEntriesAreDurable() {
    Solo node = Solo.fresh(3);
    node.append(2, 1, 0, 0, 1, 1);
    assertThat(node.sent()).isEmpty();
    node.force();
    assertThat(node.sentTo(2)).containsExactly(new AppendAccepted(1, 2));
  }

  @Test
  void requestsThatComeTogetherAreWrittenAndAnsweredTogether() {
    Solo node = Solo.fresh(3);
    node.step(
        new Input.Received(
            2, new AppendRequest(1, 0, 0, 0, List.of(Solo.entry(1, 1), Solo.entry(2, 1)))),
        new Input.Received(2, new AppendRequest(1, 2, 1, 0, List.of(Solo.entry(3, 1)))));
    assertThat(node.disk.pendingWrites()).isEqualTo(1);
    node.force();
    assertThat(node.sentTo(2)).containsExactly(new AppendAccepted(1, 3));
  }

  @Test
  void aConflictRemovesTheFollowersEntriesFromThereOn() {
    Solo node = Solo.withLog(1, 1, 1, 2, 2);
    node.append(2, 4, 3, 1, 4);
    assertThat(node.logTerms()).containsExactly(1L, 1L, 1L, 4L);
    node.force();
    assertThat(node.disk.durableEntries()).hasSize(4);
    assertThat(node.sentTo(2)).containsExactly(new AppendAccepted(4, 4));
  }

  @Test
  void aLateOrRepeatedRequestRemovesNothing() {
    Solo node = Solo.fresh(3);
    node.append(2, 1, 0, 0, 1, 1, 1);
    node.append(2, 1, 0, 0, 1);
    assertThat(node.logTerms()).containsExactly(1L, 1L, 1L);
    node.force();
    node.sent();
    node.append(2, 1, 1, 1, 1);
    assertThat(node.sentTo(2)).containsExactly(new AppendAccepted(1, 2)); // nothing to write
  }

  @Test
  void aFollowerWithAGapSaysWhereItsLogEnds() {
    Solo node = Solo.withLog(1, 1);
    node.append(2, 3, 9, 3, 3);
    assertThat(node.sentTo(2)).containsExactly(new AppendRejected(3, 9, 2, 1));
  }

  @Test
  void aRejectionSkipsTheFollowersWholeConflictingTerms() {
    Solo node = Solo.withLog(1, 1, 4, 4, 4, 4);
    node.append(2, 5, 6, 3, 5);
    assertThat(node.sentTo(2)).containsExactly(new AppendRejected(5, 6, 2, 1));
  }

  @Test
  void theLeaderSkipsItsOwnNewerTermsOnARejection() {
    Solo node = Solo.withLog(1, 1, 3, 3, 3, 3);
    node.becomeLeader(); // term 4, entry 7
    node.receive(2, new AppendRejected(4, 6, 6, 2)); // the follower's log ends with term 2
    AppendRequest retry = node.sentTo(2, AppendRequest.class).get(0);
    assertThat(retry.prevIndex()).isEqualTo(2);
    assertThat(retry.prevTerm()).isEqualTo(1);
  }

  @Test
  void anEmptyFollowerIsBroughtUpFromTheStart() {
    Solo node = Solo.withLog(1, 1, 2);
    node.becomeLeader();
    node.receive(2, new AppendRejected(3, 3, 0, 0));
    AppendRequest retry = node.sentTo(2, AppendRequest.class).get(0);
    assertThat(retry.prevIndex()).isZero();
    assertThat(retry.entries()).hasSize(4); // those on disk, and the one in memory
    node.accept(2, 4);
    assertThat(node.sentTo(2, AppendRequest.class)).isEmpty();
  }

  @Test
  void theLogsOfFigureSevenAreAllMadeAlike() {
    long[][] followers = {
      {1, 1, 1, 4, 4, 5, 5, 6, 6},
      {1, 1, 1, 4},
      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6},
      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7},
      {1, 1, 1, 4, 4, 4, 4},
      {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3},
    };
    for (long[] terms : followers) {
      Solo leader = Solo.restarted(new HardState(7, 0, 0), 1, 1, 1, 4, 4, 5, 5, 6, 6, 6);
      leader.becomeLeader();
      Solo follower = Solo.withLog(terms);
      leader.receive(2, new AppendRejected(8, 10, 10, 6)); // makes it probe anew
      leader.receive(2, new HeartbeatResponse(8, 0));
      int requests = 0;
      for (boolean moving = true; moving; ) {
        List<Message> requested = leader.sentTo(2);
        requested.forEach(message -> follower.receive(3, message));
        follower.force();
        List<Message> answers = follower.sentTo(3);
        answers.forEach(answer -> leader.receive(2, answer));
        requests += (int) requested.stream().filter(AppendRequest.class::isInstance).count();
        moving = !requested.isEmpty();
      }
      assertThat(follower.logTerms()).isEqualTo(leader.logTerms());
      assertThat(requests).isLessThanOrEqualTo(7);
    }
  }

  @Test
  void aProbeIsNotRepeatedBeforeAnAnswerAndIsAfterAHeartbeatsAnswer() {
    Solo node = Solo.withLog(1);
    node.becomeCandidate();
    node.sent();
    node.receive(2, new Message.VoteResponse(2, true));
    assertThat(node.sentTo(3, AppendRequest.class)).hasSize(1);
    node.force();
    node.propose("a");
    node.propose("b");
    assertThat(node.sentTo(3, AppendRequest.class)).isEmpty();
    node.receive(3, new HeartbeatResponse(2, 0));
    List<AppendRequest> again = node.sentTo(3, AppendRequest.class);
    assertThat(again).hasSize(1);
    assertThat(again.get(0).entries()).hasSize(3);
  }

  @Test
  void entriesAreSentInAPipelineOnceTheLogsAgree() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.propose("a");
    node.propose("b");
    List<AppendRequest> requests = node.sentTo(2, AppendRequest.class);
    assertThat(requests).extracting(AppendRequest::prevIndex).containsExactly(1L, 2L);
  }

  @Test
  void proposalsThatComeTogetherTravelTogether() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.step(
        new Input.Proposed(1, 1, Solo.bytes("a")),
        new Input.Proposed(2, 1, Solo.bytes("b")),
        new Input.Proposed(3, 1, Solo.bytes("c")));
    assertThat(node.disk.pendingWrites()).isEqualTo(1);
    assertThat(node.sentTo(2, AppendRequest.class)).hasSize(1);
  }

  @Test
  void theWindowBoundsTheMessagesInFlight() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    for (int i = 0; i < 10; i++) {
      node.propose("x");
    }
    assertThat(node.sentTo(2, AppendRequest.class)).hasSize(Solo.LIMITS.inFlightMessagesMax());
    node.accept(2, 2); // one answer makes room for one message, which takes all that waits
    List<AppendRequest> next = node.sentTo(2, AppendRequest.class);
    assertThat(next).hasSize(1);
    assertThat(next.get(0).entries()).hasSize(6);
  }

  @Test
  void theWindowBoundsTheBytesInFlight() {
    Limits limits = new Limits(1000, 100, 2500, 100_000, 100_000, 100_000);
    Solo node = Solo.fresh(3, limits);
    node.becomeEstablishedLeader();
    for (int i = 0; i < 10; i++) {
      node.propose("x".repeat(900));
    }
    assertThat(node.sentTo(2, AppendRequest.class)).hasSize(3);
  }

  @Test
  void aMessageIsBoundedInBytesButCarriesOneEntryInAnyCase() {
    Limits limits = new Limits(1000, 100, 1 << 20, 100_000, 100_000, 0);
    Solo node = Solo.fresh(3, limits);
    node.becomeEstablishedLeader();
    Input[] proposals = new Input[6];
    for (int i = 0; i < proposals.length; i++) {
      byte[] payload = Solo.bytes("x".repeat(i == 2 ? 3000 : 400));
      proposals[i] = new Input.Proposed(i + 1, 1, payload);
    }
    node.step(proposals);
    assertThat(node.sentTo(2, AppendRequest.class))
        .extracting(request -> request.entries().size())
        .containsExactly(2, 1, 2, 1);
  }

  @Test
  void entriesThatAreNoLongerInMemoryAreReadFromTheLog() {
    Solo node = Solo.fresh(3, new Limits(1000, 100, 1 << 20, 100_000, 100_000, 0));
    node.becomeEstablishedLeader();
    for (int i = 0; i < 5; i++) {
      node.propose("c" + i);
      node.force();
    }
    node.sent();
    node.receive(3, new AppendRejected(1, 0, 0, 0)); // stale, but its sender is heard
    node.receive(3, new HeartbeatResponse(1, 0));
    AppendRequest request = node.sentTo(3, AppendRequest.class).get(0);
    assertThat(request.entries()).isEqualTo(node.disk.durableEntries());
  }

  @Test
  void aLostRequestWithNothingBehindItIsFoundOut() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.propose("lost");
    node.sent();
    node.ticks(Solo.HEARTBEAT_TICKS);
    assertThat(node.sentTo(2, Heartbeat.class)).hasSize(1);
    node.receive(2, new HeartbeatResponse(1, 1));
    AppendRequest probe = node.sentTo(2, AppendRequest.class).get(0);
    assertThat(probe.prevIndex()).isEqualTo(2);
    assertThat(probe.entries()).isEmpty();
    node.receive(2, new HeartbeatResponse(1, 1));
    assertThat(node.sentTo(2)).isEmpty(); // asks once for each interval
    node.receive(2, new AppendRejected(1, 2, 1, 1));
    assertThat(node.sentTo(2, AppendRequest.class).get(0).entries()).hasSize(1);
  }

  @Test
  void anOldRejectionIsIgnored() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.propose("a");
    node.accept(2, 2);
    node.sent();
    node.receive(2, new AppendRejected(1, 1, 0, 0));
    node.propose("b");
    AppendRequest next = node.sentTo(2, AppendRequest.class).get(0);
    assertThat(next.prevIndex()).isEqualTo(2);
  }

  @Test
  void aPausedPeerResumesWhereItIs() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    for (int i = 0; i < 20; i++) {
      node.propose("x");
    }
    node.force();
    node.sent();
    node.receive(2, new AppendAccepted(1, 5));
    List<AppendRequest> requests = node.sentTo(2, AppendRequest.class);
    assertThat(requests.get(0).prevIndex()).isEqualTo(5);
    assertThat(requests.get(requests.size() - 1).lastIndex()).isEqualTo(21);
  }

  @Test
  void malformedEntriesAreNoMessage() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AppendRequest(2, 1, 1, 0, List.of(Solo.entry(3, 2))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AppendRequest(2, 1, 1, 0, List.of(Solo.entry(2, 3))));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new AppendRequest(4, 1, 1, 0, List.of(Solo.entry(2, 3), Solo.entry(3, 2))));
  }
}
