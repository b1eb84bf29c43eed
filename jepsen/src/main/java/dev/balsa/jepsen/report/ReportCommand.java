package dev.balsa.jepsen.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code balsa jepsen report}. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = ReportCommand.HARNESS_ERROR,
    exitCodeOnExecutionException = ReportCommand.HARNESS_ERROR,
    description = "Writes index.html into a run's folder: what it holds, to be read in a browser.")
public final class ReportCommand implements Callable<Integer> {
  static final int HARNESS_ERROR = 3;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      description = "with history.edn, config.json, results.json and leaders.edn")
  private Path folder;

  /** Called by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  public ReportCommand() {}

  @Override
  public Integer call() {
    try {
      Path page = HtmlReport.write(folder, RunFolder.read(folder));
      spec.commandLine().getOut().println(page.toAbsolutePath());
      return 0;
    } catch (IOException e) {
      spec.commandLine().getErr().println("balsa: " + e.getMessage());
      return HARNESS_ERROR;
    }
  }
}
