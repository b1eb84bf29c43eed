package dev.balsa.cli;

import dev.balsa.node.StartFailure;
import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.UnknownFormatException;
import dev.balsa.raft.log.LogInUseException;
import dev.balsa.raft.log.LogInspection;
import dev.balsa.raft.log.LogInspection.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code balsa log}. */
@Command(
    name = "log",
    mixinStandardHelpOptions = true,
    versionProvider = BalsaCommand.Version.class,
    description = {
      "Prints a node's Raft log and verifies it, while the node does not run. Changes nothing.",
      "",
      "All of the log is read and every checksum verified, as at a node's start. A torn tail is"
          + " what a crash leaves: nobody has heard of it, and the next start drops it. Damage to"
          + " what was acknowledged is an error: a node refuses to start on it.",
      "",
      "Ends with 0 if a node can start on the log, 11 if a node uses it, 12 if there is none or it"
          + " cannot be read, 14 if its format is unknown, 15 if it is damaged."
    })
final class LogCommand implements Callable<Integer> {
  /** Larger logs take so long that one wants to see that something happens. */
  private static final long PROGRESS_FROM_BYTES = 512L << 20;

  /** So often is looked whether anybody still reads what is printed. */
  private static final int ENTRIES_BETWEEN_CHECKS = 1000;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      description = "the node's data folder, or the log folder within it")
  private Path folder;

  @Option(names = "--json", description = "as one JSON object; entries are streamed")
  private boolean json;

  @Option(names = "--verify", description = "everything but the entries")
  private boolean verify;

  @Option(names = "--from", paramLabel = "INDEX", description = "first entry to print")
  private long from = 1;

  @Option(names = "--to", paramLabel = "INDEX", description = "last entry to print")
  private long to = Long.MAX_VALUE;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  LogCommand() {}

  @Override
  public Integer call() {
    if (from < 1 || to < from) {
      spec.commandLine().getErr().println("balsa: --from and --to are indices from 1, in order");
      return ExitCode.USAGE;
    }
    Path nested = folder.resolve("log");
    Path log = Files.isDirectory(nested) ? nested : folder;
    try (LogInspection inspection = LogInspection.open(log, progress(log))) {
      PrintWriter out = spec.commandLine().getOut();
      LogPrinter printer = json ? new JsonLogPrinter(out) : new TextLogPrinter(out);
      printer.begin(log, inspection);
      if (verify || printEntries(inspection, printer, out)) {
        printer.end(inspection);
      }
      out.flush();
      return inspection.verdict() == Verdict.DAMAGED
          ? StartFailure.LOG_NOT_USABLE.exitCode()
          : ExitCode.OK;
    } catch (LogStoreException e) {
      spec.commandLine().getErr().println("balsa: " + e.getMessage());
      return failure(log, e).exitCode();
    }
  }

  /** Returns whether all went out: a reader such as {@code head} may have closed its end. */
  private boolean printEntries(LogInspection inspection, LogPrinter printer, PrintWriter out) {
    long next = Math.max(from, inspection.firstIndex());
    long last = Math.min(to, inspection.lastIndex());
    while (next <= last && !out.checkError()) {
      long end = Math.min(last, next + ENTRIES_BETWEEN_CHECKS - 1);
      inspection.entries(next, end, printer::entry);
      next = end + 1;
    }
    return next > last;
  }

  private static StartFailure failure(Path log, LogStoreException e) {
    if (e instanceof LogInUseException) {
      return StartFailure.FOLDER_IN_USE;
    }
    if (e instanceof UnknownFormatException) {
      return StartFailure.UNKNOWN_LOG_FORMAT;
    }
    return e.getCause() instanceof IOException || size(log) == 0
        ? StartFailure.FOLDER_NOT_USABLE
        : StartFailure.LOG_NOT_USABLE;
  }

  private Consumer<Path> progress(Path log) {
    long total = size(log);
    if (total < PROGRESS_FROM_BYTES) {
      return file -> {};
    }
    PrintWriter err = spec.commandLine().getErr();
    return file -> {
      err.println("balsa: reading " + file.getFileName() + " (" + (total >> 20) + " MiB in all)");
      err.flush();
    };
  }

  /** Bytes of the segments in a folder, 0 if it is none. */
  private static long size(Path log) {
    if (!Files.isDirectory(log)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(log)) {
      return files
          .filter(file -> file.toString().endsWith(".cq4") || file.toString().endsWith(".sealed"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    } catch (IOException e) {
      return 0;
    } catch (UncheckedIOException e) {
      return 0;
    }
  }
}
