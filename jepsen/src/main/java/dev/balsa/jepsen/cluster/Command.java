package dev.balsa.jepsen.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** Runs a program of the system to its end. */
public final class Command {
  private static final Duration MAX = Duration.ofSeconds(60);

  private Command() {}

  /**
   * Runs a program.
   *
   * @return what it said
   * @throws IOException if it cannot be started, or fails; with what it said
   */
  public static String run(String... words) throws IOException {
    return run(List.of(words), "");
  }

  /**
   * Runs a program with something to read.
   *
   * @param input for its standard input
   * @return what it said
   * @throws IOException if it cannot be started, or fails; with what it said
   */
  public static String run(List<String> words, String input) throws IOException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    try {
      try (OutputStream in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      // It has ended without reading all: its exit code tells.
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!Ending.of(process, MAX)) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", words) + " does not end");
    }
    if (process.exitValue() != 0) {
      throw new IOException(String.join(" ", words) + ": " + said.strip());
    }
    return said;
  }
}
