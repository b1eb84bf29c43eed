package dev.balsa.raft.sim;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.TraceSink;
import java.util.ArrayDeque;
import java.util.List;

/** The last part of a life in words, kept when it is replayed for reading. */
final class Transcript {
  private static final int LINES_MAX = 400;
  private static final int LINE_CHARS_MAX = 240;

  private final boolean kept;
  private final ArrayDeque<String> lines = new ArrayDeque<>();

  private Transcript(boolean kept) {
    this.kept = kept;
  }

  static Transcript none() {
    return new Transcript(false);
  }

  static Transcript kept() {
    return new Transcript(true);
  }

  TraceSink sinkOf(long server) {
    return kept ? transition -> add("    " + server + " " + transition) : TraceSink.none();
  }

  void action(Action action) {
    if (kept) {
      add(action.toString());
    }
  }

  void sent(long from, Send send) {
    if (kept) {
      add("    " + from + " sends to " + send.to() + " " + send.message());
    }
  }

  void received(long to, List<Input> inputs) {
    if (kept) {
      for (Input input : inputs) {
        add("    " + to + " takes " + input);
      }
    }
  }

  @FormatMethod
  void note(@FormatString String format, Object... args) {
    if (kept) {
      add("    " + String.format(format, args));
    }
  }

  private void add(String line) {
    if (lines.size() == LINES_MAX) {
      lines.removeFirst();
    }
    lines.addLast(
        line.length() > LINE_CHARS_MAX ? line.substring(0, LINE_CHARS_MAX) + "..." : line);
  }

  @Override
  public String toString() {
    return String.join("\n", lines);
  }
}
