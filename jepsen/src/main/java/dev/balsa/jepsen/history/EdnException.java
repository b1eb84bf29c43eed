package dev.balsa.jepsen.history;

import java.io.IOException;

/** A text is no EDN, or no history. The message tells where. */
public final class EdnException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;
  private final boolean torn;

  private EdnException(String problem, int line, int column, boolean torn) {
    super("line " + line + ", column " + column + ": " + problem);
    this.line = line;
    this.column = column;
    this.torn = torn;
  }

  static EdnException wrong(String problem, int line, int column) {
    return new EdnException(problem, line, column, false);
  }

  static EdnException torn(String problem, int line, int column) {
    return new EdnException(problem, line, column, true);
  }

  /** The line of what is wrong, from 1. */
  public int line() {
    return line;
  }

  /** Its column, in UTF-16 characters from 1. */
  public int column() {
    return column;
  }

  /** Whether the text ends in the middle of something, and is sound up to there. */
  public boolean isTorn() {
    return torn;
  }
}
