package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.vfs.OnTestVfs;
import dev.balsa.sqlite.vfs.TestVfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the lives of {@link EngineSimulationTest} are worth: a seed is one life, and engines that
 * are broken are found.
 */
@OnTestVfs
class EngineSimulatorTest {
  /** A broken engine is found by its own seed, or by one of so many. */
  private static final long SEEDS_MAX = 60;

  @TempDir Path folder;

  private EngineSimulation sound() {
    return new EngineSimulation(TestVfs.install(), folder, threads -> EngineDecisions.SOUND);
  }

  @Test
  void aSeedReplaysExactly() throws IOException {
    assertThat(replayed(3)).isNotEqualTo(sound().run(4).hash());
  }

  @Tag("long")
  @Test
  void seedsReplayExactly() throws IOException {
    Set<Long> different = new HashSet<>();
    for (long seed = 3; seed < 9; seed++) {
      different.add(replayed(seed));
    }
    assertThat(different).hasSize(6);
  }

  private long replayed(long seed) throws IOException {
    EngineSimulation.Result first = sound().run(seed);
    EngineSimulation.Result second = sound().run(seed);
    assertThat(second.totals()).hasToString(first.totals().toString());
    assertThat(second.hash()).isEqualTo(first.hash());
    return first.hash();
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource
  void aBrokenEngineIsFound(SimBrokenEngine engine) throws IOException {
    EngineSimulation simulation =
        new EngineSimulation(TestVfs.install(), folder, engine.decisions());
    EngineSimulation.Result result = simulation.run(engine.seed());
    for (long seed = 1; seed <= SEEDS_MAX && result.violation() == null; seed++) {
      result = simulation.run(seed);
    }
    assertThat(result.violation()).as("%s, in seeds 1 to %s", engine, SEEDS_MAX).isNotNull();
    String[] lines = result.report().split("\n", -1);
    System.out.println(engine + ": " + lines[0] + lines[lines.length - 2]);
  }
}
