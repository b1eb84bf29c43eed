package dev.balsa.transport;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.Limits;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.ConfigurationNotice;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.Message.MachineMessage;
import dev.balsa.raft.core.Message.PreVoteRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;
import dev.balsa.raft.core.Message.ReadRequest;
import dev.balsa.raft.core.Message.ReadResponse;
import dev.balsa.raft.core.Message.SnapshotChunk;
import dev.balsa.raft.core.Message.SnapshotStatus;
import dev.balsa.raft.core.Message.TimeoutNow;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;
import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayList;
import java.util.List;

/**
 * How one type of message is written, by hand: what the network can make us construct is what
 * stands here. All numbers of Raft are at least 0 and travel as variable-length ones.
 */
abstract sealed class MessageSerializer<M extends Message> extends Serializer<M> {
  private MessageSerializer() {
    super(false, true); // no nulls; immutable
  }

  abstract M read(Input in);

  abstract void write(Output out, M message);

  @Override
  public final M read(Kryo kryo, Input in, Class<? extends M> type) {
    return read(in);
  }

  @Override
  public final void write(Kryo kryo, Output out, M message) {
    write(out, message);
  }

  /** The numbers of classes are part of the protocol: never changed, never used again. */
  static void registerAll(Kryo kryo, Payloads payloads) {
    kryo.register(PreVoteRequest.class, new OfPreVoteRequest(), 16);
    kryo.register(PreVoteResponse.class, new OfPreVoteResponse(), 17);
    kryo.register(VoteRequest.class, new OfVoteRequest(), 18);
    kryo.register(VoteResponse.class, new OfVoteResponse(), 19);
    kryo.register(AppendRequest.class, new OfAppendRequest(payloads), 20);
    kryo.register(AppendAccepted.class, new OfAppendAccepted(), 21);
    kryo.register(AppendRejected.class, new OfAppendRejected(), 22);
    kryo.register(Heartbeat.class, new OfHeartbeat(), 23);
    kryo.register(HeartbeatResponse.class, new OfHeartbeatResponse(), 24);
    kryo.register(TimeoutNow.class, new OfTimeoutNow(), 25);
    kryo.register(ConfigurationNotice.class, new OfConfigurationNotice(payloads), 26);
    kryo.register(SnapshotChunk.class, new OfSnapshotChunk(payloads), 27);
    kryo.register(SnapshotStatus.class, new OfSnapshotStatus(), 28);
    kryo.register(ReadRequest.class, new OfReadRequest(), 29);
    kryo.register(ReadResponse.class, new OfReadResponse(), 30);
    kryo.register(MachineMessage.class, new OfMachineMessage(payloads), 31);
  }

  private static void number(Output out, long value) {
    Invariant.check(value >= 0, "%s in a message", value);
    out.writeVarLong(value, true);
  }

  private static long number(Input in) {
    long value = in.readVarLong(true);
    if (value < 0) {
      throw new KryoException("a negative number");
    }
    return value;
  }

  private static boolean flag(Input in) {
    return switch (in.readByte()) {
      case 0 -> false;
      case 1 -> true;
      default -> throw new KryoException("neither true nor false");
    };
  }

  private static void id(Output out, SnapshotId id) {
    number(out, id.sender());
    number(out, id.index());
    number(out, id.term());
    number(out, id.sequence());
  }

  private static SnapshotId id(Input in) {
    return new SnapshotId(number(in), number(in), number(in), number(in));
  }

  /** As its codec writes it, among the payloads. */
  private static void configuration(Output out, Payloads payloads, Configuration configuration) {
    byte[] bytes = ConfigurationCodec.encode(configuration);
    out.writeVarInt(bytes.length, true);
    payloads.add(bytes);
  }

  private static Configuration configuration(Input in, Payloads payloads) {
    byte[] bytes = payloads.take(in.readVarInt(true), MessageCodec.CONFIGURATION_BYTES_MAX);
    return ConfigurationCodec.decode(bytes);
  }

  private static final class OfPreVoteRequest extends MessageSerializer<PreVoteRequest> {
    @Override
    void write(Output out, PreVoteRequest message) {
      number(out, message.term());
      number(out, message.lastIndex());
      number(out, message.lastTerm());
    }

    @Override
    PreVoteRequest read(Input in) {
      return new PreVoteRequest(number(in), number(in), number(in));
    }
  }

  private static final class OfPreVoteResponse extends MessageSerializer<PreVoteResponse> {
    @Override
    void write(Output out, PreVoteResponse message) {
      number(out, message.term());
      out.writeBoolean(message.granted());
    }

    @Override
    PreVoteResponse read(Input in) {
      return new PreVoteResponse(number(in), flag(in));
    }
  }

  private static final class OfVoteRequest extends MessageSerializer<VoteRequest> {
    @Override
    void write(Output out, VoteRequest message) {
      number(out, message.term());
      number(out, message.lastIndex());
      number(out, message.lastTerm());
      out.writeBoolean(message.transfer());
    }

    @Override
    VoteRequest read(Input in) {
      return new VoteRequest(number(in), number(in), number(in), flag(in));
    }
  }

  private static final class OfVoteResponse extends MessageSerializer<VoteResponse> {
    @Override
    void write(Output out, VoteResponse message) {
      number(out, message.term());
      out.writeBoolean(message.granted());
    }

    @Override
    VoteResponse read(Input in) {
      return new VoteResponse(number(in), flag(in));
    }
  }

  /** Entries follow {@code prevIndex} without a gap, so their indexes are not sent. */
  private static final class OfAppendRequest extends MessageSerializer<AppendRequest> {
    /** Term, type and length of a payload take a byte each, if not more. */
    private static final int ENTRY_BYTES_LEAST = 3;

    private final Payloads payloads;

    OfAppendRequest(Payloads payloads) {
      this.payloads = payloads;
    }

    @Override
    void write(Output out, AppendRequest message) {
      number(out, message.term());
      number(out, message.prevIndex());
      number(out, message.prevTerm());
      number(out, message.committed());
      List<Entry> entries = message.entries();
      out.writeVarInt(entries.size(), true);
      long index = message.prevIndex();
      for (Entry entry : entries) {
        index++;
        Invariant.check(entry.index() == index, "%s where index %s is due", entry, index);
        number(out, entry.term());
        out.writeByte(entry.type().code());
        out.writeVarInt(entry.payload().length, true);
        payloads.add(entry.payload());
      }
    }

    @Override
    AppendRequest read(Input in) {
      long term = number(in);
      long prevIndex = number(in);
      long prevTerm = number(in);
      long committed = number(in);
      int count = in.readVarInt(true);
      int left = in.limit() - in.position();
      if (count < 0 || count > MessageCodec.ENTRIES_MAX || count > left / ENTRY_BYTES_LEAST) {
        throw new KryoException(
            "%d entries in %d bytes".formatted(Integer.toUnsignedLong(count), left));
      }
      List<Entry> entries = new ArrayList<>(count);
      for (int i = 1; i <= count; i++) {
        long entryTerm = number(in);
        EntryType type = EntryType.of(in.readByte());
        entries.add(
            new Entry(
                prevIndex + i,
                entryTerm,
                type,
                payloads.take(in.readVarInt(true), Entry.PAYLOAD_BYTES_MAX)));
      }
      return new AppendRequest(term, prevIndex, prevTerm, committed, entries);
    }
  }

  private static final class OfAppendAccepted extends MessageSerializer<AppendAccepted> {
    @Override
    void write(Output out, AppendAccepted message) {
      number(out, message.term());
      number(out, message.matchIndex());
    }

    @Override
    AppendAccepted read(Input in) {
      return new AppendAccepted(number(in), number(in));
    }
  }

  private static final class OfAppendRejected extends MessageSerializer<AppendRejected> {
    @Override
    void write(Output out, AppendRejected message) {
      number(out, message.term());
      number(out, message.prevIndex());
      number(out, message.hintIndex());
      number(out, message.hintTerm());
    }

    @Override
    AppendRejected read(Input in) {
      return new AppendRejected(number(in), number(in), number(in), number(in));
    }
  }

  private static final class OfHeartbeat extends MessageSerializer<Heartbeat> {
    @Override
    void write(Output out, Heartbeat message) {
      number(out, message.term());
      number(out, message.committed());
      number(out, message.round());
    }

    @Override
    Heartbeat read(Input in) {
      return new Heartbeat(number(in), number(in), number(in));
    }
  }

  private static final class OfHeartbeatResponse extends MessageSerializer<HeartbeatResponse> {
    @Override
    void write(Output out, HeartbeatResponse message) {
      number(out, message.term());
      number(out, message.round());
    }

    @Override
    HeartbeatResponse read(Input in) {
      return new HeartbeatResponse(number(in), number(in));
    }
  }

  private static final class OfReadRequest extends MessageSerializer<ReadRequest> {
    @Override
    void write(Output out, ReadRequest message) {
      number(out, message.term());
      number(out, message.read());
    }

    @Override
    ReadRequest read(Input in) {
      return new ReadRequest(number(in), number(in));
    }
  }

  private static final class OfReadResponse extends MessageSerializer<ReadResponse> {
    @Override
    void write(Output out, ReadResponse message) {
      number(out, message.term());
      number(out, message.read());
      number(out, message.index());
    }

    @Override
    ReadResponse read(Input in) {
      return new ReadResponse(number(in), number(in), number(in));
    }
  }

  private static final class OfTimeoutNow extends MessageSerializer<TimeoutNow> {
    @Override
    void write(Output out, TimeoutNow message) {
      number(out, message.term());
    }

    @Override
    TimeoutNow read(Input in) {
      return new TimeoutNow(number(in));
    }
  }

  private static final class OfConfigurationNotice extends MessageSerializer<ConfigurationNotice> {
    private final Payloads payloads;

    OfConfigurationNotice(Payloads payloads) {
      this.payloads = payloads;
    }

    @Override
    void write(Output out, ConfigurationNotice message) {
      number(out, message.term());
      number(out, message.index());
      configuration(out, payloads, message.configuration());
    }

    @Override
    ConfigurationNotice read(Input in) {
      return new ConfigurationNotice(number(in), number(in), configuration(in, payloads));
    }
  }

  private static final class OfSnapshotChunk extends MessageSerializer<SnapshotChunk> {
    private final Payloads payloads;

    OfSnapshotChunk(Payloads payloads) {
      this.payloads = payloads;
    }

    @Override
    void write(Output out, SnapshotChunk message) {
      number(out, message.term());
      id(out, message.id());
      configuration(out, payloads, message.mark().configuration());
      number(out, message.offset());
      out.writeInt(message.checksum());
      out.writeBoolean(message.last());
      out.writeVarInt(message.content().length, true);
      payloads.add(message.content());
    }

    @Override
    SnapshotChunk read(Input in) {
      long term = number(in);
      SnapshotId id = id(in);
      SnapshotMark mark = new SnapshotMark(id.index(), id.term(), configuration(in, payloads));
      long offset = number(in);
      int checksum = in.readInt();
      boolean last = flag(in);
      byte[] content = payloads.take(in.readVarInt(true), Limits.CHUNK_BYTES_MAX);
      return new SnapshotChunk(term, id, mark, offset, content, checksum, last);
    }
  }

  private static final class OfMachineMessage extends MessageSerializer<MachineMessage> {
    private final Payloads payloads;

    OfMachineMessage(Payloads payloads) {
      this.payloads = payloads;
    }

    @Override
    void write(Output out, MachineMessage message) {
      out.writeVarInt(message.payload().length, true);
      payloads.add(message.payload());
    }

    @Override
    MachineMessage read(Input in) {
      return new MachineMessage(
          payloads.take(in.readVarInt(true), MachineMessage.PAYLOAD_BYTES_MAX));
    }
  }

  private static final class OfSnapshotStatus extends MessageSerializer<SnapshotStatus> {
    @Override
    void write(Output out, SnapshotStatus message) {
      number(out, message.term());
      id(out, message.id());
      number(out, message.offset());
      out.writeBoolean(message.failed());
    }

    @Override
    SnapshotStatus read(Input in) {
      return new SnapshotStatus(number(in), id(in), number(in), flag(in));
    }
  }
}
