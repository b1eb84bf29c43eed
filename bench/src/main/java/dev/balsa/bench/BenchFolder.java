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
  public static BenchFolder make(Path parent) throws IOException {
    Files.createDirectories(parent);
    return new BenchFolder(Files.createTempDirectory(parent, "balsa-bench-"));
  }

  /** Where it is. */
  public Path path() {
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
