package dev.balsa.raft.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.balsa.raft.core.BrokenCore;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Lives of clusters: whatever happens, all invariants hold after every step, and in the end, when
 * everything is mended, all agree.
 */
class SimulationTest {
  private static final int PROGRESS_LIVES = 1000;

  @Test
  void aHundredLives() {
    live(1, 100);
  }

  @Test
  @Tag("long")
  void aThousandLives() {
    live(1, 1000);
  }

  @Test
  @Tag("soak")
  void asManyLivesAsAreAskedFor() {
    live(Long.getLong("firstSeed", 1), Long.getLong("seeds", 10_000));
  }

  private static void live(long firstSeed, long count) {
    Totals totals = new Totals();
    Simulation simulation = Simulation.ofSoundCores();
    for (long seed = firstSeed; seed < firstSeed + count; seed++) {
      Simulation.Result result = simulation.run(seed);
      if (result.violation() != null) {
        fail(simulation.report(result));
      }
      totals.add(result.totals());
      long done = seed - firstSeed + 1;
      if (done % PROGRESS_LIVES == 0 && done < count) {
        System.out.println(done + " of " + count + " lives, last seed " + seed);
      }
    }
    System.out.println("Simulation from seed " + firstSeed + ": " + totals);
    assertThat(totals.missing()).as("what never happened").isEmpty();
    assertThat(totals.steps / totals.lives).isGreaterThanOrEqualTo(5000);
  }

  @Test
  void aSeedReplaysExactly() {
    Simulation simulation = Simulation.ofSoundCores();
    for (long seed = 7; seed < 12; seed++) {
      Simulation.Result first = simulation.run(seed);
      assertThat(simulation.run(seed).actions()).isEqualTo(first.actions());
      assertThat(simulation.replay(seed, first.actions()).totals().byName())
          .isEqualTo(first.totals().byName());
    }
  }

  @Test
  void aFailureShowsSeedInvariantAMinimisedScheduleAndATranscript() {
    Simulation simulation = Simulation.ofBrokenCores(BrokenCore.TRUNCATES_BELOW_COMMIT.cores());
    Simulation.Result failed = simulation.run(1);
    for (long seed = 2; failed.violation() == null; seed++) {
      failed = simulation.run(seed);
    }
    Violation violation = Objects.requireNonNull(failed.violation());
    String report = simulation.report(failed);
    assertThat(report)
        .startsWith("seed " + failed.seed() + ", step " + failed.step())
        .contains(violation.getMessage())
        .contains("minimised from " + failed.actions().size() + " actions to ")
        .contains("  Advance[]\n")
        .contains(" Appended[index=")
        .contains(" takes Received[from=")
        .doesNotContain("does not fail again");
    int kept =
        Integer.parseInt(report.replaceAll("(?s).*minimised from \\d+ actions to (\\d+):.*", "$1"));
    assertThat(kept).isLessThan(failed.actions().size() / 2);
  }
}
