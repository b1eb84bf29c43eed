package dev.balsa.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.check.Findings;
import dev.balsa.jepsen.check.ResultsJson;
import dev.balsa.jepsen.disk.NeedsLoopDisks;
import dev.balsa.jepsen.run.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/**
 * Workloads on real nodes under faults, as the command runs them: each must be valid, and have seen
 * each fault. The folder of a run that is not valid stays, with its report, under {@code
 * target/jepsen-campaign}.
 *
 * <p>How soon the nodes are whole again is measured only: the machines that run this are busy.
 */
@Tag("long")
class CampaignTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("balsa.testing.folder", "target"), "jepsen-campaign");

  @ParameterizedTest
  @CsvSource({"append, 101", "register, 102", "bank, 103", "set, 104"})
  void underPartitionsKillsPausesAndChangesOfMembershipItIsValid(String workload, long seed)
      throws Exception {
    run(
        workload,
        "processes",
        List.of(
            "--seed=" + seed,
            "--nemesis=partition,kill,pause,membership",
            "--nemesis-interval=3.5",
            "--time-limit=50",
            "--acknowledged-min=1000",
            "--acknowledged-during-fault-min=10"));
  }

  @ParameterizedTest
  @CsvSource({"append, 201", "register, 202", "bank, 203", "set, 204"})
  @NeedsLoopDisks
  void whenAllLosePowerItIsValid(String workload, long seed) throws Exception {
    run(
        workload,
        "power",
        List.of(
            "--seed=" + seed,
            "--nemesis=power-loss",
            "--disk=ext4",
            "--nemesis-interval=3",
            "--time-limit=28",
            "--acknowledged-min=200",
            "--acknowledged-during-fault-min=5"));
  }

  private static void run(String workload, String name, List<String> options) throws Exception {
    Path folder = FOLDER.resolve(workload + "-" + name).toAbsolutePath();
    if (Files.exists(folder)) {
      Folders.delete(folder);
    }
    List<String> words = new ArrayList<>(List.of("test", "--workload=" + workload));
    words.addAll(options);
    words.addAll(List.of("--rate=150", "--snapshot-every=100", "--dir=" + folder));
    int code = new CommandLine(new JepsenCommand()).execute(words.toArray(new String[0]));
    assertThat(code).as("%s: see %s/index.html", problems(folder), folder).isZero();
    Folders.delete(folder);
  }

  private static List<String> problems(Path folder) throws IOException {
    Path results = folder.resolve(ResultsJson.FILE);
    if (!Files.exists(results)) {
      return List.of("the run could not be made");
    }
    Findings findings = ResultsJson.read(results);
    List<String> problems = new ArrayList<>();
    findings.findings().stream()
        .filter(finding -> finding.validity() != Validity.VALID)
        .forEach(
            finding -> {
              finding.missing().forEach(why -> problems.add(finding.checker() + ": " + why));
              finding
                  .anomalies()
                  .forEach(
                      a ->
                          problems.add(
                              finding.checker() + ": " + a.type() + ": " + a.explanation()));
            });
    return problems;
  }
}
