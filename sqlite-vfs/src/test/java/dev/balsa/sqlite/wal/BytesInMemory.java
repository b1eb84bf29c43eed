package dev.balsa.sqlite.wal;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A WAL in memory. */
final class BytesInMemory implements WalBytes {
  private byte[] bytes;

  BytesInMemory(byte[] bytes) {
    this.bytes = bytes.clone();
  }

  byte[] toArray() {
    return bytes.clone();
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public void read(long position, ByteBuffer into) {
    into.put(bytes, Math.toIntExact(position), into.remaining());
  }

  @Override
  public boolean readSome(long position, ByteBuffer into) {
    int found = (int) Math.max(0, Math.min(into.remaining(), bytes.length - position));
    int missing = into.remaining() - found;
    into.put(bytes, found == 0 ? 0 : (int) position, found).put(new byte[missing]);
    return missing == 0;
  }

  @Override
  public void write(long position, ByteBuffer from) {
    int end = Math.toIntExact(position) + from.remaining();
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, end);
    }
    from.get(bytes, Math.toIntExact(position), from.remaining());
  }

  @Override
  public void truncate(long size) {
    bytes = Arrays.copyOf(bytes, Math.toIntExact(size));
  }
}
