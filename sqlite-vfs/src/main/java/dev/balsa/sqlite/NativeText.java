package dev.balsa.sqlite;

import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Text and bytes between Java and native memory: UTF-8, with explicit lengths where there are. */
final class NativeText {
  private static final byte[] NO_BYTES = {};

  private NativeText() {}

  /** A C string, or null for address 0. */
  static @Nullable String orNull(long address) {
    return address == 0 ? null : new Pointer(address).getString(0, "UTF-8");
  }

  /** A C string; empty for address 0. */
  static String of(long address) {
    return address == 0 ? "" : new Pointer(address).getString(0, "UTF-8");
  }

  /** A copy of {@code length} bytes at an address. */
  static byte[] bytes(long address, int length) {
    if (length == 0) {
      return NO_BYTES;
    }
    byte[] bytes = new byte[length];
    new Pointer(address).read(0, bytes, 0, length);
    return bytes;
  }

  /** Text of {@code length} bytes at an address; malformed sequences become U+FFFD. */
  static String text(long address, int length) {
    return length == 0 ? "" : new String(bytes(address, length), StandardCharsets.UTF_8);
  }

  /**
   * Index of the first char that UTF-8 has no form for: a surrogate without its other half.
   *
   * @return -1 if there is none
   */
  static int unpairedSurrogate(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (Character.isLowSurrogate(c)
            || i + 1 == length
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }
}
