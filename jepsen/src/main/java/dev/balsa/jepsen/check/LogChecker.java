package dev.balsa.jepsen.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Looks through the logs of nodes for what no fault of the run excuses. Thread-safe.
 *
 * <ul>
 *   <li>{@code invariant-violation}: a node says that it is wrong itself, or does nothing more.
 *   <li>{@code unexpected-exit}: a process ended that nobody has ended, or its JVM broke down.
 *   <li>{@code unexpected-stack-trace}: an exception that nobody expects.
 *   <li>{@code unexpected-error}: an event of the level ERROR, or the name of an exception that
 *       only a mistake throws.
 *   <li>{@code silent-log}: not even the start of a node is told; that would hide all else.
 * </ul>
 *
 * <p>An event is a line and what follows it without a time of its own. Unknown is a folder without
 * logs, or one that cannot be read.
 */
public final class LogChecker {
  private static final String STARTED = " runs on ";
  private static final int SHOWN_LINES = 4;

  private static final Pattern BEGINNING =
      Pattern.compile(
          "^\\d\\d:\\d\\d\\S* .*\\b(ERROR|WARN|INFO|DEBUG|TRACE)\\b"
              + "|^Exception in thread|^# A fatal error|^SLF4J");

  /** A process's first events are told by its first thread. */
  private static final Pattern NEW_LIFE = Pattern.compile("^\\S+ \\[main\\] ");

  /** Follows the last event of a process, where excuses are looked for. */
  private static final String END_OF_LIFE = "\n(no more of this process)";

  private static final Pattern TRACE = Pattern.compile("(?m)^\\s+at [\\w.$/<>]+\\(");

  /** By the name of the anomaly; the first that fits counts. */
  private static final Map<String, Pattern> ALARMING = alarming();

  private final Path folder;
  private final List<Expected> expected;
  private final List<String> exits;

  /**
   * What may be in a log.
   *
   * @param pattern found somewhere in the event, which a last line follows if it is its process's
   *     last one
   * @param reason why it is no problem; counted under this
   */
  public record Expected(Pattern pattern, String reason) {
    /** Where bits of databases are flipped: nodes find that, and tell. */
    public static List<Expected> ofBitRot() {
      return List.of(
          new Expected(
              Pattern.compile("database \\S+ is DAMAGED on this node"),
              "damage was made, and found"),
          new Expected(
              Pattern.compile("damaged databases could not be healed, which is tried again"),
              "healing needs other nodes, which may be away"));
    }

    /** Where disks fail to force, or vanish: a node stops then, since it knows no more. */
    public static List<Expected> ofFailingDisks() {
      return List.of(
          new Expected(
              Pattern.compile(
                  "(?s)has failed (and does nothing more|while it was closed)"
                      + ".*(IOException|UncheckedIOException|FileSystemException|LogStoreException"
                      + "|SqliteException|Input/output error).*"),
              "a node whose disk fails stops"),
          // Whether the disk was the cause, the trace would tell; what follows is judged as ever.
          new Expected(
              Pattern.compile(
                  "has failed and does nothing more\\s*" + Pattern.quote(END_OF_LIFE) + "\\z"),
              "a node is killed before it has told how its disk failed"),
          new Expected(
              Pattern.compile(
                  "database \\S+ is DAMAGED on this node.* cannot be read: SQLITE_IOERR"),
              "what a failed disk has of a database cannot be read"),
          new Expected(
              Pattern.compile("(?s)closing database .*(IOException|SqliteException)"),
              "what a failed disk has of a database cannot be closed"));
    }
  }

  /**
   * Creates the check.
   *
   * @param folder whose files {@code *.log} are the logs
   * @param expected what may be in them
   * @param exits what was seen of processes that ended by themselves, a sentence each
   */
  public LogChecker(Path folder, List<Expected> expected, List<String> exits) {
    this.folder = folder;
    this.expected = List.copyOf(expected);
    this.exits = List.copyOf(exits);
  }

  private static Map<String, Pattern> alarming() {
    Map<String, Pattern> alarming = new LinkedHashMap<>();
    alarming.put(
        "invariant-violation",
        Pattern.compile("InvariantViolation|has failed and does nothing more"));
    alarming.put(
        "unexpected-exit",
        Pattern.compile("# A fatal error has been detected|OutOfMemoryError|StackOverflowError"));
    alarming.put("unexpected-stack-trace", TRACE);
    alarming.put(
        "unexpected-error",
        Pattern.compile(
            "\\bERROR\\b|^Exception in thread"
                + "|NullPointerException|ClassCastException|IllegalStateException"));
    return alarming;
  }

  /** Judges the logs as they are now. */
  public Finding check() {
    AnomalyTally anomalies = new AnomalyTally();
    List<String> missing = new ArrayList<>();
    Map<String, Long> excused = new LinkedHashMap<>();
    exits.forEach(exit -> anomalies.add("unexpected-exit", exit, List.of()));
    int logs = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".log")).sorted().toList()) {
        logs++;
        look(file, anomalies, excused);
      }
    } catch (IOException e) {
      missing.add("the logs cannot be read: " + e);
    }
    if (logs == 0) {
      missing.add("there are no logs in " + folder);
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("logs", logs);
    facts.put("expected", excused);
    facts.putAll(anomalies.counts());
    return Finding.of("logs", anomalies.shown(), missing, facts);
  }

  /** This check among those of a history, which it does not look at. */
  public Checker asChecker() {
    return history -> check();
  }

  private void look(Path file, AnomalyTally anomalies, Map<String, Long> excused)
      throws IOException {
    String name = String.valueOf(file.getFileName());
    List<String> events = events(file);
    if (events.stream().noneMatch(event -> event.contains(STARTED))) {
      anomalies.add("silent-log", name + " does not tell anything", List.of());
    }
    for (int i = 0; i < events.size(); i++) {
      String event = events.get(i);
      Optional<String> type =
          ALARMING.entrySet().stream()
              .filter(entry -> entry.getValue().matcher(event).find())
              .map(Map.Entry::getKey)
              .findFirst();
      if (type.isEmpty()) {
        continue;
      }
      boolean last = i == events.size() - 1 || NEW_LIFE.matcher(events.get(i + 1)).find();
      String told = last ? event + END_OF_LIFE : event;
      Optional<Expected> excuse =
          expected.stream().filter(each -> each.pattern().matcher(told).find()).findFirst();
      if (excuse.isPresent()) {
        excused.merge(excuse.get().reason(), 1L, Long::sum);
      } else {
        anomalies.add(type.get(), name + ": " + shortened(event), List.of());
      }
    }
  }

  private static List<String> events(Path file) throws IOException {
    List<String> events = new ArrayList<>();
    StringBuilder event = new StringBuilder();
    // A process that is killed may leave half a character; that is no reason to see nothing.
    for (String line : new String(Files.readAllBytes(file), UTF_8).lines().toList()) {
      if (BEGINNING.matcher(line).find() && event.length() > 0) {
        events.add(event.toString());
        event.setLength(0);
      }
      event.append(event.length() > 0 ? "\n" : "").append(line);
    }
    events.add(event.toString());
    return events;
  }

  private static String shortened(String event) {
    List<String> lines = event.lines().toList();
    return String.join("\n", lines.subList(0, Math.min(lines.size(), SHOWN_LINES)));
  }
}
