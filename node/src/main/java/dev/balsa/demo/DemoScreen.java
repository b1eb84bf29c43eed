package dev.balsa.demo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows the run. Used by one thread. */
sealed interface DemoScreen extends AutoCloseable permits PlainScreen, TerminalScreen {

  /**
   * A node's line.
   *
   * @param node its id
   * @param pid of its process, 0 while there is none
   * @param state in words, where it has no role
   * @param report its last one
   * @param rows acknowledged in all its lives
   * @param deaths so far
   */
  record NodeLine(
      long node, long pid, @Nullable String state, NodeReport report, long rows, int deaths) {}

  /** Something happened. */
  void event(String time, String text);

  /** The state of all, a few times a second. */
  void show(String title, List<NodeLine> nodes);

  /** Leaves the terminal as it was; the table stays. */
  @Override
  void close();

  /** Where the command line runs decides which one. */
  static DemoScreen on(PrintStream out) {
    return Boolean.getBoolean("balsa.terminal")
        ? new TerminalScreen(out, Integer.getInteger("balsa.terminal.columns", 80))
        : new PlainScreen(out);
  }

  /** The table, a line each: a head and the nodes. */
  static List<String> table(List<NodeLine> nodes) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%4s %8s  %-10s %5s %8s %8s %9s %9s %9s %6s",
            "node",
            "process",
            "role",
            "term",
            "commit",
            "applied",
            "rows",
            "database",
            "log",
            "deaths"));
    for (NodeLine line : nodes) {
      NodeReport report = line.report();
      String role =
          line.state() == null
              ? report.role().name().toLowerCase(Locale.ROOT).replace('_', '-')
              : line.state();
      lines.add(
          String.format(
              Locale.ROOT,
              "%4d %8s  %-10s %5d %8d %8d %9d %9s %9s %6d",
              line.node(),
              line.pid() == 0 ? "-" : Long.toString(line.pid()),
              role,
              report.term(),
              report.commit(),
              report.applied(),
              line.rows(),
              bytes(report.databaseBytes()),
              bytes(report.logBytes()),
              line.deaths()));
    }
    return lines;
  }

  /** A size for people. */
  static String bytes(long bytes) {
    if (bytes < 10_000) {
      return bytes + " B";
    }
    return bytes < 10_000_000
        ? String.format(Locale.ROOT, "%.0f KB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
