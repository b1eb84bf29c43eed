package dev.balsa.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The yardstick for everything durable: a file of written zeros, so that a write changes no
 * metadata, into which bytes are written one after the other, from its beginning again when it is
 * full, and made durable by {@code fdatasync}. No log can be faster on the same disk.
 */
public final class PlainFile implements AutoCloseable {
  private static final int BYTES = 16 << 20;
  private static final int ZERO_STEP_BYTES = 1 << 20;

  private final FileChannel channel;
  private long position;

  private PlainFile(FileChannel channel) {
    this.channel = channel;
  }

  /** Makes the file, all of zeros, durably. */
  public static PlainFile create(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    ByteBuffer zeros = ByteBuffer.allocateDirect(ZERO_STEP_BYTES);
    for (long at = 0; at < BYTES; at += ZERO_STEP_BYTES) {
      write(channel, zeros.clear(), at);
    }
    channel.force(true);
    return new PlainFile(channel);
  }

  /** Writes all of {@code bytes}, at most {@value #BYTES}, behind what was written before. */
  public void append(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (position + length > BYTES) {
      position = 0;
    }
    write(channel, bytes, position);
    position += length;
  }

  private static void write(FileChannel channel, ByteBuffer bytes, long from) throws IOException {
    long at = from;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  /** Makes it durable, by {@code fdatasync}. */
  public void force() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
