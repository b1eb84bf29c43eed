package dev.balsa.jepsen;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Looks through the nodes' logs for what no fault that a run brings about excuses. */
final class NodeLogs {
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
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".log")).sorted().toList()) {
        List<String> lines = Files.readAllLines(file);
        if (lines.stream().noneMatch(line -> line.contains(STARTED))) {
          found.add(file.getFileName() + " does not tell anything");
        }
        List<String> alarming =
            lines.stream().filter(line -> ALARMING.matcher(line).find()).toList();
        if (!alarming.isEmpty()) {
          found.add(file.getFileName() + " has " + Examples.of("alarming lines", alarming));
        }
      }
    }
    return found;
  }
}
