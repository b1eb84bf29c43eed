package dev.balsa.jepsen.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding.Validity;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Three of the mutants, quick ones; the others by {@code ./balsa jepsen mutants}. */
class MutantsTest {
  private static final long SEEDS = 3;

  @TempDir private Path folder;

  @ParameterizedTest
  @Tag("long")
  @EnumSource(
      names = {"COMMIT_ON_ONE_ACKNOWLEDGEMENT", "READ_OF_UNCOMMITTED", "TIMEOUT_IS_FAILURE"})
  void aMutantIsFoundAndTheSoundNodeIsValidWithTheSameSeeds(Mutant mutant) throws Exception {
    Proof.Outcome outcome = new Proof(folder, System.out).of(mutant, SEEDS);
    assertThat(outcome.isFound()).as(mutant + " in " + SEEDS + " seeds").isTrue();
    assertThat(outcome.sound()).as("the sound node").isEqualTo(Validity.VALID);
  }

  @Test
  void eachMutantIsFoundByItsName() {
    for (Mutant mutant : Mutant.values()) {
      assertThat(Mutant.named(List.of(mutant.word()))).containsExactly(mutant);
    }
  }
}
