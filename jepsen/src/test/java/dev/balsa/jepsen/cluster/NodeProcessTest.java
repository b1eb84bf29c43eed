package dev.balsa.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.demo.FreePorts;
import dev.balsa.jepsen.sut.SutNode;
import dev.balsa.jepsen.sut.SutOptions;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeProcessTest {
  @TempDir private Path folder;

  @Test
  void aNodeEndsWhenItsHarnessIsGone() throws Exception {
    SutOptions options =
        new SutOptions(
            1, folder.resolve("data"), "127.0.0.1:" + FreePorts.find(1).get(0), Map.of());
    Process process =
        new ProcessBuilder(
                NodeProcess.command(
                    SutNode.class.getName(), options, List.of("-XX:TieredStopAtLevel=1")))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader lines = process.inputReader()) {
      assertThat(lines.readLine()).startsWith(SutNode.SERVING);
      process.getOutputStream().close();
      assertThat(Ending.of(process, Duration.ofSeconds(60))).isTrue();
      assertThat(process.exitValue()).isEqualTo(SutNode.ORPHANED);
    } finally {
      process.destroyForcibly();
    }
  }
}
