package dev.balsa.raft.core;

import static dev.balsa.raft.core.Solo.voters;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Effect.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a change of the configuration is not begun. */
class MembershipRefusalTest {
  private static final Configuration THREE = voters(1L, 2L, 3L);

  private static Solo leaderWithStandby() {
    Solo node = Solo.in(THREE.with(4, MemberRole.STANDBY).with(5, MemberRole.SPARE));
    node.becomeEstablishedLeader();
    return node;
  }

  @Test
  void aFollowerRefuses() {
    Solo node = Solo.fresh(3);
    node.propose(voters(1L));
    assertThat(node.refusals()).containsExactly(Refusal.NOT_LEADER);
  }

  @Test
  void aLeaderOfAnotherTermThanExpectedRefuses() {
    Solo node = leaderWithStandby();
    node.step(new Input.ConfigurationProposed(7, node.term() - 1, THREE));
    assertThat(node.refusals()).containsExactly(Refusal.WRONG_TERM);
  }

  @Test
  void aLeaderWithoutACommittedEntryOfItsTermRefuses() {
    // Else two leaders could each commit a change that the other's majority knows nothing of.
    Solo node = Solo.fresh(3);
    node.becomeLeader();
    node.propose(voters(1L, 2L));
    assertThat(node.refusals()).containsExactly(Refusal.NOT_ESTABLISHED);
  }

  @Test
  void aNewLeaderThatFindsAnUncommittedConfigurationCommitsThatFirst() {
    Solo node = Solo.fresh(3);
    node.append(2, 1, 0, 0, List.of(Solo.entry(1, 1, THREE.with(4, MemberRole.SPARE))));
    node.force();
    node.becomeLeader();
    node.propose(THREE);
    assertThat(node.refusals()).containsExactly(Refusal.NOT_ESTABLISHED);
    node.acceptAll(2);
    node.propose(THREE);
    assertThat(node.refusals()).isEmpty();
    assertThat(node.raft().configuration()).isEqualTo(THREE);
  }

  @Test
  void aStrangerDoesNotBecomeAVoterAtOnce() {
    Solo node = leaderWithStandby();
    node.propose(voters(1L, 2L, 3L, 6L));
    assertThat(node.refusals()).containsExactly(Refusal.NOT_CAUGHT_UP);
  }

  @Test
  void aSpareDoesNotBecomeAVoterAtOnce() {
    Solo node = leaderWithStandby();
    node.propose(voters(1L, 2L, 3L, 5L));
    assertThat(node.refusals()).containsExactly(Refusal.NOT_CAUGHT_UP);
  }

  @Test
  void aStandbyBecomesAVoterOnceItIsKnownToHaveTheLog() {
    Solo node = leaderWithStandby();
    node.propose(voters(1L, 2L, 3L, 4L));
    assertThat(node.refusals()).containsExactly(Refusal.NOT_CAUGHT_UP);
    node.acceptAll(4);
    node.propose(voters(1L, 2L, 3L, 4L));
    assertThat(node.refusals()).isEmpty();
    assertThat(node.raft().configuration().isJoint()).isTrue();
  }

  @Test
  void aStandbyThatLagsFarDoesNotBecomeAVoter() {
    Limits wide = new Limits(100_000, 100, 10_000_000, 10_000_000, 10_000_000, 10_000_000);
    Solo node = Solo.in(THREE.with(4, MemberRole.STANDBY), wide);
    node.becomeEstablishedLeader();
    node.acceptAll(4);
    for (int i = 0; i < 1001; i++) {
      node.propose("x");
    }
    node.effects();
    node.propose(voters(1L, 2L, 3L, 4L));
    assertThat(node.refusals()).containsExactly(Refusal.NOT_CAUGHT_UP);
    node.accept(4, 2);
    node.propose(voters(1L, 2L, 3L, 4L));
    assertThat(node.refusals()).isEmpty();
  }

  @Test
  void aStandbyThatIsSilentDoesNotBecomeAVoter() {
    Solo node = leaderWithStandby();
    node.acceptAll(4);
    for (int i = 0; i < Solo.ELECTION_TICKS; i++) {
      node.answer(2, 0);
      node.ticks(1);
    }
    node.propose(voters(1L, 2L, 3L, 4L));
    assertThat(node.refusals()).containsExactly(Refusal.NOT_CAUGHT_UP);
    node.answer(4, 0);
    node.propose(voters(1L, 2L, 3L, 4L));
    assertThat(node.refusals()).isEmpty();
  }

  @Test
  void duringATransferNothingIsChanged() {
    Solo node = leaderWithStandby();
    node.transfer(2);
    node.propose(THREE);
    assertThat(node.refusals()).containsExactly(Refusal.TRANSFERRING);
  }

  @Test
  void withoutRoomForTheLogNothingIsChanged() {
    Solo node = Solo.fresh(1);
    node.becomeEstablishedLeader();
    node.step(new Input.StorageFull(true));
    node.propose(voters(1L).with(2, MemberRole.SPARE));
    assertThat(node.refusals()).containsExactly(Refusal.STORAGE_FULL);
    node.step(new Input.StorageFull(false));
    node.propose(voters(1L).with(2, MemberRole.SPARE));
    assertThat(node.refusals()).isEmpty();
  }

  @Test
  void withTooMuchUncommittedNothingIsChanged() {
    Solo node = Solo.fresh(3);
    node.becomeEstablishedLeader();
    while (node.refusals().isEmpty()) {
      node.propose(node.term(), new byte[900]);
    }
    node.propose(voters(1L, 2L));
    assertThat(node.refusals()).containsExactly(Refusal.OVERLOADED);
  }
}
