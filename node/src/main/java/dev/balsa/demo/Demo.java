package dev.balsa.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A run of the demo and the folder that it uses. A folder of ours in the system's temporary folder
 * goes when the run was good, or was interrupted; one that failed stays and is named. A folder that
 * was given stays in any case.
 */
public final class Demo {
  private static final String MARK = "balsa-demo";

  private Demo() {}

  /**
   * Runs the demo.
   *
   * @param folder where everything goes; empty for one in the temporary folder
   * @param out for people, and the last line for scripts
   * @return whether it went well
   * @throws DemoFailedException if it could not be brought to its end
   */
  public static boolean run(
      int nodes, int seconds, long seed, boolean kill, Optional<Path> folder, PrintStream out)
      throws IOException, InterruptedException {
    Path used = folder.isPresent() ? prepare(folder.get()) : Files.createTempDirectory(MARK + "-");
    DemoOptions options = new DemoOptions(nodes, seconds, seed, kill, used.toAbsolutePath());
    DemoSupervisor supervisor = new DemoSupervisor(options, DemoScreen.on(out));
    Thread interrupted =
        new Thread(
            () -> {
              supervisor.close();
              out.println("interrupted; all nodes have ended");
              if (folder.isEmpty()) {
                delete(used);
              }
            },
            "demo-interrupted");
    Runtime.getRuntime().addShutdownHook(interrupted);
    boolean good = false;
    try {
      DemoSummary summary = supervisor.run();
      supervisor.close();
      good = summary.objections().isEmpty();
      summary.lines().forEach(out::println);
      out.println(
          folder.isPresent() || !good
              ? "  everything is in  " + used
              : "  (its folder is removed)");
      out.println(summary.line());
      out.flush();
      return good;
    } catch (DemoFailedException e) {
      throw new DemoFailedException(e.getMessage() + "\neverything is in " + used);
    } finally {
      supervisor.close();
      if (removeHook(interrupted) && good && folder.isEmpty()) {
        delete(used);
      }
    }
  }

  /** Takes the hook away; false if the process is on its way out and the hook does the rest. */
  private static boolean removeHook(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /** A given folder must be new, empty, or left by an earlier run, which is then removed. */
  private static Path prepare(Path folder) throws IOException {
    Path mark = folder.resolve(MARK);
    if (Files.exists(mark)) {
      try (Stream<Path> inside = Files.list(folder)) {
        inside.forEach(Demo::delete);
      }
    } else if (Files.exists(folder)) {
      try (Stream<Path> inside = Files.list(folder)) {
        if (inside.findAny().isPresent()) {
          throw new DemoFailedException(
              folder + " is not empty, and not of an earlier demo: choose another --dir");
        }
      }
    }
    Files.createDirectories(folder);
    Files.writeString(mark, "This folder is the Balsa demo's; its next run here empties it.\n");
    return folder;
  }

  private static void delete(Path path) {
    try (Stream<Path> tree = Files.walk(path)) {
      List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path each : deepestFirst) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
