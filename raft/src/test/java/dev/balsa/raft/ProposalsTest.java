package dev.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
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
}
