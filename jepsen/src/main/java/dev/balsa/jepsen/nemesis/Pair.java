package dev.balsa.jepsen.nemesis;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Two faults at the same time: the second one begins while the first one stays. They end in the
 * order in which they have begun: the second one may need a cluster that can become whole.
 */
final class Pair implements Fault {
  private final String name;
  private final Fault first;
  private final Fault second;

  Pair(String name, Fault first, Fault second) {
    this.name = name;
    this.first = first;
    this.second = second;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<String> missing() {
    return Stream.of(first, second).flatMap(fault -> fault.missing().stream()).findFirst();
  }

  @Override
  public List<String> excusedLogLines() {
    return Stream.of(first, second).flatMap(fault -> fault.excusedLogLines().stream()).toList();
  }

  @Override
  public String begin(RandomGenerator random) throws IOException, InterruptedException {
    return first.begin(random) + "; and " + second.begin(random);
  }

  @Override
  public boolean lasts() {
    return first.lasts() || second.lasts();
  }

  @Override
  public String end() throws IOException, InterruptedException {
    String done;
    try {
      done = first.end();
    } catch (IOException | InterruptedException | RuntimeException e) {
      try {
        second.end();
      } catch (IOException | RuntimeException other) {
        e.addSuppressed(other);
      }
      throw e;
    }
    return done + "; and " + second.end();
  }
}
