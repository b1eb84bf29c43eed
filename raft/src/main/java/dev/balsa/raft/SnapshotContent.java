package dev.balsa.raft;

import dev.balsa.raft.core.ClusterId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;

/**
 * A snapshot as it travels: the cluster's id (16 bytes), then what the state machine makes of it. A
 * node that begins with a snapshot never sees the log's first entry, where the id is else.
 */
final class SnapshotContent {
  private SnapshotContent() {}

  /** Reads a part of what travels. */
  static Snapshots.Source.Part read(
      Snapshots.Source source, UUID clusterId, long offset, int bytesMax) throws IOException {
    if (offset >= ClusterId.BYTES) {
      return source.read(offset - ClusterId.BYTES, bytesMax);
    }
    byte[] head = ClusterId.encode(clusterId);
    int from = (int) offset;
    int headBytes = Math.min(head.length - from, bytesMax);
    int bodyMax = bytesMax - headBytes;
    if (bodyMax == 0) {
      return new Snapshots.Source.Part(Arrays.copyOfRange(head, from, from + headBytes), false);
    }
    Snapshots.Source.Part body = source.read(0, bodyMax);
    byte[] content = Arrays.copyOf(body.content(), headBytes + body.content().length);
    System.arraycopy(body.content(), 0, content, headBytes, body.content().length);
    System.arraycopy(head, from, content, 0, headBytes);
    return new Snapshots.Source.Part(content, body.last());
  }

  /** Takes what travels apart again. */
  static final class Receiver {
    private final Snapshots.Sink sink;
    private final ByteBuffer head = ByteBuffer.allocate(ClusterId.BYTES);

    Receiver(Snapshots.Sink sink) {
      this.sink = sink;
    }

    /** All before it is here. A part that was kept does not count before the id is here again. */
    long offset() {
      return head.hasRemaining() ? head.position() : ClusterId.BYTES + sink.offset();
    }

    /** Takes the part at {@code offset}, as far as it is wanted: it goes on where this is. */
    void take(long offset, byte[] content) throws IOException {
      int at = 0;
      if (head.hasRemaining()) {
        at = (int) (head.position() - offset);
        int length = Math.min(head.remaining(), content.length - at);
        if (at < 0 || length <= 0) {
          return;
        }
        head.put(content, at, length);
        if (head.hasRemaining()) {
          return;
        }
      }
      long wanted = offset() - offset;
      if (wanted == 0) {
        sink.write(content);
      } else if (wanted > 0 && wanted < content.length) {
        sink.write(Arrays.copyOfRange(content, (int) wanted, content.length));
      }
    }

    boolean knowsClusterId() {
      return !head.hasRemaining();
    }

    UUID clusterId() {
      return new UUID(head.getLong(0), head.getLong(Long.BYTES));
    }
  }
}
