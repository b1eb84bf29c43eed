package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.fsm.HealingMessage.StateAnswer;
import dev.balsa.fsm.RecentStates.State;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CopyChoiceTest {
  private static final DatabaseName NAME = new DatabaseName("a.db");
  private static final Set<Long> THREE = Set.of(1L, 2L, 3L);

  private static State state(long counter, long checksum) {
    return new State(new EntryId(1, counter), checksum);
  }

  private static StateAnswer serving(long index, State... recent) {
    DatabaseRecord record =
        new DatabaseRecord(NAME, 7, 4096, index, index, false, EntryId.NONE, 3, 99);
    return new StateAnswer(1, NAME, 7, 0, record, List.of(recent));
  }

  private static StateAnswer notServing() {
    return new StateAnswer(1, NAME, 7, 1, null, List.of());
  }

  private static @Nullable Long choose(Set<Long> voters, Map<Long, StateAnswer> answers) {
    return CopyChoice.of(voters, 7, new TreeMap<>(answers), Set.of());
  }

  @Test
  void notOneThatIsAvoided() {
    Map<Long, StateAnswer> answers =
        Map.of(2L, serving(10, state(5, 50)), 3L, serving(20, state(5, 50)));
    assertThat(CopyChoice.of(THREE, 7, new TreeMap<>(answers), Set.of(3L))).isEqualTo(2L);
    assertThat(CopyChoice.of(THREE, 7, new TreeMap<>(answers), Set.of(2L, 3L))).isNull();
  }

  @Test
  void oneWhoseStatesAreThoseOfAMajority() {
    assertThat(
            choose(
                THREE,
                Map.of(
                    2L, serving(10, state(5, 50), state(4, 40)),
                    3L, serving(20, state(6, 60), state(5, 50)))))
        .isEqualTo(3L);
  }

  @Test
  void nobodyIfOnlyOneIsThere() {
    assertThat(choose(THREE, Map.of(2L, serving(10, state(5, 50))))).isNull();
    assertThat(choose(THREE, Map.of(2L, serving(10, state(5, 50)), 3L, notServing()))).isNull();
  }

  @Test
  void nobodyWhereTwoContradictEachOther() {
    assertThat(
            choose(
                THREE,
                Map.of(
                    2L, serving(10, state(5, 50), state(4, 40)),
                    3L, serving(20, state(5, 51), state(4, 40)))))
        .isNull();
  }

  @Test
  void nobodyWhereTwoCannotBeCompared() {
    assertThat(choose(THREE, Map.of(2L, serving(10, state(5, 50)), 3L, serving(20, state(6, 60)))))
        .isNull();
  }

  @Test
  void aMinorityThatAgreesIsNotEnough() {
    Set<Long> five = Set.of(1L, 2L, 3L, 4L, 5L);
    assertThat(
            choose(
                five,
                Map.of(
                    2L, serving(30, state(5, 51)),
                    3L, serving(30, state(5, 51)),
                    4L, serving(10, state(5, 50)),
                    5L, serving(20, state(5, 50)))))
        .isNull();
    assertThat(
            choose(
                five,
                Map.of(
                    2L, serving(30, state(5, 51)),
                    3L, serving(15, state(5, 50)),
                    4L, serving(10, state(5, 50)),
                    5L, serving(20, state(5, 50)))))
        .isEqualTo(5L);
  }

  @Test
  void whoIsNoVoterDoesNotCount() {
    assertThat(choose(THREE, Map.of(2L, serving(10, state(5, 50)), 9L, serving(20, state(5, 50)))))
        .isNull();
  }
}
