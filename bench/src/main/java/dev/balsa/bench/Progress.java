package dev.balsa.bench;

import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** What goes on now: one line at the end of a terminal, written over again and again. */
public final class Progress {
  private static final String FROM_LINE_START_CLEARED = "\r\u001b[K";

  private final @Nullable PrintStream terminal;
  private boolean shown;

  private Progress(@Nullable PrintStream terminal) {
    this.terminal = terminal;
  }

  /** On a terminal. */
  public static Progress on(PrintStream terminal) {
    return new Progress(terminal);
  }

  /** Nowhere. */
  public static Progress silent() {
    return new Progress(null);
  }

  /** Shows what goes on now. */
  public void show(String text) {
    PrintStream to = terminal;
    if (to != null) {
      to.print(FROM_LINE_START_CLEARED + text + " ...");
      to.flush();
      shown = true;
    }
  }

  /** Takes the line away, since something else is to be printed. */
  public void clear() {
    PrintStream to = terminal;
    if (to != null && shown) {
      to.print(FROM_LINE_START_CLEARED);
      to.flush();
      shown = false;
    }
  }
}
