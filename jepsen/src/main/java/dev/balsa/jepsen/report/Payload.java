package dev.balsa.jepsen.report;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Op;
import dev.balsa.jepsen.json.JsonText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/**
 * The operations for the script of the page: base64 of gzip of
 *
 * <pre>
 *   header length   4 bytes
 *   header          JSON, UTF-8
 *   call times      n × 4 bytes, unsigned, in the header's unit
 *   latencies       n × 4 bytes, float, milliseconds; -1: no answer
 *   call indexes    n × 4 bytes
 *   answer indexes  n × 4 bytes; -1: none
 *   processes       n × 8 bytes, double
 *   nodes           n × 4 bytes; 0: none
 *   outcomes        n × 1 byte: 0 ok, 1 info, 2 fail
 *   kinds           n × 1 byte, place in the header's list
 * </pre>
 *
 * All numbers are little-endian. One column after another, since equal things compress best side by
 * side.
 */
final class Payload {
  /** In the order of the outcomes' numbers. */
  static final List<Op.Type> OUTCOMES = List.of(Op.Type.OK, Op.Type.INFO, Op.Type.FAIL);

  private static final int TEXT_CHARS_MAX = 160;
  private static final int ANOMALY_TEXT_CHARS_MAX = 2_000;
  private static final int ERROR_CHARS_MAX = 200;
  private static final int BYTES_PER_CALL = 4 * 5 + 8 + 2;

  private Payload() {}

  static String base64(Run run) {
    Set<Integer> marked = marked(run);
    // Microseconds, unless the run is too long for 32 bits of them.
    long unitNanos = 1_000;
    while (run.end / unitNanos > 0xffff_ffffL) {
      unitNanos *= 10;
    }
    byte[] header =
        JsonText.compact(header(run, unitNanos, marked)).getBytes(StandardCharsets.UTF_8);
    ByteBuffer out =
        ByteBuffer.allocate(4 + header.length + run.calls.size() * BYTES_PER_CALL)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(header.length).put(header);
    long unit = unitNanos;
    run.calls.forEach(call -> out.putInt((int) (call.invoke().time() / unit)));
    run.calls.forEach(call -> out.putFloat(milliseconds(call)));
    run.calls.forEach(call -> out.putInt(call.invoke().index()));
    run.calls.forEach(call -> out.putInt(call.completion().map(Op::index).orElse(-1)));
    run.calls.forEach(call -> out.putDouble((double) call.invoke().process()));
    run.calls.forEach(call -> out.putInt((int) call.invoke().node()));
    run.calls.forEach(call -> out.put((byte) OUTCOMES.indexOf(call.outcome())));
    for (int kind : run.kindOf) {
      out.put((byte) kind);
    }
    return Base64.getEncoder().encodeToString(compressed(out.array()));
  }

  /** The operations that are part of an anomaly. */
  static Set<Integer> marked(Run run) {
    Set<Integer> marked = new LinkedHashSet<>();
    for (Finding finding : run.data.findings()) {
      for (Finding.Anomaly anomaly : finding.anomalies()) {
        AnomalyOps.of(run, anomaly).forEach(marked::add);
      }
    }
    return marked;
  }

  private static Map<String, Object> header(Run run, long unitNanos, Set<Integer> marked) {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("operations", run.calls.size());
    header.put("unitMillis", unitNanos / 1e6);
    header.put("endMillis", run.end / 1e6);
    header.put("kinds", run.kinds);
    header.put("marked", List.copyOf(marked));
    List<Object> faults = new ArrayList<>();
    for (FaultSpan fault : run.faults) {
      faults.add(List.of(fault.name(), fault.begin() / 1e6, fault.end() / 1e6, fault.what()));
    }
    header.put("faults", faults);
    List<Object> leaders = new ArrayList<>();
    for (LeaderSpan span : run.leaders) {
      leaders.add(List.of(span.begin() / 1e6, span.end() / 1e6, span.node(), span.term()));
    }
    header.put("leaders", leaders);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < run.calls.size(); i++) {
      texts.add(
          text(run.calls.get(i), marked.contains(i) ? ANOMALY_TEXT_CHARS_MAX : TEXT_CHARS_MAX));
    }
    header.put("texts", texts);
    return header;
  }

  /** What was asked or answered, and behind a line break the error. */
  private static String text(Call call, int charsMax) {
    String value = call.invoke().f() + " " + ValueText.of(Run.value(call), charsMax);
    return call.completion()
        .map(Op::error)
        .map(error -> value + "\n" + ValueText.cut(error, ERROR_CHARS_MAX))
        .orElse(value);
  }

  private static float milliseconds(Call call) {
    long nanos = Run.latency(call);
    return nanos < 0 ? -1 : (float) (nanos / 1e6);
  }

  private static byte[] compressed(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("memory can always be written", e);
    }
    return out.toByteArray();
  }
}
