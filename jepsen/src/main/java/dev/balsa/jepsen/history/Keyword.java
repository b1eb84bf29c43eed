package dev.balsa.jepsen.history;

/**
 * A keyword of EDN.
 *
 * @param name without the colon, such as {@code append}
 */
public record Keyword(String name) implements Comparable<Keyword> {
  @Override
  public int compareTo(Keyword other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return ":" + name;
  }
}
