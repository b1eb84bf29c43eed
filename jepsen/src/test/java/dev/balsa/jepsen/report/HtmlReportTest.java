package dev.balsa.jepsen.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Op;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
  @TempDir private Path folder;

  private String page(ReportData data) throws Exception {
    Path file = HtmlReport.write(folder, data);
    assertThat(folder.toFile().list()).containsExactly("index.html");
    return Files.readString(file);
  }

  @Test
  void thePageAsksNobodyForAnything() throws Exception {
    assertThat(page(new GeneratedRun(1, 300, 40).invalid(4)))
        .contains("default-src 'none'")
        .doesNotContain("http:", "https:", "src=", "@import", "url(\"", "<link", "fetch(");
  }

  @Test
  void theVerdictIsTheWorstOfTheFindings() throws Exception {
    ReportData valid = new GeneratedRun(2, 300, 12).valid();
    assertThat(page(valid)).contains("data-verdict=\"valid\"", "<strong>Valid</strong>");
    Finding undecided = Finding.of("set", List.of(), List.of("Nothing was read."), Map.of());
    Finding sound = valid.findings().get(0);
    assertThat(page(with(valid, List.of(sound, undecided))))
        .contains("data-verdict=\"unknown\"", "Nothing was read.");
    Anomaly lost = new Anomaly("lost", "5 is gone", List.of(0), List.of());
    Finding wrong = Finding.of("set", List.of(lost), List.of(), Map.of());
    assertThat(page(with(valid, List.of(undecided, wrong, sound))))
        .contains("data-verdict=\"invalid\"", "5 is gone");
    assertThat(page(with(valid, List.of()))).contains("data-verdict=\"unknown\"");
  }

  private static ReportData with(ReportData data, List<Finding> findings) {
    return new ReportData(data.history(), findings, data.config(), data.leaders());
  }

  @Test
  void textOfARunIsNeverMarkup() throws Exception {
    String evil = "</script><script>alert(1)</script>\"><u";
    History history =
        new History(
            List.of(
                new Op(0, 5, Op.Type.INVOKE, 1, evil, evil, null, 1),
                new Op(1, 6, Op.Type.INVOKE, 2, evil, evil, null, 1),
                new Op(2, 9, Op.Type.FAIL, 1, evil, evil, evil, 1),
                new Op(3, 9, Op.Type.OK, 2, evil, evil, null, 1),
                new Op(4, 10, Op.Type.INFO, Op.NEMESIS, "start-" + evil, evil, null, 0)));
    List<Edge> cycle = List.of(new Edge(2, 3, evil, evil), new Edge(3, 2, evil, evil));
    Anomaly anomaly = new Anomaly(evil, evil, List.of(0), cycle);
    Finding finding = Finding.of(evil, List.of(anomaly), List.of(), Map.of(evil, evil));
    String page =
        page(
            new ReportData(
                history, List.of(finding), Map.of(evil, evil, "workload", evil), List.of()));
    assertThat(page).doesNotContain("alert(1)</script>", "<script>alert", "\"><u");
    assertThat(page).contains("&lt;script&gt;alert(1)");
  }

  @Test
  void aRunWithoutOperationsHasAPage() throws Exception {
    assertThat(page(new ReportData(new History(List.of()), List.of(), Map.of(), List.of())))
        .contains("data-verdict=\"unknown\"", "Nothing was done to the cluster.");
  }

  @Test
  void theConfigurationIsShownSeedFirst() throws Exception {
    String page = page(new GeneratedRun(3, 50, 12).valid());
    assertThat(page).contains("<dl class=\"pairs\"><div><dt>seed</dt><dd>4711</dd></div>");
    assertThat(page).contains("<dt>nemesis</dt><dd>partition, kill, pause</dd>");
  }
}
