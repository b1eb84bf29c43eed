package dev.balsa.demo;

import java.io.PrintStream;
import java.util.List;

/** Lines, for files and pipes: each event, and the table every few seconds. */
final class PlainScreen implements DemoScreen {
  private static final long TABLE_NANOS = 5_000_000_000L;

  private final PrintStream out;
  private long shown = System.nanoTime();

  PlainScreen(PrintStream out) {
    this.out = out;
  }

  @Override
  public void event(String time, String text) {
    out.println(time + "  " + text);
    out.flush();
  }

  @Override
  public void show(String title, List<NodeLine> nodes) {
    long now = System.nanoTime();
    if (now - shown >= TABLE_NANOS) {
      shown = now;
      out.println();
      out.println(title);
      DemoScreen.table(nodes).forEach(out::println);
      out.println();
      out.flush();
    }
  }

  @Override
  public void close() {
    out.flush();
  }
}
