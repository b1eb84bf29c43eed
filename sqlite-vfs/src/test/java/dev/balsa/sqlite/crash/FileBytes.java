package dev.balsa.sqlite.crash;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Bytes that behave as a file does: what is skipped, or grown, is zeros. */
final class FileBytes {
  private byte[] bytes;
  private int size;

  FileBytes(byte[] content) {
    bytes = content.clone();
    size = bytes.length;
  }

  FileBytes copy() {
    return new FileBytes(toArray());
  }

  void write(long position, ByteBuffer from) {
    extendTo(position + from.remaining());
    from.get(from.position(), bytes, (int) position, from.remaining());
  }

  void resize(long newSize) {
    if (newSize < size) {
      Arrays.fill(bytes, (int) newSize, size, (byte) 0);
      size = (int) newSize;
    }
    extendTo(newSize);
  }

  /** Makes it at least that long. */
  void extendTo(long newSize) {
    int wanted = Math.toIntExact(newSize);
    if (wanted > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.max(wanted, Math.min(2L * size, 1 << 30)));
    }
    size = Math.max(size, wanted);
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes, size);
  }
}
