package dev.balsa.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeatTest {
  @Test
  void aSeatIsToldOnTheCommandLine() {
    Seat seat = new Seat(2, Path.of("/some where"), List.of(12001, 12002, 12003));
    assertThat(Seat.parse(seat.toArguments().toArray(new String[0]))).isEqualTo(seat);
    assertThat(seat.address(3).getPort()).isEqualTo(12003);
    assertThat(seat.address(3).getAddress().isLoopbackAddress()).isTrue();
  }
}
