package dev.balsa.raft.model;

import static dev.balsa.raft.model.Bounds.Feature.CRASHES;
import static dev.balsa.raft.model.Bounds.Feature.FROM_A_LEADER;
import static dev.balsa.raft.model.Bounds.Feature.FROM_THE_BEGINNING;
import static dev.balsa.raft.model.Bounds.Feature.PROPOSALS;
import static dev.balsa.raft.model.Bounds.Feature.SLOW_DISKS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.model.ModelChecker.Result;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When states are taken for one. */
class FoldingTest {
  private static Bounds bounds(List<Integer> alike, Set<Bounds.Feature> features) {
    return new Bounds(
        "folding", Bounds.threeVoters(), alike, 1, 2, 1, 0, 0, 0, 0, features, List.of());
  }

  @Test
  void aCompleteModelIsExploredTheSameWayAgain() {
    Bounds bounds = bounds(List.of(1, 2, 3), Set.of(CRASHES, SLOW_DISKS, FROM_THE_BEGINNING));
    Result one = ModelChecker.explore(bounds, Integer.MAX_VALUE);
    Result other = ModelChecker.explore(bounds, Integer.MAX_VALUE);
    assertThat(one.complete()).isTrue();
    assertThat(other.states()).isEqualTo(one.states());
    assertThat(other.depth()).isEqualTo(one.depth());
  }

  /**
   * From a beginning in which all nodes are alike, the states form orbits of at most six under
   * renaming; each is found once if folded, and whole if not, at the same depth.
   */
  @Test
  void foldingLosesNoStateAndSavesNearlySixTimesTheWork() {
    Set<Bounds.Feature> features = Set.of(CRASHES, SLOW_DISKS, FROM_THE_BEGINNING);
    Result folded = ModelChecker.explore(bounds(List.of(1, 2, 3), features), Integer.MAX_VALUE);
    Result unfolded = ModelChecker.explore(bounds(List.of(), features), Integer.MAX_VALUE);
    assertThat(folded.complete() && unfolded.complete()).isTrue();
    assertThat(unfolded.depth()).isEqualTo(folded.depth());
    // The beginning itself is not counted among what was found.
    assertThat(ModelChecker.orbits(bounds(List.of(), features))).isEqualTo(folded.states() - 1);
    assertThat((double) unfolded.states() / folded.states()).isBetween(5.0, 6.0);
  }

  @Test
  void roundsOfHeartbeatsWithoutEndAreFinitelyManyStates() {
    Set<Bounds.Feature> features = Set.of(Bounds.Feature.HEARTBEATS, PROPOSALS, FROM_A_LEADER);
    Result result = ModelChecker.explore(bounds(List.of(1, 2, 3), features), Integer.MAX_VALUE);
    assertThat(result.complete()).isTrue();
    assertThat(result.states()).isGreaterThan(100);
  }
}
