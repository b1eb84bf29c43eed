package dev.balsa.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The small rules: backoff, limited logging, bounds of the configuration. */
class LimitsTest {
  @Property(tries = 1000)
  void theBackoffDoublesUpToItsMaximumAndIsShortenedByAtMostAHalf(
      @ForAll @IntRange(min = 0, max = 1_000_000) int failures, @ForAll long seed) {
    long full = Math.min(1000, 50L << Math.min(failures, 10));
    Duration wait = Backoff.wait(TransportTimeouts.DEFAULT, failures, new Random(seed));
    assertThat(wait).isBetween(Duration.ofMillis(full).dividedBy(2), Duration.ofMillis(full));
  }

  @Test
  void theSameLineIsToldOnceAMinuteWithItsCount() {
    RecordingLogger log = new RecordingLogger();
    AtomicLong now = new AtomicLong();
    LimitedLog limited = new LimitedLog(log, now::get);
    for (int i = 0; i < 100; i++) {
      limited.warn("kind", "line " + i);
    }
    limited.warn("other", "other");
    now.addAndGet(Duration.ofSeconds(61).toNanos());
    limited.warn("kind", "line 100");
    assertThat(log.lines())
        .containsExactly("WARN line 0", "WARN other", "WARN line 100 (and 99 times more before)");
  }

  @Test
  void linesThatAllDifferAreLimitedTogether() {
    RecordingLogger log = new RecordingLogger();
    AtomicLong now = new AtomicLong();
    LimitedLog limited = new LimitedLog(log, now::get);
    for (int i = 0; i < 1000; i++) {
      limited.warn("kind " + i, "line " + i);
    }
    assertThat(log.lines()).hasSize(LimitedLog.LINES_MAX);
    now.addAndGet(Duration.ofSeconds(11).toNanos());
    limited.warn("new", "new");
    assertThat(log.lines())
        .endsWith("WARN 980 more connections were closed or refused", "WARN new");
  }

  @Test
  void configurationsThatCannotWorkAreRefused() {
    assertThatThrownBy(() -> TransportConfig.of(0, TestNode.loopback(0), Map.of()))
        .hasMessage("node ids are numbers from 1");
    assertThatThrownBy(
            () -> TransportConfig.of(1, TestNode.loopback(0), Map.of(1L, TestNode.loopback(1))))
        .hasMessage("node 1 is no peer of itself");
    assertThatThrownBy(() -> new TransportLimits(1 << 20, 1 << 20, 8, 2))
        .hasMessageContaining("cannot carry the largest entry");
    assertThatThrownBy(() -> new TransportLimits(16 << 20, 0, 8, 2))
        .isInstanceOf(IllegalArgumentException.class);
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(
            () -> new TransportTimeouts(second, second, second, second, second.minusMillis(1)))
        .hasMessageContaining("is not a range");
    assertThatThrownBy(() -> new TransportTimeouts(second, Duration.ZERO, second, second, second))
        .hasMessageContaining("handshake");
  }
}
