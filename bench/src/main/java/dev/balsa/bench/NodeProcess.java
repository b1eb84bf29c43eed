package dev.balsa.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A {@link SqlNode}, seen from the run that started it. */
final class NodeProcess {
  /** A line that a node wrote; its end is {@link SqlNode#FAILED} with the exit code. */
  record Said(long node, String line) {}

  private static final List<String> JVM_ARGUMENTS =
      List.of("-XX:+UseSerialGC", "-Xmx512m", "-Djava.awt.headless=true");

  private final long id;
  private final Process process;
  private final Writer stdin;

  private NodeProcess(long id, Process process) {
    this.id = id;
    this.process = process;
    this.stdin = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
  }

  /**
   * Starts a node.
   *
   * @param jvmArguments behind our own ones
   * @param arguments to {@link SqlNodeCommand}
   * @param log gets its standard error
   * @param heard gets what it says
   */
  static NodeProcess start(
      long id,
      List<String> jvmArguments,
      List<String> arguments,
      Path log,
      BlockingQueue<Said> heard)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_ARGUMENTS);
    command.addAll(jvmArguments);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(BenchCommand.class.getName(), "bench", SqlNodeCommand.NAME));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    NodeProcess started = new NodeProcess(id, process);
    Thread reader = new Thread(() -> started.read(heard), "bench-reads-node" + id);
    reader.setDaemon(true);
    reader.start();
    return started;
  }

  private void read(BlockingQueue<Said> heard) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        heard.add(new Said(id, line));
      }
    } catch (IOException e) {
      // The pipe of a killed process may break off; its end is told below.
    }
    try {
      heard.add(new Said(id, SqlNode.FAILED + "ended with exit code " + process.waitFor()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  long id() {
    return id;
  }

  /** Tells it something. One that has ended does not hear it. */
  void tell(String line) {
    try {
      stdin.write(line + "\n");
      stdin.flush();
    } catch (IOException e) {
      // The pipe is closed: its end is told by the reader.
    }
  }

  /** Waits until it has ended, and ends it if that takes too long. */
  void end(long seconds) {
    process.onExit().completeOnTimeout(process, seconds, TimeUnit.SECONDS).join();
    process.destroyForcibly();
    process.onExit().join();
  }
}
