package dev.balsa.jepsen.check;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Keyword;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What an acknowledged operation has added to objects that only grow, and seen of them.
 * Thread-safe.
 */
@FunctionalInterface
public interface Sightings {
  /**
   * Tells.
   *
   * @param call acknowledged
   * @return in the order in which it was done
   * @throws IllegalArgumentException if the operation is of another kind
   */
  List<Sighting> of(History.Call call);

  /** An addition or a look. */
  sealed interface Sighting {}

  /**
   * Something was added.
   *
   * @param object to what
   * @param element unique within that
   */
  record Added(Object object, Object element) implements Sighting {}

  /**
   * An object was read.
   *
   * @param elements all that it had
   */
  record Seen(Object object, Collection<?> elements) implements Sighting {}

  /** Of {@code :add n} and {@code :read #{...}}, on one set. */
  static Sightings ofSets() {
    return call -> {
      Object value = call.completion().orElseThrow().value();
      String f = call.invoke().f();
      if (f.equals("add") && value != null) {
        return List.of(new Added("set", value));
      }
      if (f.equals("read") && value instanceof Collection<?> elements) {
        return List.of(new Seen("set", elements));
      }
      throw new IllegalArgumentException("neither an add nor a read of a set: " + call);
    };
  }

  /** Of {@code :txn [[:append k v] [:r k [...]]]}, on lists. */
  static Sightings ofLists() {
    return call -> {
      List<Sighting> sightings = new ArrayList<>();
      if (!(call.completion().orElseThrow().value() instanceof List<?> operations)) {
        throw new IllegalArgumentException("not a transaction: " + call);
      }
      for (Object each : operations) {
        if (!(each instanceof List<?> operation) || operation.size() != 3) {
          throw new IllegalArgumentException("not an operation, " + each + " of " + call);
        }
        Object key = operation.get(1);
        Object value = operation.get(2);
        if (operation.get(0).equals(new Keyword("append")) && key != null && value != null) {
          sightings.add(new Added(key, value));
        } else if (operation.get(0).equals(new Keyword("r")) && key != null) {
          sightings.add(new Seen(key, value instanceof List<?> elements ? elements : List.of()));
        } else {
          throw new IllegalArgumentException("neither append nor r: " + each + " of " + call);
        }
      }
      return sightings;
    };
  }
}
