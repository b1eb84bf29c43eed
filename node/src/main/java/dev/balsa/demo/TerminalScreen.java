package dev.balsa.demo;

import java.io.PrintStream;
import java.util.List;

/**
 * A table that stays at the bottom of a terminal, with the events scrolling above it. Drawn with
 * the control sequences that all terminals share (ECMA-48); nothing is drawn twice that has not
 * changed, and each picture is one write, so that it does not flicker.
 */
final class TerminalScreen implements DemoScreen {
  private static final String ESC = "\u001b[";
  private static final String CLEAR_BELOW = ESC + "J";
  private static final String HIDE_CURSOR = ESC + "?25l";
  private static final String SHOW_CURSOR = ESC + "?25h";
  private static final String RESET = ESC + "0m";
  private static final String BOLD = ESC + "1m";
  private static final String DIM = ESC + "2m";
  private static final String RED = ESC + "31m";
  private static final String GREEN = ESC + "1;32m";
  private static final String YELLOW = ESC + "33m";

  private final PrintStream out;
  private final int columns;
  private final boolean colours = System.getenv("NO_COLOR") == null;
  private String picture = "";
  private int pictureLines;
  private boolean closed;

  TerminalScreen(PrintStream out, int columns) {
    this.out = out;
    this.columns = Math.max(40, columns);
    out.print(HIDE_CURSOR);
  }

  @Override
  public synchronized void event(String time, String text) {
    if (!closed) {
      out.print(up() + cut(time + "  " + text) + "\n" + picture);
      out.flush();
    }
  }

  @Override
  public synchronized void show(String title, List<NodeLine> nodes) {
    if (closed) {
      return;
    }
    StringBuilder next = new StringBuilder("\n");
    next.append(colour(BOLD)).append(cut(title)).append(reset()).append('\n');
    List<String> table = DemoScreen.table(nodes);
    next.append(colour(DIM)).append(cut(table.get(0))).append(reset()).append('\n');
    for (int i = 0; i < nodes.size(); i++) {
      next.append(colourOf(nodes.get(i))).append(cut(table.get(i + 1))).append(reset());
      next.append('\n');
    }
    String drawn = next.toString();
    if (!drawn.equals(picture)) {
      out.print(up() + drawn);
      out.flush();
      picture = drawn;
      pictureLines = nodes.size() + 3;
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      out.print(RESET + SHOW_CURSOR);
      out.flush();
    }
  }

  private String up() {
    return pictureLines == 0 ? "" : ESC + pictureLines + "A\r" + CLEAR_BELOW;
  }

  private String cut(String line) {
    return line.length() < columns ? line : line.substring(0, columns - 1);
  }

  private String colourOf(NodeLine line) {
    if (line.pid() == 0) {
      return colour(RED);
    }
    if (line.state() != null) {
      return colour(YELLOW);
    }
    return line.report().leads() ? colour(GREEN) : "";
  }

  private String colour(String sequence) {
    return colours ? sequence : "";
  }

  private String reset() {
    return colours ? RESET : "";
  }
}
