package dev.balsa.jepsen.check;

import dev.balsa.jepsen.check.Sightings.Added;
import dev.balsa.jepsen.check.Sightings.Seen;
import dev.balsa.jepsen.check.Sightings.Sighting;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Op;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Checks what a session is promised, a process being one: a read that carries the bookmark of what
 * the process has done before shows at least that. Thread-safe.
 *
 * <ul>
 *   <li>{@code read-your-writes}: the read lacks what the same process has added and got
 *       acknowledged.
 *   <li>{@code non-monotonic-read}: it lacks what an earlier read of the same process had.
 * </ul>
 *
 * <p>Reads without a bookmark are not checked, but what they have seen must be in those with one.
 * Unknown is a history in which no read could have shown that anything is wrong.
 */
public final class SessionChecker implements Checker {
  private static final int SHOWN_MAX = 10;

  private final Sightings sightings;
  private final Predicate<Op> carriesBookmark;

  /**
   * Creates a checker.
   *
   * @param sightings what operations add and see
   * @param carriesBookmark of a call: whether it was made with the bookmark of all that its process
   *     had done
   */
  public SessionChecker(Sightings sightings, Predicate<Op> carriesBookmark) {
    this.sightings = sightings;
    this.carriesBookmark = carriesBookmark;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if an acknowledged operation is of another kind than expected
   */
  @Override
  public Finding check(History history) {
    AnomalyTally anomalies = new AnomalyTally();
    Map<Long, Session> sessions = new HashMap<>();
    long checked = 0;
    long telling = 0;
    for (Call call : history.calls()) {
      if (call.outcome() != Op.Type.OK) {
        continue;
      }
      Session session = sessions.computeIfAbsent(call.invoke().process(), any -> new Session());
      boolean bound = carriesBookmark.test(call.invoke());
      for (Sighting sighting : sightings.of(call)) {
        if (sighting instanceof Added added) {
          session.of(added.object()).added.put(added.element(), call.returnIndex());
        } else if (sighting instanceof Seen seen) {
          Known known = session.of(seen.object());
          if (bound) {
            checked++;
            telling += known.isEmpty() ? 0 : 1;
            known.check(call, seen, anomalies);
          }
          seen.elements().forEach(element -> known.seen.putIfAbsent(element, call.returnIndex()));
        }
      }
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("sessions", sessions.size());
    facts.put("reads-with-bookmark", checked);
    facts.put("reads-that-could-tell", telling);
    facts.putAll(anomalies.counts());
    List<String> missing =
        telling > 0 ? List.of() : List.of("no read with a bookmark followed on anything");
    return Finding.of("session", anomalies.shown(), missing, facts);
  }

  /** What a process knows, by object. */
  private static final class Session {
    private final Map<Object, Known> objects = new HashMap<>();

    Known of(Object object) {
      return objects.computeIfAbsent(object, any -> new Known());
    }
  }

  /** What a process knows to be in an object, and by which event. */
  private static final class Known {
    final Map<Object, Integer> added = new LinkedHashMap<>();
    final Map<Object, Integer> seen = new LinkedHashMap<>();

    boolean isEmpty() {
      return added.isEmpty() && seen.isEmpty();
    }

    void check(Call call, Seen read, AnomalyTally anomalies) {
      Set<Object> there = new HashSet<>(read.elements());
      tell("read-your-writes", "it had added", added, call, read, there, anomalies);
      tell("non-monotonic-read", "it had read", seen, call, read, there, anomalies);
    }

    private static void tell(
        String type,
        String how,
        Map<Object, Integer> known,
        Call call,
        Seen read,
        Collection<?> there,
        AnomalyTally anomalies) {
      List<Object> lacking = known.keySet().stream().filter(e -> !there.contains(e)).toList();
      if (lacking.isEmpty()) {
        return;
      }
      List<Object> shown = lacking.subList(0, Math.min(lacking.size(), SHOWN_MAX));
      Set<Integer> ops = new LinkedHashSet<>();
      shown.forEach(element -> ops.add(known.getOrDefault(element, call.returnIndex())));
      ops.add(call.returnIndex());
      anomalies.add(
          type,
          "process "
              + call.invoke().process()
              + " reads "
              + read.object()
              + " at "
              + call.returnIndex()
              + " without "
              + lacking.size()
              + " elements that "
              + how
              + ", such as "
              + shown,
          List.copyOf(ops));
    }
  }
}
