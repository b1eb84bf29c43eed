package dev.balsa.jepsen.check;

import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.history.History;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What several checkers have found.
 *
 * @param findings each one's, in the order in which they were asked
 */
public record Findings(List<Finding> findings) {
  /** Copies the list. */
  public Findings {
    findings = List.copyOf(findings);
  }

  /**
   * Asks all checkers, also after one has found something wrong.
   *
   * @throws IllegalArgumentException if the history is not of the kind that one of them judges
   */
  public static Findings of(List<Checker> checkers, History history) {
    return new Findings(checkers.stream().map(checker -> checker.check(history)).toList());
  }

  /** The verdict of all: invalid if one says so, else unknown if one does, or if none was asked. */
  public Validity validity() {
    if (has(Validity.INVALID)) {
      return Validity.INVALID;
    }
    return findings.isEmpty() || has(Validity.UNKNOWN) ? Validity.UNKNOWN : Validity.VALID;
  }

  private boolean has(Validity validity) {
    return findings.stream().anyMatch(finding -> finding.validity() == validity);
  }

  /** What one checker has found; empty if it was not asked. */
  public Optional<Finding> of(String checker) {
    return findings.stream().filter(finding -> finding.checker().equals(checker)).findFirst();
  }

  /** These and another one. */
  public Findings and(Finding finding) {
    return new Findings(Stream.concat(findings.stream(), Stream.of(finding)).toList());
  }
}
