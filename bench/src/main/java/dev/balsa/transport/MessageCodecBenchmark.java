package dev.balsa.transport;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The message that replicates entries, to bytes and back. No entries: a heartbeat's worth. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class MessageCodecBenchmark {
  /** Entries in the message. */
  @Param({"0", "1", "16"})
  public int entries;

  /** Payload of each; one page with what goes round it is a little more than 4 KiB. */
  @Param({"100", "4200"})
  public int bytes;

  private final MessageCodec codec = new MessageCodec();
  private final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
  private Message message;
  private ByteBuf frame;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // JMH calls the set-up first
  public MessageCodecBenchmark() {}

  /** Makes the message and its frame. */
  @Setup
  public void prepare() {
    List<Entry> list = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 1; i <= entries; i++) {
      byte[] payload = new byte[bytes];
      random.nextBytes(payload);
      list.add(new Entry(1_000_000 + i, 7, EntryType.COMMAND, payload));
    }
    message = new Message.AppendRequest(7, 1_000_000, 7, 999_999, list);
    frame = codec.encode(message, allocator);
  }

  /** Frees the frame. */
  @TearDown
  public void cleanUp() {
    frame.release();
  }

  /** Encodes a frame. */
  @Benchmark
  public int encode() {
    ByteBuf encoded = codec.encode(message, allocator);
    int length = encoded.readableBytes();
    encoded.release();
    return length;
  }

  /** Decodes a frame's body. */
  @Benchmark
  public Message decode() throws ProtocolViolation {
    int kindBytes = 1;
    return codec.decode(frame.duplicate().skipBytes(Frame.HEADER_BYTES + kindBytes));
  }
}
