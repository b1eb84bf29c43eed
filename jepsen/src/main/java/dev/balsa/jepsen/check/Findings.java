package dev.balsa.jepsen.check;

import dev.balsa.jepsen.check.Finding.Validity;
import java.util.List;
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

  /** These and another one. */
  public Findings and(Finding finding) {
    return new Findings(Stream.concat(findings.stream(), Stream.of(finding)).toList());
  }
}
