package dev.balsa.jepsen.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Folders of runs. */
public final class Folders {
  private static final Pattern DATA = Pattern.compile("node\\d+|disk\\d+(\\.img)?|databases");

  private Folders() {}

  /** Deletes a folder with all that is in it. Nothing may be mounted there. */
  public static void delete(Path folder) throws IOException {
    List<Path> paths;
    try (Stream<Path> all = Files.walk(folder)) {
      paths = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }

  /** Deletes what is large and of no more use once a run was valid: data, disks and copies. */
  public static void deleteData(Path run) throws IOException {
    List<Path> inside;
    try (Stream<Path> all = Files.list(run)) {
      inside = all.filter(path -> DATA.matcher(path.getFileName().toString()).matches()).toList();
    }
    for (Path path : inside) {
      delete(path);
    }
  }
}
