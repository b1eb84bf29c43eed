package dev.balsa.jepsen.report;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Findings;
import dev.balsa.jepsen.history.History;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a report tells of a run.
 *
 * @param history what the clients did and saw, and the faults
 * @param findings what the checkers say; without any the verdict is {@link
 *     Finding.Validity#UNKNOWN}
 * @param config how the run was made, in the order in which it is to be shown; {@code workload},
 *     {@code nemesis} and {@code seed} also become the page's title. Values are shown as text;
 *     lists with commas.
 * @param leaders who led, by time; empty if nobody looked
 */
public record ReportData(
    History history,
    List<Finding> findings,
    Map<String, ? extends @Nullable Object> config,
    List<LeaderSample> leaders) {
  /** Copies the collections. */
  public ReportData {
    findings = List.copyOf(findings);
    config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
    leaders = List.copyOf(leaders);
  }

  /** The verdict of all checkers together: the worst. */
  public Finding.Validity validity() {
    return new Findings(findings).validity();
  }
}
