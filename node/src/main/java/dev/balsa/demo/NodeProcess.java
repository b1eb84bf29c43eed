package dev.balsa.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One life of a node, seen from the supervisor. What it says arrives in the supervisor's queue, its
 * end after its last word.
 */
final class NodeProcess {
  /** Something that a process did. */
  sealed interface Signal {
    /** Which one. */
    NodeProcess process();

    /** It wrote a line. */
    record Said(NodeProcess process, String line) implements Signal {}

    /** It ended. */
    record Ended(NodeProcess process, int exitCode) implements Signal {}
  }

  private final long node;
  private final long boot;
  private final long startedNanos;
  private final Process process;
  private final Writer stdin;

  private NodeProcess(long node, long boot, long startedNanos, Process process) {
    this.node = node;
    this.boot = boot;
    this.startedNanos = startedNanos;
    this.process = process;
    this.stdin = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
  }

  /**
   * Starts a process.
   *
   * @param log gets its standard error, at the end
   * @param signals gets what it does
   */
  static NodeProcess start(
      long node, long boot, List<String> command, Path log, BlockingQueue<Signal> signals)
      throws IOException {
    Files.createDirectories(log.toAbsolutePath().getParent());
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    long startedNanos = System.nanoTime();
    NodeProcess started = new NodeProcess(node, boot, startedNanos, builder.start());
    Thread reader =
        new Thread(() -> started.read(signals), "demo-reads-node" + node + "-boot" + boot);
    reader.setDaemon(true);
    reader.start();
    return started;
  }

  private void read(BlockingQueue<Signal> signals) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        signals.add(new Signal.Said(this, line));
      }
    } catch (IOException e) {
      // A killed process's pipe may break off; its end is told below.
    }
    int exitCode;
    try {
      exitCode = process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    signals.add(new Signal.Ended(this, exitCode));
  }

  long node() {
    return node;
  }

  long boot() {
    return boot;
  }

  long pid() {
    return process.pid();
  }

  /** When it was started, by {@link System#nanoTime()}. */
  long startedNanos() {
    return startedNanos;
  }

  /** Tells it something. If it is dying it does not hear it, which its end will show. */
  void tell(String line) {
    try {
      stdin.write(line + "\n");
      stdin.flush();
    } catch (IOException e) {
      // The pipe is closed: the process is ending.
    }
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** Waits until it has ended. */
  boolean awaitEnd(long seconds) throws InterruptedException {
    return process.waitFor(seconds, TimeUnit.SECONDS);
  }
}
