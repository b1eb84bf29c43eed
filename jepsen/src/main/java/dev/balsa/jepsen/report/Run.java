package dev.balsa.jepsen.report;

import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is shown of a run, worked out once. An operation is known by its place in {@link #calls}.
 */
final class Run {
  /** More kinds than that would be panels too low to read; the rarest share one. */
  private static final int KINDS_MAX = 5;

  private static final String OTHER = "other";

  final ReportData data;

  /** In the order in which they were called. */
  final List<Call> calls;

  /** The kinds of operations, the most frequent first. */
  final List<String> kinds;

  /** Of each operation, the place of its kind in {@link #kinds}. */
  final int[] kindOf;

  /** When the last event happened, nanoseconds; at least 1. */
  final long end;

  final List<FaultSpan> faults;
  final List<LeaderSpan> leaders;

  /** Of each event, the operation that it belongs to; -1 if it is a fault's. */
  private final int[] callOf;

  Run(ReportData data) {
    this.data = data;
    List<Op> ops = data.history().ops();
    this.calls = data.history().calls();
    this.end = Math.max(1, ops.stream().mapToLong(Op::time).max().orElse(1));
    this.faults = FaultSpan.of(ops, end);
    this.leaders = LeaderSpan.of(data.leaders(), end);
    this.callOf = new int[ops.size()];
    Arrays.fill(callOf, -1);
    List<String> names = new ArrayList<>();
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < calls.size(); i++) {
      Call call = calls.get(i);
      callOf[call.invoke().index()] = i;
      call.completion()
          .map(Op::index)
          .ifPresent(event -> callOf[event] = callOf[call.invoke().index()]);
      String name = kind(call.invoke());
      names.add(name);
      counts.merge(name, 1, Integer::sum);
    }
    this.kinds = kinds(counts);
    this.kindOf = new int[calls.size()];
    for (int i = 0; i < kindOf.length; i++) {
      int kind = kinds.indexOf(names.get(i));
      kindOf[i] = kind < 0 ? kinds.size() - 1 : kind;
    }
  }

  private static List<String> kinds(Map<String, Integer> counts) {
    List<String> all = new ArrayList<>(counts.keySet());
    all.sort(
        Comparator.<String>comparingInt(name -> -counts.getOrDefault(name, 0))
            .thenComparing(Comparator.naturalOrder()));
    if (all.size() <= KINDS_MAX) {
      return List.copyOf(all);
    }
    List<String> kept = new ArrayList<>(all.subList(0, KINDS_MAX - 1));
    kept.add(OTHER);
    return List.copyOf(kept);
  }

  /** Transactions that only read wait for other things than those that write. */
  private static String kind(Op invoke) {
    if (!invoke.f().equals("txn") || !(invoke.value() instanceof List<?> list)) {
      return invoke.f();
    }
    boolean readOnly =
        list.stream()
            .allMatch(
                micro ->
                    micro instanceof List<?> parts
                        && !parts.isEmpty()
                        && parts.get(0) instanceof Keyword f
                        && f.name().equals("r"));
    return readOnly ? "transactions that only read" : "transactions that write";
  }

  /** The operation that an event belongs to; empty if there is none. */
  Optional<Integer> callOf(int event) {
    return event < 0 || event >= callOf.length || callOf[event] < 0
        ? Optional.empty()
        : Optional.of(callOf[event]);
  }

  /** From call to answer, nanoseconds; -1 if there was none. */
  static long latency(Call call) {
    return call.completion().map(op -> Math.max(0, op.time() - call.invoke().time())).orElse(-1L);
  }

  /** When nothing more can be learnt of an operation: its completion, or the end of the run. */
  long until(Call call) {
    return call.completion().map(Op::time).orElse(end);
  }

  /** What an operation has done, as far as the client knows: its results, or its arguments. */
  static @Nullable Object value(Call call) {
    return call.completion()
        .filter(op -> op.type() == Op.Type.OK && op.value() != null)
        .orElse(call.invoke())
        .value();
  }

  /** How many operations ended so. */
  long count(Op.Type outcome) {
    return calls.stream().filter(call -> call.outcome() == outcome).count();
  }
}
