package dev.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ProposalsTest {
  @Test
  void ofSeveralProposalsAtOneIndexOnlyThatOfTheCommittedTermIsCommitted() {
    Proposals proposals = new Proposals();
    CompletableFuture<ProposalOutcome> older = new CompletableFuture<>();
    CompletableFuture<ProposalOutcome> newer = new CompletableFuture<>();
    proposals.add(1, older);
    proposals.placed(1, 7, 2);
    proposals.add(2, newer);
    proposals.placed(2, 7, 5);
    proposals.committed(new Entry(6, 2, EntryType.COMMAND, new byte[0]));
    assertThat(older).isNotDone();
    proposals.committed(new Entry(7, 2, EntryType.COMMAND, new byte[0]));
    assertThat(older).isCompletedWithValue(new ProposalOutcome.Committed(7, 2));
    assertThat(newer).isCompletedWithValue(new ProposalOutcome.Superseded(7, 2));
    assertThat(proposals.drain()).isEmpty();
  }

  @Test
  void whoIsToldOfAnOutcomeMayEndTheNode() {
    Proposals proposals = new Proposals();
    List<CompletableFuture<ProposalOutcome>> drained = new ArrayList<>();
    CompletableFuture<ProposalOutcome> first = new CompletableFuture<>();
    CompletableFuture<Void> told = first.thenRun(() -> drained.addAll(proposals.drain()));
    CompletableFuture<ProposalOutcome> second = new CompletableFuture<>();
    proposals.add(1, first);
    proposals.placed(1, 7, 2);
    proposals.add(2, second);
    proposals.placed(2, 7, 5);
    proposals.committed(new Entry(7, 5, EntryType.COMMAND, new byte[0]));
    assertThat(told).isCompleted();
    assertThat(drained).containsExactly(second);
  }

  @Test
  void whatASnapshotSkipsIsNotCalledCommittedNorSupersededUnlessThatIsCertain() {
    Proposals proposals = new Proposals();
    CompletableFuture<ProposalOutcome> before = new CompletableFuture<>();
    CompletableFuture<ProposalOutcome> after = new CompletableFuture<>();
    CompletableFuture<ProposalOutcome> beyond = new CompletableFuture<>();
    proposals.add(1, before);
    proposals.placed(1, 7, 2);
    proposals.add(2, after);
    proposals.placed(2, 8, 4);
    proposals.add(3, beyond);
    proposals.placed(3, 9, 4);
    proposals.skippedTo(new SnapshotMark(8, 3, Configuration.ofVoters(List.of(1L))));
    assertThatThrownBy(before::join).hasCauseInstanceOf(OutcomeSkippedException.class);
    assertThat(after).isCompletedWithValue(new ProposalOutcome.Superseded(8, 3));
    assertThat(beyond).isNotDone();
    assertThat(proposals.drain()).containsExactly(beyond);
  }

  @Test
  void outcomesAreThoseOfAPlainList() {
    SplittableRandom random = new SplittableRandom(7);
    int superseded = 0;
    for (int life = 0; life < 2_000; life++) {
      superseded += life(random.split());
    }
    assertThat(superseded).isGreaterThan(1_000);
  }

  /** A leader that now and then loses the tail of its log, and leads again; how many it lost. */
  private static int life(SplittableRandom random) {
    record Waiting(long index, long term, CompletableFuture<ProposalOutcome> future) {}

    Proposals proposals = new Proposals();
    List<Waiting> waiting = new ArrayList<>();
    List<Long> log = new ArrayList<>(); // terms; the index is the position plus one
    int committed = 0;
    long term = 1;
    long number = 0;
    int superseded = 0;
    for (int step = 0; step < 60; step++) {
      int what = random.nextInt(10);
      if (what < 5) {
        log.add(term);
        number++;
        Waiting added = new Waiting(log.size(), term, new CompletableFuture<>());
        waiting.add(added);
        proposals.add(number, added.future);
        proposals.placed(number, added.index, term);
      } else if (what < 9) {
        if (committed < log.size()) {
          long of = log.get(committed);
          committed++;
          proposals.committed(new Entry(committed, of, EntryType.COMMAND, new byte[0]));
        }
      } else {
        int kept = committed + random.nextInt(log.size() - committed + 1);
        log = new ArrayList<>(log.subList(0, kept));
        term += 1 + random.nextInt(2);
        log.add(term); // a new leader's first entry is nobody's proposal
      }
    }
    for (Waiting each : waiting) {
      if (each.index > committed) {
        assertThat(each.future).isNotDone();
      } else if (log.get((int) each.index - 1) == each.term) {
        assertThat(each.future)
            .isCompletedWithValue(new ProposalOutcome.Committed(each.index, each.term));
      } else {
        long instead = log.get((int) each.index - 1);
        assertThat(each.future)
            .isCompletedWithValue(new ProposalOutcome.Superseded(each.index, instead));
        superseded++;
      }
    }
    return superseded;
  }
}
