package dev.balsa.jepsen.workload;

import dev.balsa.jepsen.check.Checker;
import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.history.History;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/** Lets pass what another checker finds wrong, but was not promised. */
final class Ignoring implements Checker {
  private final Checker checker;
  private final Predicate<String> ignored;

  /**
   * Creates it.
   *
   * @param ignored by the type of an anomaly
   */
  Ignoring(Checker checker, Predicate<String> ignored) {
    this.checker = checker;
    this.ignored = ignored;
  }

  @Override
  public Finding check(History history) {
    Finding found = checker.check(history);
    long let = found.anomalies().stream().filter(a -> ignored.test(a.type())).count();
    if (let == 0) {
      return found;
    }
    Map<String, Object> facts = new LinkedHashMap<>(found.facts());
    facts.put("not promised, and ignored", let);
    return Finding.of(
        found.checker(),
        found.anomalies().stream().filter(a -> !ignored.test(a.type())).toList(),
        found.missing(),
        facts);
  }
}
