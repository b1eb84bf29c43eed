package dev.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.ReadResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommitNewsTest {
  private static final long TERM = 3;
  private static final long PEER = 2;
  private static final long OTHER = 5;

  private record Sent(long to, Message message) {}

  private final List<Sent> sent = new ArrayList<>();
  private final CommitNews news = new CommitNews((to, message) -> sent.add(new Sent(to, message)));
  private long last = 10;

  private Heartbeat heartbeat(long committed, long round) {
    Heartbeat heartbeat = new Heartbeat(TERM, committed, round);
    news.send(PEER, heartbeat);
    return heartbeat;
  }

  /** The next entry goes to the peer. */
  private AppendRequest append(long committed) {
    Entry entry = new Entry(last + 1, TERM, EntryType.COMMAND, new byte[1]);
    AppendRequest request = new AppendRequest(TERM, last, TERM, committed, List.of(entry));
    last++;
    news.send(PEER, request);
    return request;
  }

  private void busy() {
    heartbeat(0, 1);
    for (int i = 0; i < CommitNews.BUSY_APPENDS; i++) {
      append(0);
    }
    sent.clear();
  }

  private List<Message> messages() {
    return sent.stream().map(Sent::message).toList();
  }

  @Test
  void whereEntriesAreRareNewsGoesOutAtOnce() {
    heartbeat(0, 1);
    for (int i = 1; i < CommitNews.BUSY_APPENDS; i++) {
      append(0);
    }
    sent.clear();
    Heartbeat told = heartbeat(last, 1);
    assertThat(sent).containsExactly(new Sent(PEER, told));
  }

  @Test
  void whereTheyAreManyTheNextEntryCarriesIt() {
    busy();
    heartbeat(last, 1);
    assertThat(sent).isEmpty();
    AppendRequest next = append(last);
    news.tick();
    assertThat(messages()).containsExactly(next);
  }

  @Test
  void withoutANextEntryItWaitsForOneTick() {
    busy();
    heartbeat(last - 1, 1);
    Heartbeat newest = heartbeat(last, 1);
    news.tick();
    assertThat(sent).containsExactly(new Sent(PEER, newest));
    news.tick();
    assertThat(sent).hasSize(1);
  }

  @Test
  void anEntryThatWasSentBeforeTheCommitDoesNotCarryIt() {
    busy();
    Heartbeat told = heartbeat(last, 1);
    append(last - 1);
    sent.clear();
    news.tick();
    assertThat(messages()).containsExactly(told);
  }

  @Test
  void aRequestThatEndsBelowWhatIsCommittedDoesNotCarryIt() {
    busy();
    Heartbeat told = heartbeat(last, 1);
    AppendRequest probe = new AppendRequest(TERM, last - 1, TERM, last, List.of());
    news.send(PEER, probe);
    news.tick();
    assertThat(messages()).containsExactly(probe, told);
  }

  @Test
  void aNewRoundOfHeartbeatsIsNeverHeldBackAndTellsIt() {
    busy();
    heartbeat(last, 1);
    Heartbeat round = heartbeat(last, 2);
    news.tick();
    assertThat(messages()).containsExactly(round);
  }

  @Test
  void whoAsksWhereTheLeaderIsHearsItBeforeTheAnswer() {
    busy();
    Heartbeat told = heartbeat(last, 1);
    ReadResponse answer = new ReadResponse(TERM, 7, last);
    news.send(OTHER, answer);
    news.send(PEER, answer);
    assertThat(sent)
        .containsExactly(new Sent(OTHER, answer), new Sent(PEER, told), new Sent(PEER, answer));
  }

  @Test
  void probesMakeNobodyBusy() {
    heartbeat(0, 1);
    for (int i = 0; i < CommitNews.BUSY_APPENDS; i++) {
      news.send(PEER, new AppendRequest(TERM, last, TERM, 0, List.of()));
    }
    sent.clear();
    Heartbeat told = heartbeat(last, 1);
    assertThat(messages()).containsExactly(told);
  }

  @Test
  void oneMembersEntriesDoNotHoldBackAnothersNews() {
    busy();
    Heartbeat told = new Heartbeat(TERM, last, 1);
    news.send(OTHER, told);
    news.send(OTHER, told);
    assertThat(messages()).containsExactly(told, told);
  }

  @Test
  void onceItIsQuietNothingWaits() {
    busy();
    news.tick();
    heartbeat(last - 1, 1);
    news.tick();
    sent.clear();
    Heartbeat told = heartbeat(last, 1);
    assertThat(messages()).containsExactly(told);
  }

  @Test
  void newsOfATermThatIsOverIsForgotten() {
    busy();
    heartbeat(last, 1);
    news.clear();
    news.tick();
    assertThat(sent).isEmpty();
  }

  /**
   * With a whole node: what waits is not left to a heartbeat, which is due fifty ticks on. Where
   * the machine stands still, both may come at once; then another burst shows it.
   */
  @Test
  void theEndOfABurstIsToldBeforeTheNextHeartbeat() throws Exception {
    List<Told> told = Collections.synchronizedList(new ArrayList<>());
    try (TestNodes nodes =
        new TestNodes(3).with(config -> config.withTimes(Duration.ofMillis(10), 50, 160))) {
      nodes.network.onSend((to, message) -> note(told, to, message));
      nodes.ids.forEach(nodes::start);
      RaftNode leader = nodes.awaitLeader().node();
      boolean before = false;
      for (int burst = 0; burst < 10 && !before; burst++) {
        long index = burst(leader);
        before = true;
        for (TestNodes.Running other : nodes.all()) {
          TestNodes.await("all to be applied", () -> other.node().status().appliedIndex() >= index);
          long id = other.node().nodeId();
          before &= id == leader.nodeId() || !firstOf(told, id, index).byHeartbeatThatWasDue();
        }
      }
      assertThat(before).isTrue();
    }
  }

  /** Entries one after the other; the last one's index. */
  private static long burst(RaftNode leader) throws Exception {
    for (int i = 0; i < 100; i++) {
      assertThat(TestNodes.get(leader.propose(leader.leadership().term(), new byte[] {1})))
          .isInstanceOf(ProposalOutcome.Committed.class);
    }
    return leader.status().lastIndex();
  }

  private static Told firstOf(List<Told> told, long to, long index) {
    return List.copyOf(told).stream()
        .filter(each -> each.to() == to && each.committed() >= index)
        .findFirst()
        .orElseThrow();
  }

  /** A node was told what is committed. */
  private record Told(
      long to, long term, long round, long committed, boolean byHeartbeatThatWasDue) {}

  private static void note(List<Told> told, long to, Message message) {
    if (message instanceof AppendRequest append) {
      long committed = Math.min(append.committed(), append.lastIndex());
      told.add(new Told(to, append.term(), 0, committed, false));
    } else if (message instanceof Heartbeat beat) {
      boolean repeated =
          List.copyOf(told).stream()
              .anyMatch(t -> t.to() == to && t.term() == beat.term() && t.round() == beat.round());
      told.add(new Told(to, beat.term(), beat.round(), beat.committed(), !repeated));
    }
  }
}
