package dev.balsa.raft.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.model.ModelChecker.Reached;
import dev.balsa.raft.model.ModelChecker.Result;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Explores the sound core: no invariant is broken in any state. How much is explored: a little in
 * every build, 300,000 states of replication in profile {@code ci}, and in the soak as many as
 * system property {@code model.states} says, ten million if it says nothing.
 */
class ModelCheckerTest {
  private static final List<Bounds> OTHERS =
      List.of(
          Models.LONG_WAYS, Models.PRE_VOTES, Models.MEMBERSHIP, Models.SNAPSHOT, Models.LEASES);

  @Test
  void theFirstStatesOfReplicationAreSound() {
    Result result = explore(Models.REPLICATION, 10_000);
    assertThat(result.count(Reached.TWO_TERMS)).isPositive();
    assertThat(result.count(Reached.CRASH_AFTER_UNFORCED_APPEND)).isPositive();
  }

  @Test
  void theFirstStatesOfLongWaysAreSoundAndTwoLeadersAmongThem() {
    Result result = explore(Models.LONG_WAYS, 10_000);
    assertThat(result.count(Reached.TWO_LEADERS)).isPositive();
  }

  @Test
  void theFirstStatesOfEachOtherModelAreSound() {
    for (Bounds bounds : OTHERS) {
      explore(bounds, 2_000);
    }
  }

  @Test
  @Tag("long")
  void allStatesOfReplicationUpToABoundAreSound() {
    Result result = explore(Models.REPLICATION, 1_000_000);
    assertReachesWhatMatters(result);
  }

  @Test
  @Tag("long")
  void allStatesOfTheOtherModelsUpToABoundAreSound() {
    for (Bounds bounds : OTHERS) {
      explore(bounds, 200_000);
    }
  }

  @Test
  @Tag("soak")
  void millionsOfStatesAreSound() {
    long states = Long.getLong("model.states", 10_000_000);
    assertReachesWhatMatters(explore(Models.REPLICATION, states));
  }

  @Test
  @Tag("soak")
  void manyStatesOfTheOtherModelsAreSound() {
    long states = Long.getLong("model.states", 10_000_000) / 10;
    for (Bounds bounds : OTHERS) {
      explore(bounds, states);
    }
  }

  private static Result explore(Bounds bounds, long states) {
    Result result = ModelChecker.explore(bounds, states);
    System.out.println(result);
    assertThat(result.violated()).as("%s", result).isNull();
    assertThat(result.complete() || result.states() >= states).as("%s", result).isTrue();
    return result;
  }

  private static void assertReachesWhatMatters(Result result) {
    assertThat(result.count(Reached.TWO_TERMS)).isPositive();
    assertThat(result.count(Reached.TWO_LEADERS)).isPositive();
    assertThat(result.count(Reached.CRASH_AFTER_UNFORCED_APPEND)).isPositive();
  }
}
