package dev.balsa.sqlite;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Native memory that one connection uses over and over for a call's arguments: out parameters at
 * the start, then bytes (SQL, names, values). What is put here is good for the next native call
 * only. Bytes beyond {@link #CAPACITY} get memory of their own, until the next ones come.
 */
final class NativeScratch implements AutoCloseable {
  /** Longer texts and blobs are rare, and their copy outweighs an allocation. */
  static final int CAPACITY = 16 * 1024;

  private static final int OUT_BYTES = 16;

  private final Memory memory = new Memory(OUT_BYTES + CAPACITY);
  private final ByteBuffer buffer = memory.getByteBuffer(0, memory.size());
  private final long address = Pointer.nativeValue(memory);
  private @Nullable Memory large;
  private boolean closed;

  /** Address of the first out parameter, of 8 bytes. */
  long out0() {
    return address;
  }

  /** Address of the second out parameter, of 8 bytes. */
  long out1() {
    return address + Long.BYTES;
  }

  long long0() {
    return buffer.getLong(0);
  }

  long long1() {
    return buffer.getLong(Long.BYTES);
  }

  int int0() {
    return buffer.getInt(0);
  }

  int int1() {
    return buffer.getInt(Long.BYTES);
  }

  /** Puts bytes and a closing NUL; the address is never 0. */
  long put(byte[] bytes) {
    if (closed) {
      throw new IllegalStateException("the memory is freed");
    }
    if (bytes.length < CAPACITY) {
      buffer.put(OUT_BYTES, bytes, 0, bytes.length);
      buffer.put(OUT_BYTES + bytes.length, (byte) 0);
      return address + OUT_BYTES;
    }
    releaseLarge();
    Memory own = new Memory(bytes.length + 1L);
    large = own;
    own.write(0, bytes, 0, bytes.length);
    own.setByte(bytes.length, (byte) 0);
    return Pointer.nativeValue(own);
  }

  /** Puts a C string, which ends at its first NUL: so a text that has one is refused. */
  long putString(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a name with a NUL character: " + text);
    }
    return put(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Frees what {@link #put} allocated for long bytes. */
  void releaseLarge() {
    if (large != null) {
      large.close();
      large = null;
    }
  }

  @Override
  public void close() {
    closed = true;
    releaseLarge();
    memory.close();
  }
}
