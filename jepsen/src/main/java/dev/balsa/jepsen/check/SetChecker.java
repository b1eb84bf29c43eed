package dev.balsa.jepsen.check;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks a set to which elements are added: {@code :add} with the element as its value, {@code
 * :read} with the value {@code #{...}}. Thread-safe.
 *
 * <p>An element is <i>known</i> once its add was acknowledged, or a read that has it has returned.
 * A read <i>begins</i> when it is called; if reads are linearizable, no earlier than the last of
 * its elements' adds is called. Anomalies:
 *
 * <ul>
 *   <li>{@code phantom}: a read has an element that nobody has added, whose add failed, or whose
 *       add is called only after the read returned.
 *   <li>{@code lost}: an element is known, and is missing at the end. With linearizable reads: in a
 *       read that begins later, and in all that are called after that one. Else: in all reads that
 *       are called after the last acknowledgement.
 *   <li>{@code stale}, with linearizable reads: an element is known before a read begins and
 *       missing there, although a later read has it.
 *   <li>{@code long-fork}, with linearizable reads: of two reads, each has what the other lacks.
 * </ul>
 *
 * <p>With linearizable reads, a history has none of these if and only if it is linearizable. Say
 * that an add comes before the reads that have its element, and after those that lack it. If these
 * constraints and real time form a cycle, so do some with at most one step of real time, since of
 * two such steps, a to b and c to d, one can be left out: a ends before d begins, or c before b. A
 * cycle without any makes reads that are not subsets of each other: long-fork. Otherwise the reads
 * along the cycle are subsets, each of the next one, so that its first and last one say it all: an
 * add after the read that has it (phantom); a known element that a read lacks which begins later
 * (lost or stale, known by an add or by a read, later by its call or by an element's add).
 *
 * <p>Unknown is a history without a read that is called after the last acknowledgement: what was
 * acknowledged and never could be read is counted as {@code never-read}.
 */
public final class SetChecker implements Checker {
  private static final int SHOWN_MAX = 10;

  private final boolean readsAreLinearizable;

  private SetChecker(boolean readsAreLinearizable) {
    this.readsAreLinearizable = readsAreLinearizable;
  }

  /** The check where a read shows all that was acknowledged before. */
  public static SetChecker ofLinearizableReads() {
    return new SetChecker(true);
  }

  /** The check where a read may show an older state, except at the end. */
  public static SetChecker ofStaleReads() {
    return new SetChecker(false);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if an operation is neither an add nor a read of a set
   */
  @Override
  public Finding check(History history) {
    return new Run(readsAreLinearizable, history).run();
  }

  private record Read(int invoked, int completed, Set<?> elements) {
    boolean lacks(Element element) {
      return !elements.contains(element.value);
    }
  }

  private static final class Element {
    final Object value;

    /** When its add was called first. */
    int added = Integer.MAX_VALUE;

    boolean acknowledged;
    boolean failed = true;

    /** Since when it must be there. */
    int known = Integer.MAX_VALUE;

    /** Call of the last read that has it; -1 if there is none. */
    int lastPresent = -1;

    Element(Object value) {
      this.value = value;
    }
  }

  /** The check of one history. */
  private static final class Run {
    private final boolean linearizable;
    private final History history;
    private final Map<Object, Element> elements = new LinkedHashMap<>();
    private final List<Read> reads = new ArrayList<>();
    private final AnomalyTally anomalies = new AnomalyTally();
    private int lastAcknowledgement = -1;

    Run(boolean linearizable, History history) {
      this.linearizable = linearizable;
      this.history = history;
    }

    Finding run() {
      history.calls().forEach(this::note);
      reads.forEach(this::look);
      if (linearizable) {
        linearizable();
      } else {
        lostAtTheEnd();
      }
      long neverRead =
          elements.values().stream()
              .filter(e -> e.acknowledged && e.lastPresent < 0)
              .filter(e -> reads.stream().noneMatch(read -> read.invoked() > e.known))
              .count();
      List<String> missing = new ArrayList<>();
      if (reads.stream().noneMatch(read -> read.invoked() > lastAcknowledgement)) {
        missing.add(
            reads.isEmpty()
                ? "no read was acknowledged"
                : "no read was called after the last acknowledged add; "
                    + neverRead
                    + " acknowledged elements were never read");
      }
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("reads", reads.size());
      facts.put("acknowledged", elements.values().stream().filter(e -> e.acknowledged).count());
      facts.put("failed", elements.values().stream().filter(e -> e.failed).count());
      facts.put(
          "indeterminate",
          elements.values().stream().filter(e -> !e.acknowledged && !e.failed).count());
      facts.put(
          "indeterminate-read",
          elements.values().stream()
              .filter(e -> !e.acknowledged && !e.failed && e.lastPresent >= 0)
              .count());
      facts.put("never-read", neverRead);
      facts.putAll(anomalies.counts());
      return Finding.of("set", anomalies.shown(), missing, facts);
    }

    private void note(Call call) {
      Op invoke = call.invoke();
      if (invoke.f().equals("add") && invoke.value() != null) {
        Element element = elements.computeIfAbsent(invoke.value(), Element::new);
        element.failed &= call.outcome() == Op.Type.FAIL;
        if (call.outcome() != Op.Type.FAIL) {
          element.added = Math.min(element.added, invoke.index());
        }
        if (call.outcome() == Op.Type.OK) {
          element.acknowledged = true;
          element.known = Math.min(element.known, call.returnIndex());
          lastAcknowledgement = Math.max(lastAcknowledgement, call.returnIndex());
        }
      } else if (!invoke.f().equals("read")) {
        throw new IllegalArgumentException(
            "event " + invoke.index() + " is neither an add nor a read: " + invoke);
      } else if (call.outcome() == Op.Type.OK) {
        Op ok = call.completion().orElseThrow();
        if (!(ok.value() instanceof Set<?> set)) {
          throw new IllegalArgumentException("event " + ok.index() + " is not a set: " + ok);
        }
        reads.add(new Read(invoke.index(), ok.index(), set));
      }
    }

    /** Finds phantoms, and notes what a read makes known. */
    private void look(Read read) {
      List<Object> never = new ArrayList<>();
      List<Object> refused = new ArrayList<>();
      List<Object> later = new ArrayList<>();
      for (Object value : read.elements()) {
        Element element = elements.get(value);
        if (element == null) {
          never.add(value);
          continue;
        } else if (element.failed) {
          refused.add(value);
          continue;
        } else if (element.added > read.completed()) {
          later.add(value);
        }
        element.lastPresent = Math.max(element.lastPresent, read.invoked());
        element.known = Math.min(element.known, read.completed());
      }
      phantom(read, "that nobody has added", never);
      phantom(read, "whose add failed", refused);
      phantom(read, "whose add was called later", later);
    }

    private void phantom(Read read, String why, List<Object> values) {
      if (!values.isEmpty()) {
        anomalies.add(
            "phantom",
            "the read " + read.completed() + " has " + some(values) + ", " + why,
            List.of(read.completed()));
      }
    }

    private void linearizable() {
      Map<Element, Read> stale = new LinkedHashMap<>();
      Map<Element, Read> lost = new LinkedHashMap<>();
      List<Element> byKnown =
          elements.values().stream()
              .filter(e -> e.known != Integer.MAX_VALUE)
              .sorted(Comparator.comparingInt(e -> e.known))
              .toList();
      for (Read read : reads) {
        int begins = begins(read);
        for (Element element : byKnown) {
          if (element.known >= begins) {
            break;
          }
          if (read.lacks(element)) {
            (element.lastPresent > read.invoked() ? stale : lost).put(element, read);
          }
        }
      }
      lost.forEach((element, read) -> tell("lost", element, read, "and in all later ones"));
      stale.forEach((element, read) -> tell("stale", element, read, "but not in a later one"));
      longForks();
    }

    private int begins(Read read) {
      int begins = read.invoked();
      for (Object value : read.elements()) {
        Element element = elements.get(value);
        if (element != null && !element.failed) {
          begins = Math.max(begins, element.added);
        }
      }
      return begins;
    }

    /** If reads of growing size are not each a subset of the next, two are no subsets. */
    private void longForks() {
      List<Read> bySize =
          reads.stream().sorted(Comparator.comparingInt(read -> read.elements().size())).toList();
      for (int i = 1; i < bySize.size(); i++) {
        Read smaller = bySize.get(i - 1);
        Read larger = bySize.get(i);
        if (!larger.elements().containsAll(smaller.elements())) {
          anomalies.add(
              "long-fork",
              "the read "
                  + smaller.completed()
                  + " has what the read "
                  + larger.completed()
                  + " lacks, such as "
                  + some(difference(smaller, larger))
                  + ", and the other way round, such as "
                  + some(difference(larger, smaller)),
              List.of(smaller.completed(), larger.completed()));
        }
      }
    }

    private static List<Object> difference(Read one, Read other) {
      return one.elements().stream()
          .filter(value -> !other.elements().contains(value))
          .<Object>map(value -> value)
          .limit(SHOWN_MAX)
          .toList();
    }

    private void lostAtTheEnd() {
      List<Read> last =
          reads.stream().filter(read -> read.invoked() > lastAcknowledgement).toList();
      for (Element element : elements.values()) {
        List<Read> after = last.stream().filter(read -> read.invoked() > element.known).toList();
        if (!after.isEmpty()
            && element.lastPresent < after.get(0).invoked()
            && after.stream().allMatch(read -> read.lacks(element))) {
          tell("lost", element, after.get(after.size() - 1), "and in all others at the end");
        }
      }
    }

    private void tell(String type, Element element, Read read, String also) {
      anomalies.add(
          type,
          element.value
              + " is known since "
              + element.known
              + (element.acknowledged ? "" : ", by a read,")
              + " and missing in the read "
              + read.completed()
              + " that was called at "
              + read.invoked()
              + ", "
              + also,
          List.of(element.known, read.completed()));
    }

    private static String some(List<Object> values) {
      List<Object> shown = values.subList(0, Math.min(values.size(), SHOWN_MAX));
      return values.size() == shown.size()
          ? shown.toString()
          : shown + " and " + (values.size() - shown.size()) + " more";
    }
  }
}
