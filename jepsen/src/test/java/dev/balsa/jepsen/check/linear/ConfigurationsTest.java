package dev.balsa.jepsen.check.linear;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConfigurationsTest {
  private static final long[] TAKEN = {-1, 0b101, 0};

  private final Configurations configurations = new Configurations();

  @Test
  void whatWasSeenIsNotNew() {
    assertThat(add(1, 2)).isTrue();
    assertThat(add(1, 2)).isFalse();
  }

  @Test
  void whoHasUsedMoreFindsNothingNew() {
    assertThat(add(1, 2)).isTrue();
    assertThat(add(2, 2)).isFalse();
    assertThat(add(1, 3)).isFalse();
  }

  @Test
  void whoHasUsedLessOfAnythingMayFindSomething() {
    assertThat(add(2, 2)).isTrue();
    assertThat(add(3, 1)).isTrue();
    assertThat(add(1, 3)).isTrue();
    assertThat(add(1, 1)).isTrue();
    assertThat(add(3, 1)).isFalse();
    assertThat(configurations.size()).isEqualTo(4);
  }

  @Test
  void anotherSetStateOrDutyIsAnotherConfiguration() {
    assertThat(add(0, 0)).isTrue();
    assertThat(configurations.add(new long[] {-1, 0b111, 0}, 1, false, new int[2])).isTrue();
    assertThat(configurations.add(new long[] {0b101, 0, 0}, 1, false, new int[2])).isTrue();
    assertThat(configurations.add(new long[] {-1, -1, 0b101}, 1, false, new int[2])).isTrue();
    assertThat(configurations.add(TAKEN, 2, false, new int[2])).isTrue();
    assertThat(configurations.add(TAKEN, 1, true, new int[2])).isTrue();
    assertThat(configurations.bytes()).isPositive();
  }

  private boolean add(int... used) {
    return configurations.add(TAKEN.clone(), 1, false, used);
  }
}
