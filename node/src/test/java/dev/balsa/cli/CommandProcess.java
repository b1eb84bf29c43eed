package dev.balsa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.demo.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The command line in a process of its own. */
final class CommandProcess implements AutoCloseable {
  private static final long GUARD_SECONDS = 120;

  private final Process process;
  private final Path errors;
  private final BufferedReader output;

  private CommandProcess(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  static CommandProcess start(Path folder, String... arguments) throws IOException {
    Path errors = Files.createTempFile(folder, "errors", ".txt");
    Process process =
        new ProcessBuilder(ChildJvm.command(List.of(arguments)))
            .redirectError(errors.toFile())
            .start();
    return new CommandProcess(process, errors);
  }

  /** The next line of its output; null at the end. */
  @Nullable String nextLine() throws IOException {
    return output.readLine();
  }

  /** Waits for its end. */
  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(GUARD_SECONDS, TimeUnit.SECONDS)).as("ended").isTrue();
    return process.exitValue();
  }

  String errors() throws IOException {
    return Files.readString(errors);
  }

  long pid() {
    return process.pid();
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
