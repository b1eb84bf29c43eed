package dev.balsa.jepsen.workload;

import dev.balsa.jepsen.check.Checker;
import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checks reads of registers that may show an older state, but never an older one than the same
 * process has written or read, where no value is written twice.
 *
 * <ul>
 *   <li>{@code phantom}: nobody has written that value, or its write has failed, or begins later.
 *   <li>{@code backwards}: the write of that value was over before the write began of a value that
 *       the process had written or read.
 * </ul>
 */
final class StaleRegisterChecker implements Checker {
  private static final int SHOWN_MAX = 10;

  private record Place(Object key, Object value) {}

  /** All registers have it at first. */
  private static final long INITIAL = 0;

  @Override
  public Finding check(History history) {
    return new Run(history).find();
  }

  /** The check of one history. */
  private static final class Run {
    private final History history;
    private final Map<Place, Call> writes = new HashMap<>();

    /** By process and register, the value seen last. */
    private final Map<Place, Object> known = new HashMap<>();

    private final List<Anomaly> anomalies = new ArrayList<>();
    private int reads;
    private int telling;

    Run(History history) {
      this.history = history;
    }

    Finding find() {
      for (Call call : history.calls()) {
        Object written = written(call.invoke());
        if (written != null) {
          writes.put(new Place(key(call.invoke()), written), call);
        }
      }
      history.calls().stream().filter(c -> c.outcome() == Op.Type.OK).forEach(this::look);
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("stale-reads", reads);
      facts.put("stale-reads-that-could-tell", telling);
      facts.put("violations", anomalies.size());
      return Finding.of(
          "session",
          anomalies.stream().limit(SHOWN_MAX).toList(),
          telling > 0 ? List.of() : List.of("no stale read followed on anything"),
          facts);
    }

    private void look(Call call) {
      Op done = call.completion().orElseThrow();
      Object key = key(done);
      Object written = written(done);
      Object seen =
          written == null ? ((List<?>) Objects.requireNonNull(done.value())).get(1) : written;
      Place place = new Place(List.of(done.process(), key), 0L);
      Object before = known.put(place, Objects.requireNonNull(seen));
      if (!done.f().equals(RegisterWorkload.STALE_READ)) {
        return;
      }
      reads++;
      telling += before == null ? 0 : 1;
      Call write = writes.get(new Place(key, seen));
      boolean initial = seen.equals(INITIAL);
      if (!initial
          && (write == null
              || write.outcome() == Op.Type.FAIL
              || write.invoke().index() > done.index())) {
        tell(
            "phantom",
            done,
            "process %d read %s of %s, which nobody had written",
            seen,
            key,
            write);
      } else if (before != null && !before.equals(seen) && !before.equals(INITIAL)) {
        Call newer = writes.get(new Place(key, before)); // null if that was a phantom
        int over = initial ? -1 : Objects.requireNonNull(write).returnIndex();
        if (newer != null && over < newer.invoke().index()) {
          tell("backwards", done, "process %d read %s of %s after a newer one", seen, key, newer);
        }
      }
    }

    private void tell(
        String type, Op read, String how, Object seen, Object key, @Nullable Call write) {
      List<Integer> ops = new ArrayList<>();
      if (write != null) {
        ops.add(write.invoke().index());
      }
      ops.add(read.index());
      anomalies.add(
          new Anomaly(type, String.format(how, read.process(), seen, key), ops, List.of()));
    }
  }

  private static Object key(Op op) {
    return Objects.requireNonNull(((List<?>) Objects.requireNonNull(op.value())).get(0));
  }

  private static @Nullable Object written(Op op) {
    List<?> value = (List<?>) Objects.requireNonNull(op.value());
    return switch (op.f()) {
      case "write" -> value.get(1);
      case "cas" -> ((List<?>) Objects.requireNonNull(value.get(1))).get(1);
      default -> null;
    };
  }
}
