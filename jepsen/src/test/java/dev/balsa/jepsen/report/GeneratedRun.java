package dev.balsa.jepsen.report;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A run as a harness could have recorded it: list-append transactions of clients of three nodes, a
 * fault every ten seconds, elections. Times are made up; the values follow one list for each key.
 */
final class GeneratedRun {
  private static final Keyword APPEND = new Keyword("append");
  private static final Keyword READ = new Keyword("r");
  private static final List<String> FAULTS = List.of("partition", "kill", "pause");
  private static final long SECOND = 1_000_000_000L;
  private static final int PROCESSES = 12;

  private record Event(
      long time,
      Op.Type type,
      long process,
      String f,
      @Nullable Object value,
      @Nullable String error) {}

  private final Random random;
  private final int operations;
  private final double seconds;
  private final List<Event> events = new ArrayList<>();
  private final List<LeaderSample> leaders = new ArrayList<>();
  private final Map<Long, List<Object>> lists = new LinkedHashMap<>();

  GeneratedRun(long seed, int operations, double seconds) {
    this.random = new Random(seed);
    this.operations = operations;
    this.seconds = seconds;
  }

  private boolean isFaulty(long time) {
    return time % (10 * SECOND) > 4 * SECOND && time % (10 * SECOND) < 8 * SECOND;
  }

  History history() {
    faults();
    double[] free = new double[PROCESSES];
    long[] names = new long[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
      names[i] = i;
    }
    long nextName = PROCESSES;
    for (int i = 0; i < operations; i++) {
      int client = random.nextInt(PROCESSES);
      double even = seconds * SECOND * i / operations;
      long begin = (long) Math.max(even, free[client] + 20_000);
      boolean faulty = isFaulty(begin);
      boolean reads = random.nextInt(3) == 0;
      double lucky = random.nextDouble();
      Op.Type type = Op.Type.OK;
      double millis = 0.7 * Math.exp(0.5 * random.nextGaussian()) + (reads ? 0.3 : 1.4);
      if (faulty) {
        millis *= 1.6;
        long since = begin % (10 * SECOND) - 4 * SECOND;
        if (since < SECOND * 3 / 2 && lucky < 0.5) {
          millis = 200 + random.nextDouble() * (1500 - since / 1e6);
          type = lucky < 0.03 ? Op.Type.INFO : Op.Type.OK;
        } else if (lucky < 0.2) {
          millis = 0.4 + random.nextDouble();
          type = Op.Type.FAIL;
        } else if (lucky < 0.21) {
          millis = 2_000 + random.nextDouble() * 20;
          type = Op.Type.INFO;
        }
      }
      List<Object> asked = new ArrayList<>();
      List<Object> told = new ArrayList<>();
      transaction(reads, type, i, asked, told);
      events.add(new Event(begin, Op.Type.INVOKE, names[client], "txn", asked, null));
      long end = begin + (long) (millis * 1e6);
      free[client] = end;
      if (type == Op.Type.INFO && lucky < 0.01) {
        names[client] = nextName++;
        continue;
      }
      String error =
          type == Op.Type.FAIL ? "not the leader" : type == Op.Type.INFO ? "timeout" : null;
      events.add(
          new Event(end, type, names[client], "txn", type == Op.Type.OK ? told : asked, error));
      if (type == Op.Type.INFO) {
        names[client] = nextName++;
      }
    }
    return numbered();
  }

  private void transaction(
      boolean reads, Op.Type type, int number, List<Object> asked, List<Object> told) {
    for (int j = random.nextInt(3); j >= 0; j--) {
      long key = random.nextInt(8) + number / 400 * 8L;
      List<Object> list = lists.computeIfAbsent(key, k -> new ArrayList<>());
      if (reads || random.nextBoolean()) {
        List<@Nullable Object> read = new ArrayList<>(List.of(READ, key));
        read.add(null);
        asked.add(read);
        told.add(List.of(READ, key, List.copyOf(list)));
      } else {
        long value = number * 4L + j;
        if (type == Op.Type.OK) {
          list.add(value);
        }
        asked.add(List.of(APPEND, key, value));
        told.add(List.of(APPEND, key, value));
      }
    }
    if (!reads && asked.stream().allMatch(micro -> ((List<?>) micro).get(0).equals(READ))) {
      asked.add(List.of(APPEND, 0L, number * 4L + 3));
      told.add(List.of(APPEND, 0L, number * 4L + 3));
    }
  }

  private void faults() {
    long node = 1;
    long term = 1;
    leaders.add(new LeaderSample(SECOND / 5, node, term));
    for (long at = 4 * SECOND, i = 0; at + 4 * SECOND < seconds * SECOND; at += 10 * SECOND, i++) {
      String fault = FAULTS.get((int) (i % FAULTS.size()));
      String what = fault.equals("partition") ? "isolated %d from the others" : fault + " of %d";
      events.add(nemesis(at, "start-" + fault, String.format(what, node)));
      leaders.add(new LeaderSample(at + SECOND / 10, 0, term));
      node = node % 3 + 1;
      term += 1 + random.nextInt(2);
      leaders.add(new LeaderSample(at + SECOND * 3 / 2, node, term));
      events.add(nemesis(at + 4 * SECOND, "stop-" + fault, "all is whole"));
    }
  }

  private static Event nemesis(long time, String f, String what) {
    return new Event(time, Op.Type.INFO, Op.NEMESIS, f, what, null);
  }

  private History numbered() {
    events.sort(Comparator.comparingLong(Event::time));
    List<Op> ops = new ArrayList<>();
    for (Event e : events) {
      long node = e.process == Op.NEMESIS ? 0 : e.process % 3 + 1;
      ops.add(new Op(ops.size(), e.time, e.type, e.process, e.f, e.value, e.error, node));
    }
    return new History(ops);
  }

  /** A sound run. */
  ReportData valid() {
    History history = history();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("transactions", history.calls().size());
    facts.put("keys", lists.size());
    Finding append = Finding.of("list-append", List.of(), List.of(), facts);
    Finding logs = Finding.of("logs", List.of(), List.of(), Map.of("lines", 18_234));
    return new ReportData(history, List.of(append, logs), config(), leaders);
  }

  /** A run in which the given number of transactions seem to form a cycle, and another anomaly. */
  ReportData invalid(int cycleLength) {
    History history = history();
    List<History.Call> calls =
        history.calls().stream()
            .filter(call -> call.outcome() == Op.Type.OK && call.invoke().time() > 14.5 * SECOND)
            .limit(3L * cycleLength)
            .toList();
    List<Integer> ends = new ArrayList<>();
    for (int i = 0; i < cycleLength; i++) {
      ends.add(calls.get(3 * i).completion().orElseThrow().index());
    }
    List<Edge> cycle = new ArrayList<>();
    List<String> kinds = List.of("rw", "wr", "realtime", "ww");
    List<String> reasons =
        List.of(
            "T%d read key 13 as [12 14], before T%d appended 17 to it",
            "T%d appended 17 to key 13, and T%d read it",
            "T%d had ended 3.2 ms before T%d began",
            "T%d appended 21 to key 9, and T%d appended 24 right after it");
    for (int i = 0; i < cycleLength; i++) {
      int next = (i + 1) % cycleLength;
      String reason = String.format(reasons.get(i % 4), i + 1, next + 1);
      cycle.add(new Edge(ends.get(i), ends.get(next), kinds.get(i % 4), reason));
    }
    Anomaly single =
        new Anomaly(
            "G-single-realtime",
            "T1 must come before T2, and T2 before T1 <as told below>:\n"
                + String.join("\n", cycle.stream().map(Edge::reason).toList()),
            ends,
            cycle);
    Anomaly lost = lost(history);
    Finding append =
        Finding.of("list-append", List.of(single, lost), List.of(), Map.of("keys", lists.size()));
    Finding coverage =
        Finding.of(
            "coverage",
            List.of(),
            List.of("Only 12 of 50 operations were acknowledged during pause."),
            Map.of());
    return new ReportData(history, List.of(append, coverage), config(), leaders);
  }

  /** Two operations that are far apart. */
  private static Anomaly lost(History history) {
    List<History.Call> ok =
        history.calls().stream().filter(call -> call.outcome() == Op.Type.OK).toList();
    List<Integer> ops =
        List.of(
            ok.get(ok.size() / 5).completion().orElseThrow().index(),
            ok.get(ok.size() - 4).completion().orElseThrow().index());
    return new Anomaly(
        "lost-append", "An append that was acknowledged is not read.", ops, List.of());
  }

  private Map<String, Object> config() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("workload", "list append");
    config.put("nemesis", List.of("partition", "kill", "pause"));
    config.put("nodes", 3);
    config.put("rate", 300);
    config.put("concurrency", PROCESSES);
    config.put("time-limit", seconds + " s");
    config.put("read-mode", "linearizable");
    config.put("net", "proxy");
    config.put("disk", "plain");
    config.put("snapshot-every", 200);
    config.put("seed", 4711);
    return config;
  }
}
