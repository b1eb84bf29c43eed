package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Transactions far larger than the memory of the process that makes, follows and recovers them. */
@Timeout(600)
final class BoundedMemoryTest {
  @TempDir Path folder;

  @Test
  void aTransactionOf64MiBPassesThroughAHeapOf40MiB() throws Exception {
    run(40, 64);
  }

  @Test
  @Tag("long")
  void aTransactionOfAGibibytePassesThroughAHeapOf96MiB() throws Exception {
    run(96, 1024);
  }

  private void run(int heapMebibytes, int mebibytes) throws IOException, InterruptedException {
    Path out = folder.resolve("out.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heapMebibytes + "m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                BoundedMemoryProcess.class.getName(),
                folder.toString(),
                Integer.toString(mebibytes))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      assertThat(process.waitFor(500, TimeUnit.SECONDS)).as("it ended").isTrue();
      assertThat(Files.readString(out)).contains("leader ok", "follower ok", "recovered ok");
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }
}
