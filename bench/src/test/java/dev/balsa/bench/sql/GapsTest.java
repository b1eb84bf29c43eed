package dev.balsa.bench.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.bench.sql.SqlReport.Gap;
import org.junit.jupiter.api.Test;

class GapsTest {
  private static final long SLOT = Gaps.SLOT_NANOS;

  @Test
  void theLongestGapsComeFirstAndThoseAtBothEndsCount() {
    Gaps gaps = new Gaps(0, 100 * SLOT);
    gaps.acknowledged(10 * SLOT);
    gaps.acknowledged(11 * SLOT + 1);
    gaps.acknowledged(60 * SLOT);
    assertThat(gaps.longest(9))
        .containsExactly(
            new Gap(12 * SLOT, 48 * SLOT), new Gap(61 * SLOT, 39 * SLOT), new Gap(0, 10 * SLOT));
    assertThat(gaps.longest(1)).containsExactly(new Gap(12 * SLOT, 48 * SLOT));
  }

  @Test
  void anAcknowledgementOfAnyThreadEndsAGap() {
    Gaps one = new Gaps(-50 * SLOT, 50 * SLOT);
    one.acknowledged(-1);
    Gaps other = new Gaps(-50 * SLOT, 50 * SLOT);
    other.acknowledged(25 * SLOT);
    one.add(other);
    assertThat(one.longest(1)).containsExactly(new Gap(-50 * SLOT, 49 * SLOT));
  }

  @Test
  void whatIsOutsideOfTheTimeDoesNotCount() {
    Gaps gaps = new Gaps(0, 10 * SLOT);
    gaps.acknowledged(-1);
    gaps.acknowledged(10 * SLOT);
    assertThat(gaps.longest(9)).containsExactly(new Gap(0, 10 * SLOT));
  }

  @Test
  void withoutAGapThereIsNone() {
    Gaps gaps = new Gaps(0, 2 * SLOT);
    gaps.acknowledged(0);
    gaps.acknowledged(SLOT);
    assertThat(gaps.longest(9)).isEmpty();
  }
}
