package dev.balsa.jepsen.sut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.core.MemberRole;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OrderTest {
  @Test
  void anOrderArrivesAsItWasSent() {
    Duration timeout = Duration.ofMillis(1_234);
    List<Order> orders =
        List.of(
            new Order.JumpClock(Duration.ofMillis(-500)),
            new Order.RunClock(1.25),
            new Order.ResetClock(),
            new Order.SetMember(4, MemberRole.STANDBY, "node4:7000", timeout),
            new Order.RemoveMember(2, timeout),
            new Order.Transfer(0, timeout));
    assertThat(orders.stream().map(order -> Order.parse(order.toLine()))).isEqualTo(orders);
  }

  @Test
  void aClockCannotStandStill() {
    assertThatThrownBy(() -> Order.parse("order run-clock 0"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aClockJumpsDriftsAndIsSetRight() {
    AtomicLong machine = new AtomicLong(5_000);
    SkewedClock clock = new SkewedClock(machine::get);
    assertThat(clock.nanoTime()).isEqualTo(5_000);
    clock.jump(Duration.ofNanos(-2_000));
    assertThat(clock.nanoTime()).isEqualTo(3_000);
    clock.run(1.5);
    assertThat(clock.nanoTime()).isEqualTo(3_000);
    machine.addAndGet(100);
    assertThat(clock.nanoTime()).isEqualTo(3_150);
    clock.jump(Duration.ofNanos(850));
    machine.addAndGet(100);
    assertThat(clock.nanoTime()).isEqualTo(4_150);
    clock.reset();
    assertThat(clock.nanoTime()).isEqualTo(5_200);
  }
}
