package dev.balsa.sqlite.vfs;

import org.slf4j.LoggerFactory;

/**
 * Ends the process at once, without any clean-up that could touch a database: shared memory that
 * other threads and processes read is half changed. Another one than {@link #PROCESS} is for tests.
 */
@FunctionalInterface
public interface Halt {
  /** Exit code of a process that halted itself (EX_SOFTWARE). */
  int EXIT_CODE = 70;

  /** Logs why, and halts the JVM. */
  Halt PROCESS =
      (why, cause) -> {
        try {
          LoggerFactory.getLogger(Halt.class).error("Halting: {}", why, cause);
        } finally {
          Runtime.getRuntime().halt(EXIT_CODE);
        }
      };

  /** Does not return, but in tests. */
  void halt(String why, Throwable cause);
}
