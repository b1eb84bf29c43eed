package dev.balsa.bench.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.bench.load.ForceDelay;
import dev.balsa.fsm.Activities;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class ActivityLogTest {
  private final ActivityLog log = new ActivityLog(new ForceDelay(0));

  private static long nowMicros() {
    return (System.nanoTime() + ActivityLog.epochMinusNanoTime()) / 1000;
  }

  private List<Activity> all() {
    return log.between(0, nowMicros() + 1_000_000);
  }

  @Test
  void whatStillGoesOnIsTold() {
    Activities.Running running = log.begin(Activities.Kind.SNAPSHOT);
    assertThat(all()).extracting(Activity::kind).containsExactly("snapshot");
    running.close();
    assertThat(all()).extracting(Activity::kind).containsExactly("snapshot");
  }

  @Test
  void aQuickForceIsNotKeptButAQuickTurnIs() {
    // A force that happens to be slow here would be kept: of a thousand, not all are.
    for (int i = 0; i < 1000; i++) {
      log.begin(Activities.Kind.FORCE).close();
    }
    log.begin(Activities.Kind.TURN).close();
    assertThat(all()).hasSizeLessThan(1000);
    assertThat(all()).extracting(Activity::kind).endsWith("turn");
  }

  @Test
  void aSlowForceIsToldOnlyToWhoAsksAboutItsTime() {
    Activities.Running running = log.begin(Activities.Kind.FORCE);
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(6)) {
      LockSupport.parkNanos(1_000_000);
    }
    running.close();
    assertThat(all()).hasSize(1).first().extracting(Activity::kind).isEqualTo("force");
    assertThat(all().get(0).micros()).isGreaterThanOrEqualTo(6000);
    assertThat(log.between(0, all().get(0).fromMicros() - 100_000)).isEmpty();
    assertThat(log.between(nowMicros() + 100_000, nowMicros() + 200_000)).isEmpty();
  }

  @Test
  void collectionsOfThisJvmAreTold() {
    // Full collections of a heap with many objects take long enough to be seen.
    ActivityLog watching = ActivityLog.watching(new ForceDelay(0));
    byte[][] heap = new byte[200_000][16];
    while (watching.between(0, nowMicros()).stream()
        .noneMatch(activity -> activity.kind().equals(Activity.GC))) {
      System.gc();
    }
    assertThat(heap.length).isEqualTo(200_000);
  }

  @Test
  void activitiesCrossFromProcessToProcessUnchanged() {
    List<Activity> two = List.of(new Activity("gc", 1, 2), new Activity("force", 3, 4));
    assertThat(Activity.parse(Activity.toWords(two))).isEqualTo(two);
    assertThat(Activity.parse(Activity.toWords(List.of()))).isEmpty();
  }
}
