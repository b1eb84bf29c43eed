package dev.balsa.jepsen;

import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.LogChecker;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Looks through the nodes' logs for what no fault that a run brings about excuses. */
final class NodeLogs {
  private NodeLogs() {}

  /**
   * What is wrong, by the logs in a folder. A log that does not even tell that its node has started
   * would hide everything else, too.
   */
  static List<String> problems(Path folder) {
    var finding = new LogChecker(folder, List.of(), List.of()).check();
    return Stream.concat(
            finding.anomalies().stream().map(Anomaly::explanation), finding.missing().stream())
        .toList();
  }
}
