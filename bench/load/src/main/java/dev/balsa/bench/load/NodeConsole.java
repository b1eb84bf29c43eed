package dev.balsa.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The side of a node's process that talks with the one that started it, by lines. On standard
 * output the node tells {@value #READY} once, {@value #LEADS} and {@value #FOLLOWS} at each change,
 * and for each load a {@link LoadReport}, or {@value #LOST} and why not; {@value #FAILED} and why
 * is its end. On standard input it takes {@value #LOAD} and {@value #CLOSE}; when that ends
 * otherwise, the process does so at once. Thread-safe.
 */
public final class NodeConsole {
  public static final String SETTINGS = "settings";
  public static final String READY = "ready";
  public static final String LEADS = "leads";
  public static final String FOLLOWS = "follows";
  public static final String LOST = "lost";
  public static final String FAILED = "failed";

  /** Followed by: entries in flight, bytes of each, milliseconds of lead-in, and measured. */
  public static final String LOAD = "load";

  /** Asks how long this JVM has compiled so far; the answer is the same word with milliseconds. */
  public static final String COMPILED = "compiled";

  public static final String CLOSE = "close";

  private static final int ORPHANED = 9;
  private final PrintStream out;
  private final BufferedReader in;

  NodeConsole(PrintStream out, BufferedReader in) {
    this.out = out;
    this.in = in;
  }

  /** Takes this process's standard streams. What libraries print goes to standard error. */
  public static NodeConsole take() {
    PrintStream out = System.out;
    System.setOut(System.err);
    return new NodeConsole(
        out, new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
  }

  /** The line that asks for a load. */
  public static String load(int window, int payloadBytes, long leadInMillis, long millis) {
    return String.join(
        " ",
        LOAD,
        Integer.toString(window),
        Integer.toString(payloadBytes),
        Long.toString(leadInMillis),
        Long.toString(millis));
  }

  /** Tells what the node's settings are. */
  public void settings(String settings) {
    say(SETTINGS + " " + oneLine(settings));
  }

  /** Tells that the node's role has changed. */
  public void role(boolean leader) {
    say(leader ? LEADS : FOLLOWS);
  }

  /** Tells that the node has failed. */
  public void failed(Throwable why) {
    say(FAILED + " " + oneLine(why.toString()));
  }

  /** What a node does on a command that the console does not know itself. */
  @FunctionalInterface
  public interface Service {
    /**
     * Does it.
     *
     * @param words the command, and what follows it
     * @return the answer: one line
     */
    String answer(List<String> words) throws IOException, InterruptedException;
  }

  /** Tells that the node is ready, and serves until it is told to close. */
  public void serve(Proposer proposer) throws IOException, InterruptedException {
    serve(
        words -> {
          if (words.get(0).equals(LOAD)) {
            return measured(proposer, words);
          }
          throw new IOException("unknown command: " + String.join(" ", words));
        });
  }

  /** Tells that the node is ready, and serves until it is told to close. */
  public void serve(Service service) throws IOException, InterruptedException {
    say(READY);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      List<String> words = List.of(line.split(" ", -1));
      switch (words.get(0)) {
        case CLOSE -> {
          return;
        }
        case COMPILED -> say(COMPILED + " " + ProcessorTime.compilationMillis());
        default -> say(oneLine(service.answer(words)));
      }
    }
    // Who started this process is gone.
    Runtime.getRuntime().halt(ORPHANED);
  }

  private static String measured(Proposer proposer, List<String> words)
      throws InterruptedException {
    ClosedLoop.Shape shape =
        new ClosedLoop.Shape(
            Integer.parseInt(words.get(1)),
            Integer.parseInt(words.get(2)),
            TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words.get(3))),
            TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words.get(4))));
    try {
      return ClosedLoop.run(proposer, ProcessorTime::nanos, shape).toLine();
    } catch (LoadFailedException e) {
      return LOST + " " + oneLine(String.valueOf(e.getMessage()));
    }
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ");
  }

  private void say(String line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }
}
