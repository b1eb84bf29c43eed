package dev.balsa.cli;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.log.LogInspection;
import java.nio.file.Path;

/** Writes what a log holds, in some form. */
interface LogPrinter {
  /** What is known of the whole log. */
  void begin(Path folder, LogInspection log);

  /** One entry; they come in order. */
  void entry(Entry entry);

  /** Whether the log is sound. */
  void end(LogInspection log);
}
