package dev.balsa.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.jepsen.sut.SutClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waiting for a node that does not run. */
class WatchTest {
  private static Watch watch(List<String> problems) {
    Watch watch = new Watch(() -> problems);
    watch.add(1, new SutClient(Optional::empty));
    return watch;
  }

  @Test
  @Timeout(60)
  void whoeverBreaksOffDoesNotWaitForTheGuard() {
    try (Watch watch = watch(List.of())) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> watch.awaitWhole(1, Duration.ofHours(1)))
          .isInstanceOf(ClusterException.class)
          .hasMessageContaining("interrupted while waiting");
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  @Timeout(60)
  void aProblemEndsTheWaiting() {
    try (Watch watch = watch(List.of("node 1 has ended"))) {
      assertThatThrownBy(() -> watch.awaitQuiet(Duration.ofHours(1)))
          .isInstanceOf(ClusterException.class)
          .hasMessageContaining("node 1 has ended");
    }
  }

  @Test
  void soDoesTheGuard() {
    try (Watch watch = watch(List.of())) {
      assertThatThrownBy(() -> watch.awaitLeader(Duration.ofMillis(20)))
          .isInstanceOf(ClusterException.class)
          .hasMessageContaining("in vain");
    }
  }
}
