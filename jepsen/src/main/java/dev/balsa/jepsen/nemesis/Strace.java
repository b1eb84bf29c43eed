package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Ending;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tampers with the system calls of a process that runs, by {@code strace}
 * (https://man7.org/linux/man-pages/man1/strace.1.html, "Tampering"). All its threads become slow
 * meanwhile, since each of their system calls stops twice.
 */
final class Strace implements AutoCloseable {
  /** The calls that make written data durable. */
  static final String FORCES = "fsync,fdatasync,msync";

  private static final Duration END_MAX = Duration.ofSeconds(20);
  private static final String INJECTED = "(INJECTED)";

  private final Process tracer;
  private final Path trace;

  private Strace(Process tracer, Path trace) {
    this.tracer = tracer;
    this.trace = trace;
  }

  /**
   * Begins to tamper. When this returns, all threads of the process are concerned.
   *
   * @param calls names of system calls, with commas between
   * @param effect what is to happen, such as {@code error=EIO:when=3+}
   * @throws IOException if that is not to be had
   */
  static Strace attach(long pid, String calls, String effect) throws IOException {
    Path trace = Files.createTempFile("balsa-strace", ".txt");
    Process tracer =
        new ProcessBuilder(
                List.of(
                    "strace",
                    "--follow-forks",
                    "--decode-fds=path",
                    "--output=" + trace,
                    "--signal=none",
                    "--trace=" + calls,
                    "--inject=" + calls + ":" + effect,
                    "--attach=" + pid))
            .redirectErrorStream(true)
            .start();
    tracer.getOutputStream().close();
    Strace strace = new Strace(tracer, trace);
    try {
      strace.awaitAttached();
      return strace;
    } catch (IOException | RuntimeException e) {
      strace.close();
      throw e;
    }
  }

  private void awaitAttached() throws IOException {
    BufferedReader said = tracer.inputReader(StandardCharsets.UTF_8);
    String line = said.readLine();
    if (line == null || !line.contains("attached")) {
      throw new IOException("strace does not attach: " + line);
    }
    // It tells of each new thread: nobody must let it wait for that.
    Thread drain = new Thread(() -> drain(said), "drains-strace");
    drain.setDaemon(true);
    drain.start();
  }

  private static void drain(Reader said) {
    try (said) {
      said.transferTo(Writer.nullWriter());
    } catch (IOException e) {
      // The pipe has broken off: strace has ended.
    }
  }

  /**
   * Whether a call on certain files was tampered with.
   *
   * @param inPath a part of the files' path
   */
  boolean hasTampered(String inPath) throws IOException {
    try (Stream<String> lines = Files.lines(trace, StandardCharsets.ISO_8859_1)) {
      return lines.anyMatch(line -> line.contains(INJECTED) && line.contains(inPath));
    }
  }

  /** Lets the process go; what was done can still be asked. */
  void detach() throws IOException {
    tracer.destroy(); // SIGTERM: it detaches
    if (!Ending.of(tracer, END_MAX)) {
      tracer.destroyForcibly();
      throw new IOException("strace does not end");
    }
  }

  /** Lets the process go, and forgets what was done. */
  @Override
  public void close() throws IOException {
    detach();
    Files.deleteIfExists(trace);
  }

  /**
   * Whether this machine lets us do that: found out on a process of our own.
   *
   * @return why not
   */
  static Optional<String> missing() {
    try {
      Process victim = new ProcessBuilder("cat").start();
      try (Strace strace = attach(victim.pid(), "fsync", "error=EIO")) {
        return strace.tracer.isAlive() ? Optional.empty() : Optional.of("strace has ended");
      } finally {
        victim.destroyForcibly();
      }
    } catch (IOException e) {
      return Optional.of(
          "tampering with system calls needs strace (apt-get install strace) and the right to"
              + " trace: "
              + e.getMessage());
    }
  }
}
