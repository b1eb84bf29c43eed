package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.Heartbeat;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** What a leader sends, how much of it, and what becomes of it on a bad network. */
class FlowTest {
  private static Solo leader() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    node.sent();
    return node;
  }

  @Test
  void whatIsNotCommittedStaysBoundedHoweverLongAPartitionLasts() {
    Solo node = leader();
    int taken = 0;
    for (int i = 0; i < 1000; i++) {
      node.propose(node.term(), new byte[500]);
      taken += node.refusals().isEmpty() ? 1 : 0;
    }
    assertThat(taken).isBetween(5000 / (500 + Limits.ENTRY_OVERHEAD_BYTES), 10);
    node.force();
    node.acceptAll(2);
    node.propose("a");
    assertThat(node.refusals()).isEmpty();
  }

  @Test
  void theBoundCountsWhatThisTermHasAppendedAndIsFreeAgainInTheNext() {
    Solo node = leader();
    while (node.refusals().isEmpty()) {
      node.propose(node.term(), new byte[900]);
    }
    node.force();
    node.receive(2, new Message.HeartbeatResponse(3, 0));
    node.becomeLeader();
    node.propose("a");
    assertThat(node.refusals()).isEmpty();
    while (node.refusals().isEmpty()) {
      node.propose(node.term(), new byte[900]);
    }
    node.propose("b");
    assertThat(node.refusals()).containsExactly(Refusal.OVERLOADED);
  }

  @Test
  void requestsToASilentPeerAreBoundedByTheWindowAndOneProbeAHeartbeat() {
    Solo node = leader();
    for (int i = 0; i < 100; i++) {
      node.propose("x");
      node.force();
      node.acceptAll(3); // the other makes the quorum
      node.ticks(1);
    }
    assertThat(node.sentTo(2, AppendRequest.class)).hasSize(Solo.LIMITS.inFlightMessagesMax());
  }

  @Test
  void anAnswerToALaterRequestFreesTheWindowOfTheEarlier() {
    Solo node = leader();
    for (int i = 0; i < 6; i++) {
      node.propose("x"); // 2 to 7
    }
    assertThat(node.sentTo(2, AppendRequest.class)).hasSize(4);
    node.accept(2, 5); // the answers to 2, 3, 4 are lost
    assertThat(node.sentTo(2, AppendRequest.class))
        .extracting(AppendRequest::lastIndex)
        .containsExactly(7L);
    node.accept(2, 3); // late
    assertThat(node.sentTo(2, AppendRequest.class)).isEmpty();
    assertThat(node.raft().peers().get(0).matchIndex()).isEqualTo(5);
  }

  @Test
  void aRejectionInThePipelineLeadsBackToProbing() {
    Solo node = leader();
    for (int i = 0; i < 3; i++) {
      node.propose("x"); // 2, 3, 4: the first is lost
    }
    node.sent();
    node.receive(2, new AppendRejected(1, 2, 1, 1));
    List<AppendRequest> probe = node.sentTo(2, AppendRequest.class);
    assertThat(probe).hasSize(1);
    assertThat(probe.get(0).prevIndex()).isEqualTo(1);
    assertThat(probe.get(0).entries()).hasSize(3);
    node.receive(2, new AppendRejected(1, 3, 1, 1)); // of the same loss
    assertThat(node.sentTo(2)).isEmpty();
    node.propose("y");
    assertThat(node.sentTo(2)).isEmpty(); // one probe at a time
    node.accept(2, 4);
    assertThat(node.sentTo(2, AppendRequest.class))
        .extracting(AppendRequest::lastIndex)
        .containsExactly(5L);
  }

  @Test
  void aHeartbeatsAnswerEndsTheWaitForALostProbe() {
    Solo node = leader(); // of 3 nothing was heard; its probe is on its way
    node.ticks(Solo.HEARTBEAT_TICKS);
    List<Message> sent = node.sentTo(3);
    assertThat(sent).noneMatch(AppendRequest.class::isInstance);
    node.answer(3, ((Heartbeat) sent.get(0)).round());
    assertThat(node.sentTo(3, AppendRequest.class)).hasSize(1);
  }

  @Test
  void aPeerThatIsCutOffCatchesUpWhenItComesBack() {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.cutOff(3L);
    for (int i = 0; i < 30; i++) {
      story.propose(leader, "c" + i);
      story.ticksOf(1, 1, 2);
    }
    assertThat(story.node(3).state()).isEmpty();
    story.heal();
    story.ticksOf(2 * Story.HEARTBEAT_TICKS, 1, 2);
    assertThat(story.node(3).state()).isEqualTo(leader.state()).hasSize(30);
  }

  @Test
  void aFollowerThatHearsAndIsNotHeardKeepsItsLogAndDisturbsNobody() {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.links((from, to) -> from != 3);
    for (int i = 0; i < 10; i++) {
      story.propose(leader, "c" + i);
      story.ticks(Story.ELECTION_TICKS);
    }
    assertThat(leader.isLeader()).isTrue();
    assertThat(leader.state()).hasSize(10);
    assertThat(story.node(3).leadership().term()).isEqualTo(leader.leadership().term());
    story.heal();
    story.ticks(2 * Story.HEARTBEAT_TICKS);
    assertThat(story.node(3).state()).hasSize(10);
  }

  @Test
  void aLeaderThatIsHeardAndHearsNobodyStepsDown() {
    Story story = Story.of(3);
    StoryNode leader = story.elect(1);
    story.links((from, to) -> to != 1);
    story.propose(leader, "lost or not");
    story.runUntil("another leads", () -> story.node(2).isLeader() || story.node(3).isLeader());
    assertThat(leader.isLeader()).isFalse();
  }

  /**
   * Requests of one leader, cut anywhere and overlapping, some lost, some twice, in any order: what
   * a follower has is a prefix of the leader's log, nothing of it is ever lost, and the answers
   * name nothing that it has not.
   */
  @Property(tries = 2000, shrinking = ShrinkingMode.OFF)
  void requestsInAnyOrderMakeAPrefixOfTheLeadersLog(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Entry> log = new ArrayList<>();
    long term = 2;
    for (int i = 1; i <= 30; i++) {
      term += random.nextInt(6) == 0 ? 2 : 0;
      log.add(Solo.entry(i, term));
    }
    Solo node = Solo.withLog(own(random, log));
    long leaderTerm = term + 1;
    node.follow(leaderTerm);
    long agreed = 0;
    for (int i = 0; i < 40; i++) {
      int from = random.nextInt(31);
      int to = from + random.nextInt(31 - from);
      long prevTerm = from == 0 ? 0 : log.get(from - 1).term();
      long committed = Math.min(agreed, random.nextInt(31));
      node.receive(
          2, new AppendRequest(leaderTerm, from, prevTerm, committed, log.subList(from, to)));
      if (random.nextBoolean()) {
        node.force();
      }
      for (AppendAccepted accepted : node.sentTo(2, AppendAccepted.class)) {
        agreed = Math.max(agreed, accepted.matchIndex());
      }
      assertThat(node.raft().lastIndex()).isGreaterThanOrEqualTo(agreed);
      for (long index = 1; index <= agreed; index++) {
        assertThat(node.raft().termAt(index)).isEqualTo(log.get((int) index - 1).term());
      }
    }
    node.force();
    node.receive(2, new AppendRequest(leaderTerm, 0, 0, 0, log));
    node.force();
    assertThat(node.disk.durableEntries()).isEqualTo(log);
  }

  /** A prefix of the leader's log, and then entries of a term that is not in that: an odd one. */
  private static long[] own(SplittableRandom random, List<Entry> log) {
    int common = random.nextInt(1, 20);
    long[] terms = new long[common + random.nextInt(8)];
    for (int i = 0; i < terms.length; i++) {
      terms[i] = i < common ? log.get(i).term() : log.get(common - 1).term() + 1;
    }
    return terms;
  }
}
