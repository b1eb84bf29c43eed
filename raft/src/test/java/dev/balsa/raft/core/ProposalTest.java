package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Effect.Apply;
import dev.balsa.raft.core.Effect.ProposalAppended;
import dev.balsa.raft.core.Effect.ProposalRefused;
import dev.balsa.raft.core.Effect.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What enters the log, and how much may wait. */
class ProposalTest {
  @Test
  void aProposalEntersTheLogOfALeaderInTheExpectedTerm() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    long proposal = node.propose("a");
    assertThat(node.effects()).containsExactly(new ProposalAppended(proposal, 2, 1));
  }

  @Test
  void aProposalForAnotherTermIsRefused() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    long proposal = node.propose(2, Solo.bytes("a"));
    assertThat(node.effects()).containsExactly(new ProposalRefused(proposal, Refusal.WRONG_TERM));
    assertThat(node.raft().lastIndex()).isEqualTo(1);
  }

  @Test
  void othersThanTheLeaderRefuse() {
    Solo node = Solo.withLog(1);
    long proposal = node.propose("a");
    assertThat(node.effects()).containsExactly(new ProposalRefused(proposal, Refusal.NOT_LEADER));
  }

  @Test
  void theBytesThatWaitForCommitmentAreBounded() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    long bytesMax = Solo.LIMITS.uncommittedBytesMax();
    int accepted = 0;
    while (true) {
      node.propose("x".repeat(936)); // 1000 with its overhead
      if (!node.effects(ProposalRefused.class).isEmpty()) {
        break;
      }
      accepted++;
    }
    assertThat(accepted).isEqualTo((int) (bytesMax / 1000));
    node.force();
    node.accept(2, 3);
    node.effects();
    long again = node.propose("y");
    assertThat(node.effects(ProposalAppended.class)).hasSize(1);
    assertThat(again).isPositive();
  }

  @Test
  void theRefusalSaysOverloaded() {
    Solo node = Solo.fresh(3, new Limits(1000, 4, 1000, 100, 1000, 1000));
    node.becomeEstablishedLeader();
    node.propose("x".repeat(500)); // one is let through in any case
    long refused = node.propose("y");
    assertThat(node.effects()).contains(new ProposalRefused(refused, Refusal.OVERLOADED));
  }

  @Test
  void whatIsGivenToTheStateMachineIsBoundedUntilItHasApplied() {
    Solo node = Solo.fresh(1, new Limits(1000, 4, 1000, 1 << 20, 2000, 1000));
    node.becomeLeader();
    node.step(new Input.Applied(1));
    for (int i = 0; i < 10; i++) {
      node.propose("x".repeat(936));
    }
    node.force();
    List<Apply> given = node.effects(Apply.class);
    assertThat(given).flatExtracting(Apply::entries).hasSize(2);
    node.step(new Input.Applied(2));
    assertThat(node.effects(Apply.class)).flatExtracting(Apply::entries).hasSize(1);
    node.step(new Input.Applied(4));
    assertThat(node.effects(Apply.class)).flatExtracting(Apply::entries).hasSize(2);
  }
}
