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
import java.util.Optional;
import java.util.stream.Collectors;

/** For people: aligned lines, a line for an entry. */
final class TextLogPrinter implements LogPrinter {
  private final PrintWriter out;
  private boolean entriesBegun;

  TextLogPrinter(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void begin(Path folder, LogInspection log) {
    HardState state = log.hardState();
    Optional<SnapshotMark> base = log.base();
    line("log", folder.toString());
    line("node", log.nodeId().isPresent() ? Long.toString(log.nodeId().getAsLong()) : "unknown");
    line("format", Integer.toString(log.formatVersion()));
    line(
        "term",
        state.term() + ", voted for " + (state.votedFor() == 0 ? "nobody" : state.votedFor()));
    line("committed", "at least " + state.committed());
    line("begins after", base.map(TextLogPrinter::describe).orElse("unknown"));
    line(
        "entries",
        log.lastIndex() < log.firstIndex() ? "none" : log.firstIndex() + " to " + log.lastIndex());
    line("configurations", log.configurations().isEmpty() ? "none" : "at " + log.configurations());
    line("durable up to", log.durable() + " at least (segment:offset)");
    out.println("segments");
    for (SegmentInfo segment : log.segments()) {
      out.printf(
          Locale.ROOT,
          "  %6d  %-28s %12d bytes, %12d used, %9d entries%s%n",
          segment.number(),
          segment.file().getFileName(),
          segment.fileBytes(),
          segment.contentBytes(),
          segment.entries(),
          switch (segment.part()) {
            case LOG -> "";
            case LEFTOVER -> ", left over: the next start deletes it";
            case BEHIND_DAMAGE -> ", behind what can be read";
          });
    }
  }

  private static String describe(SnapshotMark base) {
    return base.index() == 0
        ? "nothing: it was never compacted"
        : "entry "
            + base.index()
            + " of term "
            + base.term()
            + ", configuration "
            + describe(base.configuration());
  }

  @Override
  public void entry(Entry entry) {
    if (!entriesBegun) {
      entriesBegun = true;
      out.printf(Locale.ROOT, "%12s %8s  %-13s %9s%n", "index", "term", "type", "bytes");
    }
    out.printf(
        Locale.ROOT,
        "%12d %8d  %-13s %9d%s%n",
        entry.index(),
        entry.term(),
        entry.type().name().toLowerCase(Locale.ROOT),
        entry.payload().length,
        entry.type() == EntryType.CONFIGURATION ? "  " + configuration(entry) : "");
  }

  private static String configuration(Entry entry) {
    try {
      return describe(ConfigurationCodec.decode(entry.payload()));
    } catch (IllegalArgumentException e) {
      return "cannot be decoded: " + e.getMessage();
    }
  }

  private static String describe(Configuration configuration) {
    String members =
        configuration.members().entrySet().stream()
            .map(
                member ->
                    member.getKey()
                        + " "
                        + member.getValue().role().name().toLowerCase(Locale.ROOT)
                        + (member.getValue().address().isEmpty()
                            ? ""
                            : " at " + member.getValue().address()))
            .collect(Collectors.joining(", ", "{", "}"));
    return configuration.isJoint()
        ? members + " with outgoing voters " + configuration.outgoingVoters()
        : members;
  }

  @Override
  public void end(LogInspection log) {
    switch (log.verdict()) {
      case SOUND -> line("verdict", "sound");
      case TORN_TAIL ->
          line(
              "verdict",
              "sound, with a torn tail: nothing of it was acknowledged, and the next start drops"
                  + " it");
      case DAMAGED -> line("verdict", "DAMAGED: a node refuses to start on it");
    }
    log.damage().ifPresent(damage -> line("damage", damage));
  }

  private void line(String name, String value) {
    out.printf(Locale.ROOT, "%-15s %s%n", name, value);
  }
}
