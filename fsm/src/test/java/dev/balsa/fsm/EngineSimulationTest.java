package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.balsa.sqlite.vfs.OnTestVfs;
import dev.balsa.sqlite.vfs.TestVfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lives of clusters of whole engines: whatever happens, what sessions are told holds, and when all
 * is mended all nodes have the same bytes.
 */
@OnTestVfs
class EngineSimulationTest {
  private static final int PROGRESS_LIVES = 50;

  /** What has to happen within twenty lives. */
  private static final List<String> WANTED =
      List.of(
          "elections",
          "leaders that stepped down for want of a quorum",
          "crashes",
          "crashes soon after a start",
          "discards with two or more entries in flight",
          "turns",
          "compactions",
          "installations under load",
          "torn checkpoints",
          "transactions in parts",
          "transactions whose parts were cut",
          "told ACKNOWLEDGED",
          "told NOT_APPLIED",
          "told UNKNOWN",
          "append ACKNOWLEDGED",
          "transfer ACKNOWLEDGED",
          "deferred ACKNOWLEDGED",
          "schema ACKNOWLEDGED",
          "large ACKNOWLEDGED",
          "vacuum ACKNOWLEDGED",
          "nothing ACKNOWLEDGED",
          "given up ACKNOWLEDGED",
          "read ACKNOWLEDGED",
          "stale ACKNOWLEDGED",
          "bounded ACKNOWLEDGED",
          "marked ACKNOWLEDGED",
          "insert ACKNOWLEDGED",
          "drop ACKNOWLEDGED");

  @TempDir Path folder;

  private EngineSimulation sound() {
    return new EngineSimulation(TestVfs.install(), folder, threads -> EngineDecisions.SOUND);
  }

  @Test
  void twentyLives() throws IOException {
    live(1, 20, WANTED);
  }

  @Test
  @Tag("long")
  void threeHundredLives() throws IOException {
    List<String> wanted = new ArrayList<>(WANTED);
    wanted.add("installations completed at a start");
    live(1, 300, wanted);
  }

  @Test
  @Tag("soak")
  void asManyLivesAsAreAskedFor() throws IOException {
    live(Long.getLong("firstSeed", 1), Long.getLong("seeds", 1_000), WANTED);
  }

  private void live(long firstSeed, long count, List<String> wanted) throws IOException {
    SimTotals totals = new SimTotals();
    for (long seed = firstSeed; seed < firstSeed + count; seed++) {
      EngineSimulation.Result result = sound().run(seed);
      if (result.violation() != null) {
        fail(result.report(), result.violation());
      }
      totals.add(result.totals());
      long done = seed - firstSeed + 1;
      if (done % PROGRESS_LIVES == 0 && done < count) {
        System.out.println(done + " of " + count + " lives, last seed " + seed);
      }
    }
    System.out.println("Engines from seed " + firstSeed + ": " + totals);
    assertThat(totals.missing(wanted)).as("what never happened").isEmpty();
  }
}
