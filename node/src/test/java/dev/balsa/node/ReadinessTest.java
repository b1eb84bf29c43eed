package dev.balsa.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.Leadership;
import dev.balsa.raft.Role;
import dev.balsa.raft.StateMachine;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ReadinessTest {
  /** Has redone three entries, and applies what it is told to. */
  private static final class Machine implements StateMachine {
    @Nullable Progress progress;

    @Override
    public long start(Progress given) {
      progress = given;
      return 3;
    }

    @Override
    public void committed(List<Entry> entries) {}

    @Override
    public void leadership(Leadership leadership) {}

    @Override
    public void failed(Throwable cause) {}

    void applied(long index) {
      if (progress != null) {
        progress.applied(index);
      }
    }
  }

  private final Machine machine = new Machine();
  private final List<Leadership> told = new ArrayList<>();
  private final Readiness readiness = new Readiness(machine, told::add);

  @BeforeEach
  void start() {
    readiness.start(
        new StateMachine.Progress() {
          @Override
          public void applied(long index) {}

          @Override
          public void snapshotTaken(long index) {}

          @Override
          public void failed(Throwable cause) {}
        });
  }

  private static Leadership following(long term) {
    return new Leadership(Role.FOLLOWER, term, 2, false);
  }

  private static Message append(long term, long committed) {
    return new Message.AppendRequest(term, committed, 1, committed, List.of());
  }

  @Test
  void aNodeThatHasHeardNobodyIsNotReadyWhateverItHasApplied() {
    machine.applied(100);
    assertThat(readiness.isReady()).isFalse();
  }

  @Test
  void aFollowerIsReadyOnceItHasAppliedWhatTheLeaderHadCommitted() {
    readiness.heard(append(5, 10));
    readiness.leadership(following(5));
    machine.applied(9);
    assertThat(readiness.isReady()).isFalse();
    readiness.heard(append(5, 500)); // what comes later is no part of it
    machine.applied(10);
    assertThat(readiness.isReady()).isTrue();
  }

  @Test
  void aLeaderOfAnEarlierTermDoesNotCount() {
    readiness.heard(append(4, 1));
    readiness.leadership(following(5));
    assertThat(readiness.isReady()).isFalse();
    readiness.heard(append(5, 4));
    assertThat(readiness.isReady()).isFalse();
    machine.applied(4);
    assertThat(readiness.isReady()).isTrue();
  }

  @Test
  void aFollowerThatLacksNothingIsReadyByHeartbeatsAlone() {
    readiness.leadership(following(5));
    readiness.heard(new Message.Heartbeat(5, 3, 1));
    readiness.heard(new Message.Heartbeat(5, 3, 2));
    assertThat(readiness.isReady()).isFalse();
    readiness.heard(new Message.Heartbeat(5, 3, 3));
    assertThat(readiness.isReady()).isTrue();
  }

  @Test
  void aLeaderIsReadyOnceItHasAppliedItsOwnFirstEntry() {
    readiness.leadership(new Leadership(Role.LEADER, 5, 1, false));
    readiness.committed(
        List.of(
            new Entry(4, 4, EntryType.COMMAND, new byte[0]),
            new Entry(5, 5, EntryType.NO_OP, new byte[0])));
    assertThat(readiness.isReady()).isFalse();
    readiness.leadership(new Leadership(Role.LEADER, 5, 1, true));
    assertThat(readiness.isReady()).isFalse();
    machine.applied(5);
    assertThat(readiness.isReady()).isTrue();
    assertThat(told).hasSize(2);
  }

  @Test
  @Timeout(180)
  void theEndOfTheNodeWakesWhoeverWaits() throws Exception {
    readiness.failed(new IllegalStateException("disk full"));
    assertThat(readiness.awaitReady(TimeUnit.DAYS.toNanos(1))).isFalse();
    assertThat(readiness.awaitLeading(TimeUnit.DAYS.toNanos(1))).isFalse();
    assertThat(readiness.awaitEnd(TimeUnit.DAYS.toNanos(1))).isTrue();
    assertThat(readiness.failure()).hasMessage("disk full");
  }
}
