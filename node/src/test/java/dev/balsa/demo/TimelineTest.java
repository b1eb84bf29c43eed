package dev.balsa.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.demo.Timeline.Death;
import dev.balsa.demo.Timeline.Pauses;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Three nodes; times in microseconds. */
class TimelineTest {
  private static final long END = 100_000;

  private final Timeline timeline = new Timeline();
  private final List<Acknowledgement> writes = new ArrayList<>();

  private void write(long node, long boot, long... micros) {
    for (long at : micros) {
      writes.add(new Acknowledgement(at, List.of(RowId.of(node, boot, writes.size()))));
    }
  }

  private void dies(long micros, long node, long boot, boolean leader, int othersFit) {
    timeline.died(new Death(micros, node, boot, leader, othersFit, 3));
  }

  private Pauses pauses() {
    return timeline.pauses(writes, END);
  }

  @Test
  void aLeadersDeathWithBothOthersUpIsAFailover() {
    write(1, 1, 100, 200);
    dies(210, 1, 1, true, 2);
    write(2, 1, 900, 1000);
    assertThat(pauses()).isEqualTo(new Pauses(List.of(690L), List.of()));
  }

  @Test
  void whatTheVictimStillAcknowledgedDoesNotEndTheFailover() {
    write(1, 1, 100);
    dies(210, 1, 1, true, 2);
    write(1, 1, 215);
    write(2, 1, 900);
    assertThat(pauses().failovers()).containsExactly(690L);
  }

  @Test
  void theVictimsNextLifeMayEndIt() {
    dies(210, 1, 1, true, 2);
    write(1, 2, 2210);
    assertThat(pauses().failovers()).containsExactly(2000L);
  }

  @Test
  void aFollowersDeathWithAQuorumLeftIsNothing() {
    dies(210, 1, 1, false, 2);
    write(2, 1, 300);
    assertThat(pauses()).isEqualTo(new Pauses(List.of(), List.of()));
  }

  @Test
  void aDeathThatLeavesNoQuorumIsAnOutageWhoeverDied() {
    write(2, 1, 100, 200);
    dies(210, 1, 1, false, 1);
    timeline.quorumRestored(3000);
    write(2, 1, 3200, 3300);
    assertThat(pauses()).isEqualTo(new Pauses(List.of(), List.of(2990L)));
  }

  @Test
  void aWriteThatWasUnderWayDoesNotEndAnOutage() {
    dies(210, 1, 1, false, 1);
    write(2, 1, 215);
    timeline.quorumRestored(3000);
    write(2, 1, 3200);
    assertThat(pauses().outages()).containsExactly(2985L);
  }

  @Test
  void aSecondDeathBeforeTheNextWriteTurnsTheFailoverIntoAnOutage() {
    dies(210, 1, 1, true, 2);
    dies(500, 2, 1, false, 1);
    timeline.quorumRestored(4000);
    write(3, 1, 4500);
    assertThat(pauses()).isEqualTo(new Pauses(List.of(), List.of(4290L)));
  }

  @Test
  void furtherDeathsInAnOutageArePartOfIt() {
    dies(210, 1, 1, true, 1);
    dies(700, 3, 1, true, 0);
    timeline.quorumRestored(4000);
    write(3, 2, 4210);
    assertThat(pauses()).isEqualTo(new Pauses(List.of(), List.of(4000L)));
  }

  @Test
  void theNextLeadersDeathAfterAnOutageIsAFailoverAgain() {
    dies(210, 1, 1, true, 1);
    timeline.quorumRestored(4000);
    write(3, 1, 4500);
    dies(5000, 3, 1, true, 2);
    write(2, 1, 5600);
    assertThat(pauses()).isEqualTo(new Pauses(List.of(600L), List.of(4290L)));
  }

  @Test
  void aPauseThatNothingEndsLastsUntilTheEnd() {
    dies(40_000, 1, 1, true, 2);
    assertThat(pauses().failovers()).containsExactly(60_000L);
  }
}
