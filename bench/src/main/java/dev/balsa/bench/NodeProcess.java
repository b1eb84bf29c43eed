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

/** A node's process, seen from the run that started it: lines go in and out. */
public final class NodeProcess {
  /** What the line begins with that tells a process's end. */
  public static final String FAILED = "failed ";

  /** A line that a node wrote; its end is {@value #FAILED} with the exit code. */
  public record Said(long node, String line) {}

  /** What every node's JVM gets. */
  public static final List<String> JVM_ARGUMENTS =
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
   * Starts a node, in a JVM like this one.
   *
   * @param javaArguments options (behind {@link #JVM_ARGUMENTS}), class path, main class and its
   *     arguments
   * @param log gets its standard error
   * @param heard gets what it says
   */
  public static NodeProcess start(
      long id, List<String> javaArguments, Path log, BlockingQueue<Said> heard) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_ARGUMENTS);
    command.addAll(javaArguments);
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
      heard.add(new Said(id, FAILED + "ended with exit code " + process.waitFor()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Its number. */
  public long id() {
    return id;
  }

  /** Tells it something. One that has ended does not hear it. */
  public void tell(String line) {
    try {
      stdin.write(line + "\n");
      stdin.flush();
    } catch (IOException e) {
      // The pipe is closed: its end is told by the reader.
    }
  }

  /** Waits until it has ended, and ends it if that takes too long. */
  public void end(long seconds) {
    process.onExit().completeOnTimeout(process, seconds, TimeUnit.SECONDS).join();
    kill();
  }

  /** Ends it at once, and waits for that. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
