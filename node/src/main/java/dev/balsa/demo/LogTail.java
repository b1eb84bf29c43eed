package dev.balsa.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** The end of a node's log, for a message. */
final class LogTail {
  private static final int LINES = 5;

  private LogTail() {}

  static String of(DemoOptions options, long node) {
    try {
      List<String> lines = Files.readAllLines(options.logFile(node));
      return lines.isEmpty()
          ? "(empty)"
          : String.join("\n  ", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
    } catch (IOException e) {
      return "(cannot be read: " + e.getMessage() + ")";
    }
  }
}
