package dev.balsa.jepsen;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Looks through the nodes' logs for what no fault that a run brings about excuses. */
public final class NodeLogs {
  private static final Pattern INSTALLED =
      Pattern.compile(" databases came with the snapshot at index ");
  private static final String STARTED = " runs on ";
  private static final Pattern ALARMING =
      Pattern.compile(
          "\\bERROR\\b|InvariantViolation|has failed and does nothing more|NullPointerException"
              + "|ClassCastException|IllegalStateException|# A fatal error has been detected");

  private NodeLogs() {}

  /**
   * What is wrong, by the logs in a folder. A log that does not even tell that its node has started
   * would hide everything else, too.
   */
  static List<String> problems(Path folder) throws IOException {
    return problems(folder, List.of());
  }

  /**
   * As {@link #problems(Path)}, in a run whose faults excuse something.
   *
   * @param excused regular expressions; a line in which one is found is not alarming
   */
  public static List<String> problems(Path folder, List<String> excused) throws IOException {
    List<Pattern> harmless = excused.stream().map(Pattern::compile).toList();
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".log")).sorted().toList()) {
        List<String> lines = Files.readAllLines(file);
        if (lines.stream().noneMatch(line -> line.contains(STARTED))) {
          found.add(file.getFileName() + " does not tell anything");
        }
        List<String> alarming =
            lines.stream()
                .filter(line -> ALARMING.matcher(line).find())
                .filter(line -> harmless.stream().noneMatch(one -> one.matcher(line).find()))
                .toList();
        if (!alarming.isEmpty()) {
          found.add(file.getFileName() + " has " + Examples.of("alarming lines", alarming));
        }
      }
    }
    return found;
  }

  /** How often a node took a snapshot in place of the log, by the logs in a folder. */
  public static int snapshotsInstalled(Path folder) throws IOException {
    int installed = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".log")).toList()) {
        try (Stream<String> lines = Files.lines(file)) {
          installed += (int) lines.filter(line -> INSTALLED.matcher(line).find()).count();
        }
      }
    }
    return installed;
  }
}
