package dev.balsa.jepsen.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.jepsen.JepsenCommand;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.json.JsonReader;
import dev.balsa.jepsen.json.JsonText;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ReportCommandTest {
  private static final String HISTORY =
      """
      {:index 0, :time 1000000, :type :invoke, :process 0, :f :txn, :value [[:append 1 1]], :node 1}
      {:index 1, :time 1500000, :type :info, :process :nemesis, :f :start-kill, :value "node 2"}
      {:index 2, :time 2000000, :type :ok, :process 0, :f :txn, :value [[:append 1 1]], :node 1}
      {:index 3, :time 3000000, :type :invoke, :process 1, :f :txn, :value [[:r 1 nil]], :node 2}
      {:index 4, :time 4000000, :type :ok, :process 1, :f :txn, :value [[:r 1 []]], :node 2}
      """;

  private static final String RESULTS =
      """
      {"version": 1, "valid": "invalid", "findings": [
        {"checker": "list-append", "valid": "invalid", "anomalies": [
          {"type": "G-single-realtime", "explanation": "a \\"stale\\" read", "ops": [2, 4], "cycle": [
            {"from": 2, "to": 4, "kind": "realtime", "reason": "ended before"},
            {"from": 4, "to": 2, "kind": "rw", "reason": "did not see 1"}]}],
         "missing": [], "facts": {"transactions": 2, "share": 0.5}},
        {"checker": "logs", "valid": "unknown", "anomalies": [], "missing": ["no log"], "facts": {}}]}
      """;

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int report() {
    return new CommandLine(new JepsenCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute("report", folder.toString());
  }

  private void write(String file, String text) throws Exception {
    Files.writeString(folder.resolve(file), text);
  }

  @Test
  void aRunsFolderBecomesAPage() throws Exception {
    write("history.edn", HISTORY);
    write("results.json", RESULTS);
    write("config.json", "{\"workload\": \"append\", \"nemesis\": [\"kill\"], \"seed\": 17}");
    write("leaders.edn", "{:time 0, :node 1, :term 3}\n{:time 2500000, :node 0, :term 3}\n");
    assertThat(report()).isZero();
    assertThat(out.toString().strip()).isEqualTo(folder.resolve("index.html").toString());
    assertThat(Files.readString(folder.resolve("index.html")))
        .contains("data-verdict=\"invalid\"", "Append under kill", "a &quot;stale&quot; read");
    ReportData data = RunFolder.read(folder);
    assertThat(data.leaders())
        .containsExactly(new LeaderSample(0, 1, 3), new LeaderSample(2_500_000, 0, 3));
    assertThat(data.findings().get(0).anomalies())
        .containsExactly(
            new Anomaly(
                "G-single-realtime",
                "a \"stale\" read",
                List.of(2, 4),
                List.of(
                    new Edge(2, 4, "realtime", "ended before"),
                    new Edge(4, 2, "rw", "did not see 1"))));
    Map<String, Object> facts = data.findings().get(0).facts();
    assertThat(facts.get("transactions")).isEqualTo(2L);
    assertThat(facts.get("share")).isEqualTo(0.5);
    assertThat(data.findings().get(1).missing()).containsExactly("no log");
  }

  @Test
  void aHistoryAloneIsEnough() throws Exception {
    write("history.edn", HISTORY + "{:index 5, :ti");
    assertThat(report()).isZero();
    assertThat(Files.readString(folder.resolve("index.html"))).contains("data-verdict=\"unknown\"");
  }

  @Test
  void whatIsMissingOrBrokenIsSaid() throws Exception {
    assertThat(report()).isEqualTo(3);
    assertThat(err.toString()).contains("history.edn", "no history");
    write("history.edn", HISTORY);
    write("results.json", "{\"findings\": [");
    assertThat(report()).isEqualTo(3);
    assertThat(err.toString()).contains("results.json: no JSON, at character 14");
    write("results.json", "{}");
    write("leaders.edn", "{:time 0}");
    assertThat(report()).isEqualTo(3);
    assertThat(err.toString()).contains("leaders.edn: no sample of a leader");
    assertThat(folder.resolve("index.html")).doesNotExist();
  }

  @Test
  void whatIsWrittenAsJsonIsReadAgain() {
    List<@Nullable Object> value = new ArrayList<>(List.of("a\"\\\n\u00e4\ud83d\ude00", 7L, -0.5));
    value.add(null);
    value.add(Map.of("b", List.of(true, Map.of())));
    assertThat(JsonReader.parse(JsonText.compact(value))).isEqualTo(value);
    assertThat(JsonReader.parse(" [ 1e3 , \"\\u0041\\/\" ] ")).isEqualTo(List.of(1000.0, "A/"));
    for (String bad :
        List.of("", "[1,]", "{\"a\" 1}", "[1 2]", "nul", "1 2", "\"\\x\"", "{,}", "-")) {
      assertThatThrownBy(() -> JsonReader.parse(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
