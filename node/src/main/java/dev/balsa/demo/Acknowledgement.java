package dev.balsa.demo;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A transaction that Balsa reported as committed.
 *
 * @param micros when the application learnt of it, in microseconds since 1970
 * @param ids of its rows
 */
record Acknowledgement(long micros, List<Long> ids) {
  /** Takes an immutable list. */
  Acknowledgement {
    ids = List.copyOf(ids);
  }

  /** The node whose application it was. */
  long node() {
    return RowId.node(ids.get(0));
  }

  /** The life of that node. */
  long boot() {
    return RowId.boot(ids.get(0));
  }

  String toLine() {
    return micros + " " + ids.stream().map(String::valueOf).collect(Collectors.joining(" ")) + "\n";
  }

  /** Reads a whole line. */
  static Acknowledgement parse(String line) {
    List<Long> numbers = Arrays.stream(line.split(" ")).map(Long::valueOf).toList();
    if (numbers.size() < 2) {
      throw new IllegalArgumentException("no row in '" + line + "'");
    }
    return new Acknowledgement(numbers.get(0), numbers.subList(1, numbers.size()));
  }
}
