package dev.balsa.bench;

import dev.balsa.bench.big.BigCommand;
import dev.balsa.bench.raft.RaftCommand;
import dev.balsa.bench.sql.SqlCommand;
import dev.balsa.node.BalsaVersion;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code balsa bench}. */
@Command(
    name = "bench",
    description = "Measures Balsa on this machine.",
    mixinStandardHelpOptions = true,
    versionProvider = BenchCommand.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {RaftCommand.class, SqlCommand.class, BigCommand.class, JmhCommand.class},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:measured",
      " 1:the run failed, and measured nothing",
      " 2:wrong usage of the command line",
      "70:a defect of the program"
    })
public final class BenchCommand implements Runnable {
  /** Exit code: measured. */
  public static final int DONE = 0;

  /** Exit code: nothing was measured. */
  public static final int FAILED = 1;

  private static final int DEFECT = 70;

  /** Chronicle's switches for what it says and sends by itself. */
  public static final List<String> TALKERS =
      List.of(
          "chronicle.announcer.disable",
          "chronicle.analytics.disable",
          "chronicle.disk.monitor.disable");

  @Spec private CommandSpec spec;

  /** Called by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the field
  public BenchCommand() {}

  /** The command that {@link BenchCommand} is one of: the script {@code balsa} passes its words. */
  @Command(name = "balsa", subcommands = BenchCommand.class)
  private static final class Balsa {}

  /** Runs the command line, which begins with {@code bench}, and ends the process. */
  public static void main(String[] args) {
    quieten();
    System.exit(run(args));
  }

  private static int run(String... args) {
    CommandLine line = new CommandLine(new Balsa());
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          command.getErr().println("balsa bench: a defect of the program, or of the machine:");
          e.printStackTrace(command.getErr());
          return DEFECT;
        });
    return line.execute(args);
  }

  /** Chronicle's chatter, and what is logged below a warning. Must come before the first logger. */
  private static void quieten() {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    for (String talker : TALKERS) {
      System.setProperty(talker, "true");
    }
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "A command is missing: raft, sql, big or jmh.");
  }

  /** Tells the version. */
  public static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"balsa " + BalsaVersion.get()};
    }
  }
}
