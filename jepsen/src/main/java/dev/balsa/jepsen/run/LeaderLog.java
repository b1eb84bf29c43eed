package dev.balsa.jepsen.run;

import dev.balsa.jepsen.db.SystemUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Who led when, as the harness saw it. Thread-safe. */
final class LeaderLog {
  private final List<Sample> samples = new ArrayList<>();

  /**
   * A change.
   *
   * @param time nanoseconds since the run began
   * @param node who leads from now on, by the highest term that is told; 0 if nobody
   * @param term that term
   */
  record Sample(long time, long node, long term) {}

  synchronized void add(long time, SystemUnderTest.Status status) {
    Sample last = samples.isEmpty() ? new Sample(0, -1, -1) : samples.get(samples.size() - 1);
    if (last.node() != status.leader() || last.term() != status.term()) {
      samples.add(new Sample(time, status.leader(), status.term()));
    }
  }

  synchronized List<Sample> samples() {
    return List.copyOf(samples);
  }

  /** By how much the highest term has risen. */
  synchronized long elections() {
    long first = samples.isEmpty() ? 0 : samples.get(0).term();
    return samples.stream().mapToLong(Sample::term).max().orElse(0) - first;
  }

  /** Writes a map of EDN a line. */
  void write(Path file) throws IOException {
    Files.write(
        file,
        samples().stream()
            .map(s -> "{:time " + s.time() + ", :node " + s.node() + ", :term " + s.term() + "}")
            .toList());
  }
}
