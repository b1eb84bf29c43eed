package dev.balsa.jepsen.check.linear;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.history.History;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Large histories, with guards that a sound build does not come near to. */
class LinearizabilityPerformanceTest {
  private static final Duration GUARD = Duration.ofSeconds(30);

  @Test
  void aHundredThousandOperationsOnManyKeysAreDecided() {
    for (int values : new int[] {0, 5}) {
      Finding finding = check(new RandomHistory.Shape(100_000, 20, 250, values, 5, 0), 41);
      assertThat(finding.validity()).isEqualTo(Validity.VALID);
    }
  }

  @Test
  void keysWithHundredsOfWritesOfUnknownOutcomeAreDecided() {
    for (int values : new int[] {0, 5}) {
      Finding finding = check(new RandomHistory.Shape(10_000, 20, 25, values, 50, 0), 42);
      assertThat(finding.validity()).isEqualTo(Validity.VALID);
    }
  }

  @Test
  void historiesThatAreNotLinearizableAreDecidedAndExplained() {
    for (int values : new int[] {0, 5}) {
      Finding finding = check(new RandomHistory.Shape(4_000, 10, 10, values, 5, 1), 43);
      assertThat(finding.validity()).isEqualTo(Validity.INVALID);
      assertThat(finding.facts()).containsEntry("undecided-keys", 0);
    }
  }

  private static Finding check(RandomHistory.Shape shape, long seed) {
    History history = RandomHistory.of(shape, new SplittableRandom(seed));
    long begun = System.nanoTime();
    Finding finding = LinearizabilityChecker.ofRegisters(Limits.DEFAULT).check(history);
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    System.out.printf(
        "seed %d, %s: %s in %d ms, %s%n",
        seed, shape, finding.validity(), took.toMillis(), finding.facts());
    assertThat(took).isLessThan(GUARD);
    return finding;
  }
}
