package dev.balsa.raft.model;

import dev.balsa.raft.model.Violated.Property;
import java.util.Set;

/** Decides what ends an exploration: a violated property, unless it is one to be overlooked. */
final class Judge {
  private final Set<Property> overlooked;

  Judge(Set<Property> overlooked) {
    this.overlooked = overlooked;
  }

  boolean overlooks(Property property) {
    return overlooked.contains(property);
  }

  /** Checks what must hold; the text is put together only if it does not. */
  void check(boolean condition, Property property, Object... found) throws Violated {
    if (!condition && !overlooked.contains(property)) {
      StringBuilder text = new StringBuilder();
      for (Object part : found) {
        text.append(part);
      }
      throw new Violated(property, text.toString());
    }
  }
}
