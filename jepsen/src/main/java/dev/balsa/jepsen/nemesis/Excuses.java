package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.check.LogChecker.Expected;
import java.util.List;

/** What faults excuse in the nodes' logs, as regular expressions. */
final class Excuses {
  private Excuses() {}

  /** Of faults that flip bits. */
  static List<String> ofBitRot() {
    return patterns(Expected.ofBitRot());
  }

  /** Of faults that make disks fail. */
  static List<String> ofFailingDisks() {
    return patterns(Expected.ofFailingDisks());
  }

  private static List<String> patterns(List<Expected> expected) {
    return expected.stream().map(each -> each.pattern().pattern()).toList();
  }
}
