package dev.balsa.jepsen.run;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Whether the system became whole soon after each fault, without electing again and again. */
final class Healing {
  /** More elections than that in one healing are a storm. */
  private static final int ELECTIONS_MAX = 5;

  private Healing() {}

  /**
   * Judges.
   *
   * @param wholeMax how long a healing may take; zero if that is not judged
   */
  static Finding judge(List<Recovery> recoveries, Duration wholeMax) {
    List<Anomaly> wrong = new ArrayList<>();
    for (Recovery recovery : recoveries) {
      if (!wholeMax.isZero() && recovery.wholeMillis() > wholeMax.toMillis()) {
        wrong.add(
            anomaly(
                "slow-healing",
                recovery.wholeMillis()
                    + " ms, instead of at most "
                    + wholeMax.toMillis()
                    + ", until it was whole after "
                    + recovery.fault()));
      }
      if (recovery.elections() > ELECTIONS_MAX) {
        wrong.add(
            anomaly(
                "election-storm",
                recovery.elections() + " elections until it was whole after " + recovery.fault()));
      }
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("healings", recoveries.size());
    if (!wholeMax.isZero()) {
      facts.put("whole-within-ms", wholeMax.toMillis());
    }
    return Finding.of("healing", wrong, List.of(), facts);
  }

  private static Anomaly anomaly(String type, String explanation) {
    return new Anomaly(type, explanation, List.of(), List.of());
  }
}
