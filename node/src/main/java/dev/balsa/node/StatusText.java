package dev.balsa.node;

import dev.balsa.fsm.DatabaseStatus;
import dev.balsa.fsm.ScrubStatus;
import dev.balsa.node.NodeStatus.MemberStatus;
import dev.balsa.node.NodeStatus.PeerStatus;
import dev.balsa.node.NodeStatus.Progress;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes a node's status. */
final class StatusText {
  private StatusText() {}

  static String json(NodeStatus status) {
    return new JsonObject()
            .text("version", status.version())
            .text("sqlite", status.sqlite())
            .number("nodeId", status.nodeId())
            .text("clusterId", status.clusterId())
            .text("role", status.role())
            .number("term", status.term())
            .number("leaderId", status.leaderId())
            .text("leaderAddress", status.leaderAddress())
            .literal("ready", Boolean.toString(status.ready()))
            .number("firstIndex", status.firstIndex())
            .number("lastIndex", status.lastIndex())
            .number("commitIndex", status.commitIndex())
            .number("appliedIndex", status.appliedIndex())
            .number("logBytes", status.logBytes())
            .literal("storageFull", Boolean.toString(status.storageFull()))
            .literal("databases", array(status.databases(), StatusText::json))
            .literal("scrub", json(status.scrub()))
            .literal("members", array(status.members(), StatusText::json))
            .literal("membersCommitted", Boolean.toString(status.membersCommitted()))
            .literal("peers", array(status.peers(), StatusText::json))
            .text("failure", status.failure())
            .end()
        + "\n";
  }

  private static String json(DatabaseStatus database) {
    return new JsonObject()
        .text("name", database.name())
        .number("incarnation", database.incarnation())
        .text("phase", database.phase().name().toLowerCase(Locale.ROOT))
        .number("pageSize", database.pageSize())
        .number("pages", database.pages())
        .number("walFrames", database.walFrames())
        .number("checkpointIndex", database.checkpointIndex())
        .text("checksum", String.format(Locale.ROOT, "%016x", database.checksum()))
        .end();
  }

  private static String json(ScrubStatus scrub) {
    return new JsonObject()
        .number("pages", scrub.pages())
        .number("pagesTotal", scrub.pagesTotal())
        .number("passes", scrub.passes())
        .text("lastCompleted", scrub.lastCompleted())
        .end();
  }

  private static String json(MemberStatus member) {
    JsonObject object =
        new JsonObject()
            .number("nodeId", member.nodeId())
            .text("role", member.role())
            .literal("outgoing", Boolean.toString(member.outgoing()))
            .text("address", member.address());
    Progress progress = member.progress();
    if (progress != null) {
      object
          .text("state", progress.state())
          .number("matchIndex", progress.matchIndex())
          .number("nextIndex", progress.nextIndex())
          .number("snapshotOffset", progress.snapshotOffset());
    }
    return object.end();
  }

  private static String json(PeerStatus peer) {
    return new JsonObject()
        .number("nodeId", peer.nodeId())
        .text("address", peer.address())
        .literal("sending", Boolean.toString(peer.sending()))
        .literal("receiving", Boolean.toString(peer.receiving()))
        .number("bytesOut", peer.bytesOut())
        .number("bytesIn", peer.bytesIn())
        .text("trouble", peer.trouble())
        .end();
  }

  private static <T> String array(List<T> values, Function<T, String> json) {
    return values.stream().map(json).collect(Collectors.joining(", ", "[", "]"));
  }

  static String text(NodeStatus status) {
    StringBuilder text = new StringBuilder();
    line(text, "node", status.nodeId() + (status.ready() ? "" : " (not ready)"));
    if (status.failure() != null) {
      line(text, "FAILED", status.failure());
    }
    line(text, "cluster", status.clusterId() == null ? "not known yet" : status.clusterId());
    line(
        text,
        "role",
        status.role().name().toLowerCase(Locale.ROOT).replace('_', '-')
            + ", term "
            + status.term());
    line(
        text,
        "leader",
        status.leaderId() == 0
            ? "none known"
            : "node " + status.leaderId() + " at " + status.leaderAddress());
    line(
        text,
        "log",
        String.format(
            Locale.ROOT,
            "entries %d to %d, %d committed, %d applied, %,d bytes",
            status.firstIndex(),
            status.lastIndex(),
            status.commitIndex(),
            status.appliedIndex(),
            status.logBytes()));
    for (DatabaseStatus database : status.databases()) {
      if (database.phase() != DatabaseStatus.Phase.SERVING) {
        line(text, database.phase().name(), database.name() + " is not served on this node");
        continue;
      }
      line(
          text,
          "database",
          String.format(
              Locale.ROOT,
              "%s: %d pages of %d bytes, %d frames in its WAL, checkpointed at %d, checksum %016x",
              database.name(),
              database.pages(),
              database.pageSize(),
              database.walFrames(),
              database.checkpointIndex(),
              database.checksum()));
    }
    ScrubStatus scrub = status.scrub();
    if (scrub.pagesTotal() > 0) {
      line(
          text,
          "scrub",
          String.format(
              Locale.ROOT,
              "%d of %d pages read, %s",
              scrub.pages(),
              scrub.pagesTotal(),
              scrub.lastCompleted() == null
                  ? "no pass completed yet"
                  : "last pass completed " + scrub.lastCompleted()));
    }
    if (status.storageFull()) {
      line(text, "DISK FULL", "nothing can be written until there is room for the log");
    }
    for (MemberStatus member : status.members()) {
      line(text, "member", member(member));
    }
    if (!status.membersCommitted()) {
      line(text, "", "(a change of the members is under way)");
    }
    for (PeerStatus peer : status.peers()) {
      line(
          text,
          "peer",
          "node "
              + peer.nodeId()
              + " at "
              + peer.address()
              + ": "
              + (peer.sending() && peer.receiving()
                  ? "connected"
                  : peer.sending() || peer.receiving() ? "connected one way" : "not connected")
              + (peer.trouble() == null ? "" : " (" + peer.trouble() + ")"));
    }
    line(text, "version", status.version() + ", " + status.sqlite());
    return text.toString();
  }

  private static String member(MemberStatus member) {
    Progress progress = member.progress();
    return "node "
        + member.nodeId()
        + (member.address() == null ? "" : " at " + member.address())
        + ", "
        + (member.outgoing() ? "leaving the voters, then " : "")
        + member.role()
        + (progress == null
            ? ""
            : ": "
                + progress.state()
                + ", has entry "
                + progress.matchIndex()
                + (progress.snapshotOffset() < 0
                    ? ""
                    : String.format(
                        Locale.ROOT, ", %,d bytes of a snapshot", progress.snapshotOffset())));
  }

  private static void line(StringBuilder text, String name, @Nullable Object value) {
    text.append(String.format(Locale.ROOT, "%-9s %s%n", name, value));
  }

  /** Builds one JSON object (RFC 8259). */
  private static final class JsonObject {
    private final StringBuilder out = new StringBuilder("{");

    JsonObject text(String name, @Nullable Object value) {
      return literal(name, value == null ? "null" : quoted(value.toString()));
    }

    JsonObject number(String name, long value) {
      return literal(name, Long.toString(value));
    }

    JsonObject literal(String name, String json) {
      if (out.length() > 1) {
        out.append(", ");
      }
      out.append(quoted(name)).append(": ").append(json);
      return this;
    }

    String end() {
      return out.append('}').toString();
    }

    private static String quoted(String text) {
      StringBuilder quoted = new StringBuilder("\"");
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        switch (c) {
          case '"' -> quoted.append("\\\"");
          case '\\' -> quoted.append("\\\\");
          default -> {
            if (c < ' ') {
              quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
              quoted.append(c);
            }
          }
        }
      }
      return quoted.append('"').toString();
    }
  }
}
