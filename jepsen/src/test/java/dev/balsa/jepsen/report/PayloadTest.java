package dev.balsa.jepsen.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Op;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class PayloadTest {
  @Test
  void eachColumnHoldsWhatTheHistoryDoes() throws Exception {
    ReportData data = new GeneratedRun(5, 3_000, 30).valid();
    Run run = new Run(data);
    byte[] packed = Base64.getDecoder().decode(Payload.base64(run));
    ByteBuffer in =
        ByteBuffer.wrap(new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes())
            .order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[in.getInt()];
    in.get(header);
    List<Call> calls = data.history().calls();
    String text = new String(header, StandardCharsets.UTF_8);
    assertThat(text).startsWith("{\"operations\":3000,\"unitMillis\":0.001,");
    for (Call call : calls) {
      assertThat(in.getInt()).isEqualTo((int) (call.invoke().time() / 1_000));
    }
    for (Call call : calls) {
      float latency = in.getFloat();
      if (call.completion().isEmpty()) {
        assertThat(latency).isEqualTo(-1);
      } else {
        double millis = (call.completion().get().time() - call.invoke().time()) / 1e6;
        assertThat((double) latency).isCloseTo(millis, within(1e-3));
      }
    }
    calls.forEach(call -> assertThat(in.getInt()).isEqualTo(call.invoke().index()));
    calls.forEach(
        call -> assertThat(in.getInt()).isEqualTo(call.completion().map(Op::index).orElse(-1)));
    calls.forEach(call -> assertThat(in.getDouble()).isEqualTo((double) call.invoke().process()));
    calls.forEach(call -> assertThat(in.getInt()).isEqualTo((int) call.invoke().node()));
    calls.forEach(call -> assertThat(Payload.OUTCOMES.get(in.get())).isEqualTo(call.outcome()));
    for (int kind : run.kindOf) {
      assertThat(in.get()).isEqualTo((byte) kind);
    }
    assertThat(in.hasRemaining()).isFalse();
  }

  @Test
  void aRunOfHoursHasACoarserUnit() throws Exception {
    long hours = 2 * 3_600_000_000_000L;
    List<Op> ops =
        List.of(
            new Op(0, hours, Op.Type.INVOKE, 0, "read", null, null, 0),
            new Op(1, hours + 1, Op.Type.OK, 0, "read", 1L, null, 0));
    Run run = new Run(new ReportData(new History(ops), List.of(), Map.of(), List.of()));
    byte[] packed = Base64.getDecoder().decode(Payload.base64(run));
    byte[] bytes = new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes();
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int header = in.getInt();
    assertThat(new String(bytes, 4, header, StandardCharsets.UTF_8))
        .contains("\"unitMillis\":0.01,");
    assertThat(in.getInt(4 + header)).isEqualTo((int) (hours / 10_000));
  }
}
