package dev.balsa.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder for what is measured, gone after it. */
public final class BenchFolder implements AutoCloseable {
  /** System property: on which disk, as a folder there. */
  static final String PROPERTY = "balsa.bench.dir";

  private final Path path;

  private BenchFolder(Path path) {
    this.path = path;
  }

  /** Makes a folder where {@value #PROPERTY} says, or the system's temporary files are. */
  static BenchFolder make() throws IOException {
    return make(Path.of(System.getProperty(PROPERTY, System.getProperty("java.io.tmpdir"))));
  }

  /** Makes a folder of its own below another one, which is made if it is missing. */
  private static BenchFolder make(Path parent) throws IOException {
    Files.createDirectories(parent);
    return new BenchFolder(Files.createTempDirectory(parent, "balsa-bench-"));
  }

  /** What is done in a folder. */
  @FunctionalInterface
  public interface Work {
    /** Does it. */
    void in(Path folder) throws IOException, InterruptedException, RunFailedException;
  }

  /**
   * Does something in a folder of its own below another one. The folder is gone after it, also if
   * this process is told to end meanwhile.
   *
   * @param kill then ends, at once, the processes that use the folder; by a thread of its own
   */
  public static void use(Path parent, Runnable kill, Work work)
      throws IOException, InterruptedException, RunFailedException {
    try (BenchFolder folder = make(parent)) {
      Thread hook = new Thread(() -> folder.abandon(kill), "bench-cleans-up");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        work.in(folder.path());
      } finally {
        try {
          Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
          hook.join(); // this process ends already; the hook does the rest
        }
      }
    }
  }

  private void abandon(Runnable kill) {
    kill.run();
    try {
      close();
    } catch (IOException e) {
      System.err.println("balsa bench: " + path + " could not be removed: " + e);
    }
  }

  /** Where it is. */
  Path path() {
    return path;
  }

  /** Removes the folder with all that is in it. */
  @Override
  public void close() throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(path)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : deepestFirst) {
      Files.deleteIfExists(file);
    }
  }
}
