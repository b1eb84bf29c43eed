package dev.balsa.cli;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import dev.balsa.raft.log.LogInspection;
import dev.balsa.raft.log.LogInspection.SegmentInfo;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;

/** For programs: one object. The verdict comes last, so that entries need not be kept. */
final class JsonLogPrinter implements LogPrinter {
  private final PrintWriter out;
  private String separator = "\n";

  JsonLogPrinter(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void begin(Path folder, LogInspection log) {
    HardState state = log.hardState();
    out.println("{\"folder\": " + text(folder.toString()) + ",");
    out.println(
        "\"nodeId\": "
            + (log.nodeId().isPresent() ? Long.toString(log.nodeId().getAsLong()) : "null")
            + ", \"format\": "
            + log.formatVersion()
            + ",");
    out.println(
        "\"term\": "
            + state.term()
            + ", \"votedFor\": "
            + state.votedFor()
            + ", \"committed\": "
            + state.committed()
            + ",");
    out.println("\"base\": " + log.base().map(JsonLogPrinter::mark).orElse("null") + ",");
    out.println(
        "\"firstIndex\": " + log.firstIndex() + ", \"lastIndex\": " + log.lastIndex() + ",");
    out.println("\"configurations\": " + log.configurations() + ",");
    out.println("\"durable\": " + text(log.durable()) + ",");
    out.println(
        log.segments().stream()
            .map(JsonLogPrinter::segment)
            .collect(Collectors.joining(",\n", "\"segments\": [\n", "],")));
    out.print("\"entries\": [");
  }

  private static String segment(SegmentInfo segment) {
    return "{\"number\": "
        + segment.number()
        + ", \"file\": "
        + text(segment.file().getFileName().toString())
        + ", \"part\": "
        + text(segment.part().name().toLowerCase(Locale.ROOT))
        + ", \"fileBytes\": "
        + segment.fileBytes()
        + ", \"contentBytes\": "
        + segment.contentBytes()
        + ", \"entries\": "
        + segment.entries()
        + "}";
  }

  private static String mark(SnapshotMark mark) {
    return "{\"index\": "
        + mark.index()
        + ", \"term\": "
        + mark.term()
        + ", \"configuration\": "
        + configuration(mark.configuration())
        + "}";
  }

  @Override
  public void entry(Entry entry) {
    out.print(separator);
    separator = ",\n";
    out.print(
        "{\"index\": "
            + entry.index()
            + ", \"term\": "
            + entry.term()
            + ", \"type\": "
            + text(entry.type().name().toLowerCase(Locale.ROOT))
            + ", \"payloadBytes\": "
            + entry.payload().length);
    if (entry.type() == EntryType.CONFIGURATION) {
      out.print(", \"configuration\": " + decoded(entry.payload()));
    }
    out.print("}");
  }

  /** Null where it cannot be decoded. */
  private static String decoded(byte[] payload) {
    try {
      return configuration(ConfigurationCodec.decode(payload));
    } catch (IllegalArgumentException e) {
      return "null";
    }
  }

  private static String configuration(Configuration configuration) {
    String members =
        configuration.members().entrySet().stream()
            .map(
                member ->
                    "{\"id\": "
                        + member.getKey()
                        + ", \"role\": "
                        + text(member.getValue().role().name().toLowerCase(Locale.ROOT))
                        + ", \"address\": "
                        + text(member.getValue().address())
                        + "}")
            .collect(Collectors.joining(", ", "[", "]"));
    return "{\"members\": "
        + members
        + ", \"outgoingVoters\": "
        + configuration.outgoingVoters()
        + "}";
  }

  @Override
  public void end(LogInspection log) {
    out.println("],");
    out.println(
        "\"verdict\": "
            + text(log.verdict().name().toLowerCase(Locale.ROOT))
            + ", \"damage\": "
            + log.damage().map(JsonLogPrinter::text).orElse("null")
            + "}");
  }

  private static String text(String value) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
