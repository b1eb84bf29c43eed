package dev.balsa.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.demo.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A transaction that is larger than the heap of the three nodes that replicate it. */
@Tag("alone")
@Tag("long")
@Timeout(600)
final class LargeTransactionClusterTest {
  @TempDir Path folder;

  @Test
  void threeNodesReplicateAGibibyteInAHeapOf512MiBTogether()
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(ChildJvm.command(List.of()));
    command.remove(command.size() - 1); // the command line's main class
    command.add(1, "-XX:+ExitOnOutOfMemoryError");
    command.addAll(List.of(LargeTransactionProcess.class.getName(), folder.toString(), "1024"));
    Path out = folder.resolve("out.txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    try {
      assertThat(process.waitFor(500, TimeUnit.SECONDS)).as("it ended").isTrue();
      assertThat(Files.readString(out)).contains("the replicas agree");
      assertThat(process.exitValue()).isZero();
      System.out.println(
          Files.readString(out).lines().filter(line -> line.startsWith("committed")).toList());
    } finally {
      process.destroyForcibly();
    }
  }
}
