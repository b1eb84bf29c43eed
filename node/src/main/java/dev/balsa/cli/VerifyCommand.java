package dev.balsa.cli;

import dev.balsa.fsm.Finding;
import dev.balsa.fsm.Finding.Verdict;
import dev.balsa.node.FolderVerification;
import dev.balsa.node.NodeStartException;
import dev.balsa.sqlite.SqliteLibraryException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code balsa verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    versionProvider = BalsaCommand.Version.class,
    description = {
      "Checks all files of a node that does not run: its log, its catalogue, and of each database"
          + " whether its main file and the log amount to the checksum that the log says, and"
          + " SQLite's integrity_check. Changes nothing.",
      "",
      "What a start would do to a main file is done to a copy, one database at a time: the scratch"
          + " folder needs room for the largest one.",
      "",
      "What a crash leaves is good: a torn tail of the log, a torn file of the catalogue beside a"
          + " whole one, a main file that the log makes whole.",
      "",
      "Ends with 0 if all is good, 1 if anything is damaged, 2 if that cannot be told: wrong usage,"
          + " a node that runs on the folder, files that cannot be read, no room for a copy."
    })
final class VerifyCommand implements Callable<Integer> {
  private static final int CANNOT_TELL = 2;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "the node's data folder")
  private Path folder;

  @Option(
      names = "--scratch",
      paramLabel = "DIR",
      description = "where copies are made; the system's folder for temporary files if not given")
  private @Nullable Path scratch;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  VerifyCommand() {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Path copies = scratch == null ? Path.of(System.getProperty("java.io.tmpdir")) : scratch;
    try {
      Verdict verdict =
          FolderVerification.run(
              folder,
              copies,
              line -> print(err, "balsa: " + line),
              finding -> print(out, line(finding)));
      return switch (verdict) {
        case GOOD -> ExitCode.OK;
        case DAMAGED -> ExitCode.NO;
        case UNKNOWN -> CANNOT_TELL;
      };
    } catch (NodeStartException | SqliteLibraryException e) {
      print(err, "balsa: " + e.getMessage());
      return CANNOT_TELL;
    }
  }

  private static String line(Finding finding) {
    String verdict =
        switch (finding.verdict()) {
          case GOOD -> "good";
          case DAMAGED -> "DAMAGED";
          case UNKNOWN -> "not known";
        };
    return String.format(
        Locale.ROOT, "%-16s %s: %s", finding.what(), verdict, finding.text().replace('\n', ' '));
  }

  private static void print(PrintWriter to, String line) {
    to.println(line);
    to.flush();
  }
}
