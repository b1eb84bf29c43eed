package dev.balsa.fsm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Damages files that SQLite has open, as a disk would: behind this process's back. Java I/O in this
 * process would drop its locks.
 */
final class Vandal {
  private Vandal() {}

  /** Puts 16 random bytes there, in place of others. */
  static void damage(Path file, long position) {
    String script =
        "head -c 16 /dev/urandom | dd of=\"$1\" bs=1 seek=\"$2\" conv=notrunc status=none";
    try {
      Process process =
          new ProcessBuilder("sh", "-c", script, "sh", file.toString(), Long.toString(position))
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError("dd: " + output);
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
