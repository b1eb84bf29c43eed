package dev.balsa.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.cluster.Ending;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as people call it, on three real nodes, for some seconds each. */
class TestCommandTest {
  private static final Duration GUARD = Duration.ofMinutes(2);

  @TempDir private Path folder;

  @Test
  void aShortRunUnderPartitionsAndPausesIsValidAndCanBeJudgedAgain() throws Exception {
    Path run = folder.resolve("run");
    Process process =
        start(
            "test",
            "--workload=append",
            "--nemesis=partition-leader",
            "--nemesis-interval=2",
            "--time-limit=8",
            "--rate=300",
            "--snapshot-every=50",
            "--seed=7",
            "--dir=" + run);
    List<String> said = read(process);
    assertThat(Ending.of(process, GUARD)).isTrue();
    assertThat(process.exitValue()).as("%s", String.join("\n", said)).isZero();
    assertThat(run.resolve("config.json")).content().contains("\"seed\": 7");
    assertThat(run.resolve("results.json")).content().contains("failovers", "whole-ms-median");
    assertThat(run.resolve("leaders.edn")).isNotEmptyFile();
    assertThat(run.resolve("history.edn")).content().contains(":start-partition-leader");

    Process check = start("check", run.toString());
    List<String> judged = read(check);
    assertThat(Ending.of(check, GUARD)).isTrue();
    assertThat(check.exitValue()).as("%s", String.join("\n", judged)).isZero();
  }

  @Test
  void aRunThatIsBrokenOffLeavesNoProcessBehind() throws Exception {
    Process process =
        start(
            "test",
            "--workload=set",
            "--nemesis=pause",
            "--nemesis-interval=0.5",
            "--time-limit=600",
            "--dir=" + folder.resolve("run"));
    Path history = folder.resolve("run/history.edn");
    try {
      awaitText(process, history, ":start-pause");
      // Not the kill that pauses one, which is there for a moment.
      List<ProcessHandle> nodes =
          process
              .descendants()
              .filter(child -> child.info().command().orElse("").endsWith("java"))
              .toList();
      assertThat(nodes).hasSizeGreaterThanOrEqualTo(3);
      // As a terminal does it: Ctrl-C goes to all, and only the harness may care.
      for (ProcessHandle node : nodes) {
        interrupt(node.pid());
      }
      interrupt(process.pid());
      read(process);
      assertThat(Ending.of(process, GUARD)).isTrue();
      assertThat(process.exitValue()).isEqualTo(128 + 2);
      assertThat(nodes).noneMatch(ProcessHandle::isAlive);
      assertThat(folder.resolve("run/results.json")).doesNotExist();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Test
  void whatCannotBeRunIsTold() throws Exception {
    Process process = start("test", "--workload=set", "--nemesis=flood");
    assertThat(String.join("\n", read(process))).contains("there is no fault 'flood'");
    assertThat(Ending.of(process, GUARD)).isTrue();
    assertThat(process.exitValue()).isEqualTo(JepsenCommand.HARNESS_ERROR);
  }

  private static Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(JepsenCommand.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static void interrupt(long pid) throws IOException {
    Process kill = new ProcessBuilder("kill", "-INT", Long.toString(pid)).start();
    assertThat(Ending.of(kill, GUARD)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }

  /** Until its end; so that it is never held up by a pipe that is full. */
  private static List<String> read(Process process) throws IOException {
    try (BufferedReader lines = process.inputReader()) {
      return lines.lines().toList();
    }
  }

  private static void awaitText(Process process, Path file, String text) throws IOException {
    long end = System.nanoTime() + GUARD.toNanos();
    while (!Files.exists(file) || !Files.readString(file).contains(text)) {
      assertThat(process.isAlive()).isTrue();
      assertThat(System.nanoTime()).isLessThan(end);
      LockSupport.parkNanos(50_000_000);
    }
  }
}
