package dev.balsa.jepsen.check;

import dev.balsa.jepsen.history.History;

/** Judges a history. Keeps no state from one to the next. */
public interface Checker {
  /** Judges a history. */
  Finding check(History history);
}
