package dev.balsa.raft.model;

import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.StateSink;
import java.util.Arrays;

/** A message on its way. */
record Packet(int from, int to, Message message) {
  void describe(StateSink sink) {
    sink.node("from", from);
    sink.node("to", to);
    describe(sink, message);
  }

  static void describe(StateSink sink, Message message) {
    sink.number("kind", message.getClass().getSimpleName().hashCode());
    sink.number("term", message.term());
    if (message instanceof Message.PreVoteRequest request) {
      sink.number("lastIndex", request.lastIndex());
      sink.number("lastTerm", request.lastTerm());
    } else if (message instanceof Message.PreVoteResponse response) {
      sink.flag("granted", response.granted());
    } else if (message instanceof Message.VoteRequest request) {
      sink.number("lastIndex", request.lastIndex());
      sink.number("lastTerm", request.lastTerm());
      sink.flag("transfer", request.transfer());
    } else if (message instanceof Message.VoteResponse response) {
      sink.flag("granted", response.granted());
    } else if (message instanceof Message.AppendRequest request) {
      sink.number("prevIndex", request.prevIndex());
      sink.number("prevTerm", request.prevTerm());
      sink.number("committed", request.committed());
      request.entries().forEach(entry -> describe(sink, entry));
    } else if (message instanceof Message.AppendAccepted accepted) {
      sink.number("matchIndex", accepted.matchIndex());
    } else if (message instanceof Message.AppendRejected rejected) {
      sink.number("prevIndex", rejected.prevIndex());
      sink.number("hintIndex", rejected.hintIndex());
      sink.number("hintTerm", rejected.hintTerm());
    } else if (message instanceof Message.Heartbeat heartbeat) {
      sink.number("committed", heartbeat.committed());
      sink.round("round", message.term(), heartbeat.round());
    } else if (message instanceof Message.HeartbeatResponse response) {
      sink.round("round", message.term(), response.round());
    } else {
      describeRare(sink, message);
    }
  }

  private static void describeRare(StateSink sink, Message message) {
    if (message instanceof Message.ConfigurationNotice notice) {
      sink.number("index", notice.index());
      sink.configuration(notice.configuration());
    } else if (message instanceof Message.SnapshotChunk chunk) {
      sink.snapshotId(chunk.id());
      sink.mark(chunk.mark());
      sink.number("offset", chunk.offset());
      sink.number("content", Arrays.hashCode(chunk.content()));
      sink.flag("last", chunk.last());
    } else if (message instanceof Message.SnapshotStatus status) {
      sink.snapshotId(status.id());
      sink.number("offset", status.offset());
      sink.flag("failed", status.failed());
    } else if (message instanceof Message.ReadRequest request) {
      sink.number("read", request.read());
    } else if (message instanceof Message.ReadResponse response) {
      sink.number("read", response.read());
      sink.number("index", response.index());
    } else if (!(message instanceof Message.TimeoutNow)) {
      throw new AssertionError("unknown " + message);
    }
  }

  static void describe(StateSink sink, Entry entry) {
    sink.number("index", entry.index());
    sink.number("term", entry.term());
    sink.kind("type", entry.type());
    if (entry.type() == EntryType.CONFIGURATION) {
      sink.begin("configuration");
      sink.configuration(ConfigurationCodec.decode(entry.payload()));
      sink.end();
    } else {
      sink.number("payload", Arrays.hashCode(entry.payload()));
    }
  }

  @Override
  public String toString() {
    return from + "->" + to + " " + message;
  }
}
