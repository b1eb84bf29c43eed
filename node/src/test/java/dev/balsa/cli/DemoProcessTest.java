package dev.balsa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo as its user runs it. */
@Timeout(300)
@Tag("alone") // a run has to get 2,000 rows acknowledged
class DemoProcessTest {
  @TempDir Path folder;

  @Test
  void aRunWithoutKillsEndsWellWithItsLine() throws Exception {
    try (CommandProcess demo =
        CommandProcess.start(
            folder,
            "demo",
            "--no-kill",
            "--seconds=8",
            "--seed=7",
            "--dir=" + folder.resolve("d"))) {
      List<String> lines = rest(demo);
      assertThat(demo.errors()).isEmpty();
      assertThat(lines.get(lines.size() - 1))
          .matches(
              "DEMO acknowledged=[0-9]+ lost=0 kills=0 leader_kills=0 elections=[0-9]+"
                  + " failover_ms_median=-1 failover_ms_max=-1 outage_ms_max=-1"
                  + " ready_ms_median=-1 identical=true");
      assertThat(lines).anyMatch(line -> line.contains("elected leader of term"));
      assertThat(demo.exitCode()).isZero();
    }
    assertThat(folder.resolve("d").resolve("acknowledged")).isNotEmptyDirectory();
  }

  @Test
  @Tag("long")
  void fiveNodesAreKilledAndLoseNothing() throws Exception {
    try (CommandProcess demo =
        CommandProcess.start(
            folder,
            "demo",
            "--nodes=5",
            "--seconds=40",
            "--seed=5",
            "--dir=" + folder.resolve("d"))) {
      List<String> lines = rest(demo);
      assertThat(lines.get(lines.size() - 1)).contains(" lost=0 ", "identical=true");
      assertThat(demo.exitCode()).as(String.join("\n", lines)).isZero();
    }
  }

  @Test
  void noNodeOutlivesItsSupervisorHoweverThatDies() throws Exception {
    try (CommandProcess demo =
        CommandProcess.start(folder, "demo", "--dir=" + folder.resolve("d"))) {
      List<ProcessHandle> nodes = nodesOf(demo);
      assertThat(nodes).hasSize(3);
      demo.kill();
      for (ProcessHandle node : nodes) {
        node.onExit().get(60, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void anInterruptedDemoEndsItsNodes() throws Exception {
    try (CommandProcess demo =
        CommandProcess.start(folder, "demo", "--dir=" + folder.resolve("d"))) {
      List<ProcessHandle> nodes = nodesOf(demo);
      demo.terminate();
      assertThat(demo.exitCode()).isEqualTo(143);
      assertThat(nodes).hasSize(3).noneMatch(ProcessHandle::isAlive);
    }
  }

  /** The node processes, once one of them is ready. */
  private static List<ProcessHandle> nodesOf(CommandProcess demo) throws Exception {
    String line = demo.nextLine();
    while (line != null && !line.contains("ready after")) {
      line = demo.nextLine();
    }
    assertThat(line).contains("ready after");
    return demo.handle().descendants().toList();
  }

  private static List<String> rest(CommandProcess demo) throws Exception {
    List<String> lines = new ArrayList<>();
    for (String line = demo.nextLine(); line != null; line = demo.nextLine()) {
      lines.add(line);
    }
    return lines;
  }
}
