package dev.balsa.jepsen.check;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Whether a small list-append history is strictly serializable, by trying all orders. Shares
 * nothing with the checker: it executes transactions on lists.
 */
final class BruteForce {
  private static final Keyword APPEND = new Keyword("append");

  private final List<History.Call> calls;
  private final boolean[] placed;

  private BruteForce(List<History.Call> calls) {
    this.calls = calls;
    this.placed = new boolean[calls.size()];
  }

  static boolean isStrictlySerializable(History history) {
    return new BruteForce(
            history.calls().stream().filter(call -> call.outcome() != Op.Type.FAIL).toList())
        .search(new HashMap<>());
  }

  /** Whether what is not placed yet can follow what is, which has led to this state. */
  private boolean search(Map<Object, List<Object>> state) {
    boolean done = true;
    for (int i = 0; i < placed.length; i++) {
      done &= placed[i] || calls.get(i).outcome() == Op.Type.INFO;
    }
    if (done) {
      return true;
    }
    for (int i = 0; i < placed.length; i++) {
      if (!placed[i] && mayBeNext(i)) {
        Map<Object, List<Object>> after = new HashMap<>(state);
        placed[i] = true;
        if (execute(calls.get(i), after) && search(after)) {
          return true;
        }
        placed[i] = false;
      }
    }
    return false;
  }

  /** Whether all that had returned before it was called have been placed. */
  private boolean mayBeNext(int candidate) {
    for (int i = 0; i < placed.length; i++) {
      if (!placed[i] && calls.get(i).returnIndex() < calls.get(candidate).invoke().index()) {
        return false;
      }
    }
    return true;
  }

  private static boolean execute(History.Call call, Map<Object, List<Object>> state) {
    boolean ok = call.outcome() == Op.Type.OK;
    Object mops = ok ? call.completion().orElseThrow().value() : call.invoke().value();
    for (Object mop : (List<?>) Objects.requireNonNull(mops)) {
      List<?> parts = (List<?>) mop;
      List<Object> list = state.getOrDefault(parts.get(1), List.of());
      if (parts.get(0).equals(APPEND)) {
        List<Object> longer = new ArrayList<>(list);
        longer.add(parts.get(2));
        state.put(parts.get(1), longer);
      } else if (ok && !list.equals(parts.get(2) == null ? List.of() : parts.get(2))) {
        return false;
      }
    }
    return true;
  }
}
