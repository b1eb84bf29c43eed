package dev.balsa.jepsen.run;

import dev.balsa.jepsen.check.Checker;
import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Whether enough was seen, so that nothing being wrong means something. */
public final class Coverage implements Checker {
  private final Wanted wanted;
  private final List<String> faults;

  /**
   * How much must be seen.
   *
   * @param acknowledged operations in all
   * @param duringFault operations during all faults of a kind together
   */
  public record Wanted(int acknowledged, int duringFault) {}

  /**
   * Creates it.
   *
   * @param faults names of those that must have been seen
   */
  Coverage(Wanted wanted, List<String> faults) {
    this.wanted = wanted;
    this.faults = List.copyOf(faults);
  }

  @Override
  public Finding check(History history) {
    List<Op> acknowledged =
        history.ops().stream().filter(op -> !op.isNemesis() && op.type() == Op.Type.OK).toList();
    List<Span> spans = Span.of(history);
    Map<String, Object> facts = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    facts.put("acknowledged", acknowledged.size());
    if (acknowledged.size() < wanted.acknowledged()) {
      missing.add(
          "only "
              + acknowledged.size()
              + " of "
              + wanted.acknowledged()
              + " operations were acknowledged");
    }
    for (String fault : faults) {
      List<Span> times = spans.stream().filter(span -> span.fault().equals(fault)).toList();
      long during =
          acknowledged.stream()
              .filter(op -> times.stream().anyMatch(span -> span.contains(op.time())))
              .count();
      facts.put(fault + "-times", times.size());
      facts.put(fault + "-acknowledged", during);
      if (times.isEmpty()) {
        missing.add("there was no " + fault);
      } else if (during < wanted.duringFault()) {
        missing.add(
            "only "
                + during
                + " of "
                + wanted.duringFault()
                + " operations were acknowledged during "
                + fault);
      }
    }
    return Finding.of("coverage", List.of(), missing, facts);
  }
}
