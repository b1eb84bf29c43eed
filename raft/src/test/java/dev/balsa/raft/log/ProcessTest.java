package dev.balsa.raft.log;

import static dev.balsa.raft.log.LogFixture.TINY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.Entry;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Stores in JVMs of their own, without any flag. */
@Timeout(180)
class ProcessTest {
  /** JNA cannot load its native half. */
  private static final List<String> WITHOUT_NATIVE_CODE =
      List.of("-Djna.nounpack=true", "-Djna.nosys=true", "-Djna.noclasspath=true");

  @TempDir Path folder;

  private Process start(List<String> flags, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(
        List.of("-Dorg.slf4j.simpleLogger.log.dev.balsa=warn", AppendingProcess.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return builder.redirectError(folder.resolve("errors").toFile()).start();
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("errors"));
  }

  @Test
  void killedAgainAndAgainNothingAcknowledgedIsLost() throws Exception {
    Path log = folder.resolve("log");
    long acknowledged = 0;
    long begins = 0;
    for (int round = 0; round < 6; round++) {
      Process process = start(List.of(), log.toString(), "" + round, "1000000");
      try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
        int lines = new Random(round).nextInt(60) + (round == 0 ? 60 : 1);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          long number = Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
          if (line.startsWith("open ")) {
            assertThat(number).isGreaterThanOrEqualTo(acknowledged);
            assertThat(Long.parseLong(line.substring(5, line.lastIndexOf(' '))))
                .isGreaterThanOrEqualTo(begins);
          } else if (line.startsWith("begins ")) {
            begins = number;
            acknowledged = Math.max(acknowledged, number); // of a reset: the log ends there
          } else if (line.startsWith("durable ")) {
            acknowledged = number;
          }
          if (lines-- == 0) {
            assertThatThrownBy(() -> ChronicleLogStore.open(log, TINY))
                .isInstanceOf(LogStoreException.class)
                .hasMessageContaining("is in use by another node");
            // Not Process.destroyForcibly(): what it printed before is still to be read.
            assertThat(process.toHandle().destroyForcibly()).isTrue();
          }
        }
      } finally {
        process.destroyForcibly().waitFor();
      }
      try (ChronicleLogStore store = ChronicleLogStore.open(log, TINY)) {
        assertThat(store.lastIndex()).as(errors()).isGreaterThanOrEqualTo(acknowledged);
        assertThat(store.base().index()).isGreaterThanOrEqualTo(begins);
        assertThat(acknowledged).isPositive();
        for (Entry entry : LogFixture.all(store)) {
          assertThat(entry).isEqualTo(LogFixture.entry(entry.index(), 1, entry.payload().length));
        }
      }
    }
    assertThat(begins).isPositive();
    try (Stream<Path> files = Files.list(log)) {
      assertThat(files.filter(file -> Segment.of(file).isPresent()).count()).isLessThan(60);
    }
  }

  @Test
  void noFlagsAreNeededAndChronicleIsQuiet() throws Exception {
    assertThat(run(List.of("-Dorg.slf4j.simpleLogger.log.net.openhft=warn"))).contains("closed");
    assertThat(errors()).isEmpty();
  }

  @Test
  void whereFlagsHaveOpenedThePackagesNativeCodeIsNotCalled() throws Exception {
    List<String> flags = new ArrayList<>(List.of(JdkPackages.flags().split(" ")));
    flags.addAll(WITHOUT_NATIVE_CODE);
    assertThat(run(flags)).as(errors()).contains("closed");
  }

  @Test
  void whereThePackagesCannotBeOpenedTheFlagsArePrinted() throws Exception {
    assertThat(run(WITHOUT_NATIVE_CODE)).doesNotContain("open");
    assertThat(errors())
        .contains("could not be opened to Chronicle Queue")
        .contains("Start this JVM with: " + JdkPackages.flags());
  }

  private String run(List<String> flags) throws Exception {
    Process process = start(flags, folder.resolve("log").toString(), "1", "100");
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }
}
