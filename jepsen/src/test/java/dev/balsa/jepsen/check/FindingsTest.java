package dev.balsa.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Keyword;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FindingsTest {
  private static final Finding VALID = Finding.of("a", List.of(), List.of(), Map.of());
  private static final Finding UNKNOWN = Finding.of("b", List.of(), List.of("too few"), Map.of());
  private static final Finding INVALID =
      Finding.of(
          "c",
          List.of(new Anomaly("lost", "1 is lost", List.of(3), List.of())),
          List.of(),
          Map.of());

  @TempDir private Path folder;

  @Test
  void invalidWinsOverUnknownAndUnknownOverValid() {
    assertThat(verdict(VALID, VALID)).isEqualTo(Validity.VALID);
    assertThat(verdict(VALID, UNKNOWN, VALID)).isEqualTo(Validity.UNKNOWN);
    assertThat(verdict(UNKNOWN, INVALID, VALID)).isEqualTo(Validity.INVALID);
    assertThat(verdict(INVALID, UNKNOWN)).isEqualTo(Validity.INVALID);
  }

  @Test
  void whatNobodyHasCheckedIsUnknown() {
    assertThat(verdict()).isEqualTo(Validity.UNKNOWN);
  }

  private static Validity verdict(Finding... findings) {
    return new Findings(List.of(findings)).validity();
  }

  @Test
  void allCheckersAreAskedInOrder() {
    List<String> asked = new ArrayList<>();
    Checker first = noted(asked, INVALID);
    Checker second = noted(asked, VALID);
    Findings findings = Findings.of(List.of(first, second), new History(List.of()));
    assertThat(asked).containsExactly("c", "a");
    assertThat(findings.findings()).containsExactly(INVALID, VALID);
    assertThat(findings.and(UNKNOWN).findings()).containsExactly(INVALID, VALID, UNKNOWN);
  }

  private static Checker noted(List<String> asked, Finding finding) {
    return history -> {
      asked.add(finding.checker());
      return finding;
    };
  }

  @Test
  void theFormOfTheFileIsAsDocumented() throws IOException {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("transactions", 1000);
    facts.put("seconds", 1.5);
    facts.put("nothing", null);
    facts.put("not a number", Double.NaN);
    facts.put("by kind", Map.of(new Keyword("read"), List.of(1L, true)));
    facts.put("empty", List.of(Map.of(), List.of()));
    Anomaly anomaly =
        new Anomaly(
            "G1c",
            "two \"lines\",\n\twith \\ and \u0001 and \uD83D\uDE00 and half a \uD83D",
            List.of(17, 25),
            List.of(new Edge(17, 25, "wr", "it read that"), new Edge(25, 17, "ww", "before")));
    Findings findings =
        new Findings(
            List.of(Finding.of("list-append", List.of(anomaly), List.of(), facts), UNKNOWN));
    Path file = folder.resolve(ResultsJson.FILE);
    ResultsJson.write(findings, file);
    assertThat(Files.readString(file))
        .isEqualTo(
            """
            {
              "version": 1,
              "valid": "invalid",
              "findings": [
                {
                  "checker": "list-append",
                  "valid": "invalid",
                  "anomalies": [
                    {
                      "type": "G1c",
                      "explanation": "two \\"lines\\",\\n\\twith \\\\ and \\u0001 and \uD83D\uDE00 and half a \\ud83d",
                      "ops": [17, 25],
                      "cycle": [
                        {
                          "from": 17,
                          "to": 25,
                          "kind": "wr",
                          "reason": "it read that"
                        },
                        {
                          "from": 25,
                          "to": 17,
                          "kind": "ww",
                          "reason": "before"
                        }
                      ]
                    }
                  ],
                  "missing": [],
                  "facts": {
                    "transactions": 1000,
                    "seconds": 1.5,
                    "nothing": null,
                    "not a number": "NaN",
                    "by kind": {
                      ":read": [1, true]
                    },
                    "empty": [
                      {},
                      []
                    ]
                  }
                },
                {
                  "checker": "b",
                  "valid": "unknown",
                  "anomalies": [],
                  "missing": ["too few"],
                  "facts": {}
                }
              ]
            }
            """);
  }
}
