package dev.balsa.jepsen.cluster;

import dev.balsa.jepsen.sut.SutNode;
import dev.balsa.jepsen.sut.SutOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** One life of a node: a process of its own. */
final class NodeProcess {
  private static final Duration END_MAX = Duration.ofSeconds(60);

  /** A terminal's Ctrl-C is for the harness alone, which then ends the nodes as it should. */
  private static final List<String> DEAF_TO_CTRL_C =
      List.of("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh");

  private final long node;
  private final String host;
  private final Process process;
  private final Writer stdin;
  private volatile @Nullable InetSocketAddress serving;
  private volatile @Nullable String failure;
  private volatile boolean endExpected;

  private NodeProcess(SutOptions options, Process process) {
    this.node = options.id();
    this.host = options.host();
    this.process = process;
    this.stdin = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
  }

  /**
   * Starts a process. Its class path is this one's.
   *
   * @param launcher what the command line begins with
   * @param mainClass that it runs
   * @param jvmOptions of the node's JVM
   * @param log gets its standard error, at the end
   */
  static NodeProcess start(
      List<String> launcher,
      String mainClass,
      SutOptions options,
      List<String> jvmOptions,
      Path log)
      throws IOException {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(DEAF_TO_CTRL_C);
    command.addAll(command(mainClass, options, jvmOptions));
    NodeProcess started =
        new NodeProcess(
            options,
            new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start());
    Thread reader = new Thread(started::read, "reads-node" + options.id());
    reader.setDaemon(true);
    reader.start();
    return started;
  }

  /** The command line of a node's process. */
  static List<String> command(String mainClass, SutOptions options, List<String> jvmOptions) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", absolute(System.getProperty("java.class.path"))));
    command.add(mainClass);
    command.addAll(options.toArguments());
    return command;
  }

  private static String absolute(String classPath) {
    List<String> entries = new ArrayList<>();
    for (String entry : classPath.split(java.io.File.pathSeparator, -1)) {
      entries.add(Path.of(entry).toAbsolutePath().toString());
    }
    return String.join(java.io.File.pathSeparator, entries);
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(SutNode.SERVING)) {
          int port = Integer.parseInt(line.substring(SutNode.SERVING.length()));
          serving = new InetSocketAddress(host, port);
        } else if (line.startsWith(SutNode.FAILED)) {
          failure = line.substring(SutNode.FAILED.length());
        }
      }
    } catch (IOException e) {
      // A killed process's pipe may break off; that it has ended is seen elsewhere.
    }
  }

  long pid() {
    return process.pid();
  }

  /** Where the application serves; empty until it does, and after its end. */
  Optional<InetSocketAddress> serving() {
    return process.isAlive() ? Optional.ofNullable(serving) : Optional.empty();
  }

  /** What is wrong with this life: it has ended by itself, or said that it failed. */
  Optional<String> problem() {
    String said = failure;
    if (endExpected) {
      return Optional.empty();
    } else if (said != null) {
      return Optional.of("node " + node + ": " + said);
    }
    return process.isAlive()
        ? Optional.empty()
        : Optional.of("node " + node + " has ended by itself, with code " + process.exitValue());
  }

  /**
   * From now on its end is no problem.
   *
   * @return what was one before
   */
  Optional<String> expectEnd() {
    Optional<String> before = problem();
    endExpected = true;
    return before;
  }

  /** From now on it has to live again. */
  void requireLife() {
    endExpected = false;
  }

  /** Whether its process still runs. */
  boolean isAlive() {
    return process.isAlive();
  }

  /** How its process has ended; empty if it runs. */
  OptionalInt exitCode() {
    return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
  }

  /** Waits for its end, or for the guard's. */
  void awaitEnd(Duration guard) {
    boolean unused = Ending.of(process, guard);
  }

  /** SIGKILL. Does not wait. */
  void kill() {
    endExpected = true;
    process.destroyForcibly();
  }

  /** Waits until it is dead. */
  void awaitEnd() {
    if (!Ending.of(process, END_MAX)) {
      throw new ClusterException("node " + node + ", process " + pid() + ", does not end");
    }
  }

  /**
   * Closes the node in order.
   *
   * @return what went wrong
   */
  Optional<String> close() {
    Optional<String> before = expectEnd();
    try {
      stdin.write(SutNode.CLOSE + "\n");
      stdin.flush();
    } catch (IOException e) {
      // The pipe is closed: it has ended already.
    }
    if (!Ending.of(process, END_MAX)) {
      process.destroyForcibly();
      awaitEnd();
      return Optional.of("node " + node + " did not close within " + END_MAX.toSeconds() + " s");
    }
    if (before.isEmpty() && process.exitValue() != 0) {
      return Optional.of("node " + node + " closed with code " + process.exitValue());
    }
    return before;
  }
}
