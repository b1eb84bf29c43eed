package dev.balsa.sqlite.vfs;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.SymbolProvider;
import java.util.Map;

/** Maps the native methods of a class onto functions of which only the addresses are known. */
final class NativeMethods {
  private NativeMethods() {}

  /**
   * Binds all native methods of {@code type}, once and for all.
   *
   * @param addresses by the methods' names
   */
  static void bind(Class<?> type, Map<String, Long> addresses) {
    SymbolProvider provider =
        (handle, name, parent) -> {
          Long address = addresses.get(name);
          if (address == null || address == 0) {
            throw new UnsatisfiedLinkError(name);
          }
          return address;
        };
    Native.register(
        type, NativeLibrary.getInstance(null, Map.of(Library.OPTION_SYMBOL_PROVIDER, provider)));
  }
}
