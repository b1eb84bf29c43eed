package dev.balsa.jepsen.check;

import dev.balsa.jepsen.history.History;
import java.util.List;

/** Several checkers. */
public final class Composed {
  private final List<Checker> checkers;

  /** Creates it of checkers, which are asked one after the other. */
  public Composed(List<Checker> checkers) {
    this.checkers = List.copyOf(checkers);
  }

  /**
   * Asks all, also after one has found something wrong.
   *
   * @throws IllegalArgumentException if the history is not of the kind that one of them judges
   */
  public Findings check(History history) {
    return new Findings(checkers.stream().map(checker -> checker.check(history)).toList());
  }
}
