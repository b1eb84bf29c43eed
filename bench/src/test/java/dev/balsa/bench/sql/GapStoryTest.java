package dev.balsa.bench.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GapStoryTest {
  private static GapStory gap(List<Activity> leader, List<Activity> other) {
    return new GapStory(SqlCase.INSERT_16, 1_000_000, 20_000, 1, List.of(leader, other));
  }

  @Test
  void whatWasDoneIsToldForEachNodeAndKindByItsShareOfTheGap() {
    GapStory story =
        gap(
            List.of(
                new Activity("gc", 990_000, 15_000),
                new Activity("force", 1_000_000, 1000),
                new Activity("force", 1_002_000, 1500)),
            List.of(
                new Activity("checkpoint", 0, 9_000_000),
                new Activity("leadership", 1_000_500, 0),
                new Activity("force", 1_020_000, 90_000)));
    assertThat(story.toText())
        .isEqualTo(
            "20.0 ms (node 2 checkpoint 20.0 ms, leader gc 5.0 ms, leader force 2.5 ms, node 2"
                + " leadership)");
    assertThat(story.duringHousekeeping()).isTrue();
  }

  @Test
  void aGapWithoutAReasonSaysSo() {
    assertThat(gap(List.of(), List.of()).toText())
        .isEqualTo("20.0 ms (nothing that the nodes know of)");
    assertThat(gap(List.of(), List.of()).duringHousekeeping()).isFalse();
    assertThat(gap(List.of(), List.of()).isExcused()).isFalse();
  }
}
