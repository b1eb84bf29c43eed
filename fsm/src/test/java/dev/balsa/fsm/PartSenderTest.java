package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.Consensus;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.raft.ProposalOutcome.Committed;
import dev.balsa.raft.ProposalOutcome.Refused;
import dev.balsa.raft.ReadOutcome;
import dev.balsa.raft.core.Effect.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PartSenderTest {
  private final List<CompletableFuture<ProposalOutcome>> proposals = new ArrayList<>();
  private final CompletableFuture<ProposalOutcome> decision = new CompletableFuture<>();
  private final AtomicInteger allProposed = new AtomicInteger();
  private int throwAt = -1;
  private boolean commitAtOnce;

  private final Consensus consensus =
      new Consensus() {
        @Override
        public CompletableFuture<ProposalOutcome> propose(long expectedTerm, byte[] payload) {
          assertThat(payload[0]).isEqualTo((byte) proposals.size());
          if (proposals.size() == throwAt) {
            throw new OutOfMemoryError("injected");
          }
          CompletableFuture<ProposalOutcome> outcome = new CompletableFuture<>();
          proposals.add(outcome);
          if (commitAtOnce) {
            outcome.complete(new Committed(proposals.size(), 1));
          }
          return outcome;
        }

        @Override
        public CompletableFuture<ReadOutcome> readIndex() {
          throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<ReadOutcome> readLease() {
          throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<ReadOutcome> leaderReadIndex() {
          throw new UnsupportedOperationException();
        }

        @Override
        public UUID clusterId() {
          throw new UnsupportedOperationException();
        }

        @Override
        public Leadership leadership() {
          throw new UnsupportedOperationException();
        }
      };

  private PartSender sender(int parts) {
    return new PartSender(
        consensus,
        1,
        parts,
        part -> new byte[] {(byte) part},
        decision,
        allProposed::incrementAndGet);
  }

  private void commit(int part) {
    proposals.get(part).complete(new Committed(part, 1));
  }

  @Test
  void aFewPartsAreInFlightAndTheLastOnesCommitmentIsTheDecision() {
    assertThat(sender(10).send()).isFalse();
    assertThat(proposals).hasSize(8);
    commit(0);
    assertThat(allProposed).hasValue(0);
    commit(1);
    assertThat(proposals).hasSize(10);
    assertThat(allProposed).hasValue(1);
    for (int part = 2; part < 10; part++) {
      assertThat(decision).isNotDone();
      commit(part);
    }
    assertThat(decision.join()).isInstanceOf(Committed.class);
    assertThat(allProposed).hasValue(1);
  }

  @Test
  void manyPartsDecidedAtOnceNeedNoStack() {
    commitAtOnce = true;
    PartSender sender =
        new PartSender(
            consensus,
            1,
            100,
            part -> new byte[] {(byte) part},
            decision,
            allProposed::incrementAndGet);
    assertThat(sender.send()).isTrue();
    assertThat(decision).isCompleted();
    assertThat(allProposed).hasValue(0);
  }

  @Test
  void aRefusedPartStopsTheRestAndIsToldOnceAllAreAnswered() {
    assertThat(sender(10).send()).isFalse();
    proposals.get(0).complete(new Refused(Refusal.OVERLOADED));
    assertThat(decision).isNotDone();
    for (int part = 1; part < 8; part++) {
      commit(part);
    }
    assertThat(proposals).hasSize(8);
    assertThat(decision.join()).isInstanceOf(Refused.class);
    assertThat(allProposed).hasValue(0);
  }

  @Test
  void aPartThatCannotBeProposedWithinACallbackIsTold() {
    throwAt = 8;
    sender(10).send();
    for (int part = 0; part < 8; part++) {
      assertThat(decision).isNotDone();
      commit(part);
    }
    assertThatThrownBy(decision::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(OutOfMemoryError.class);
  }

  @Test
  void aFirstPartThatCannotBeProposedIsTold() {
    throwAt = 0;
    assertThat(sender(1).send()).isFalse();
    assertThat(decision).isCompletedExceptionally();
  }
}
