package dev.balsa.jepsen;

import java.util.Collection;
import java.util.stream.Collectors;

/** Says how many there are of something, and shows the first few. */
final class Examples {
  private static final int SHOWN = 3;

  private Examples() {}

  static String of(String what, Collection<?> all) {
    return all.stream()
        .limit(SHOWN)
        .map(String::valueOf)
        .collect(Collectors.joining(", ", all.size() + " " + what + ", such as ", ""));
  }
}
