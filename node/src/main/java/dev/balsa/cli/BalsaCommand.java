package dev.balsa.cli;

import dev.balsa.node.BalsaVersion;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code balsa}. */
@Command(
    name = "balsa",
    description = "SQLite, replicated, for the JVM.",
    mixinStandardHelpOptions = true,
    versionProvider = BalsaCommand.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      NodeCommand.class,
      StatusCommand.class,
      LogCommand.class,
      VerifyCommand.class,
      DemoNodeCommand.class,
      WarmUpCommand.class
    },
    footerHeading = "%nIn programs of their own, each with its --help:%n",
    footer = {
      "  bench   Measures Balsa on this machine.",
      "  jepsen  Torments clusters of real processes, and checks what they lost."
    },
    exitCodeListHeading = "%nExit codes of all commands:%n",
    exitCodeList = {
      " 0:done, and well",
      " 1:done, and the answer is no",
      " 2:wrong usage of the command line",
      " 3:(script) a JDK or Maven is missing",
      " 4:(script) the build failed",
      "10:configuration is wrong",
      "11:data folder is in use",
      "12:data folder cannot be made, read or written",
      "13:address is taken, or none of this machine",
      "14:log is of an unknown format version",
      "15:log is damaged, or another node's",
      "16:SQLite library is missing or too old",
      "17:peer speaks an unknown protocol version",
      "18:databases cannot be recovered",
      "20:node has failed while it ran",
      "21:no node answers",
      "70:a defect of the program"
    })
public final class BalsaCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** Called by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the field
  public BalsaCommand() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] args) {
    Logging.configure();
    System.exit(run(System.out, System.err, args));
  }

  static int run(PrintStream out, PrintStream err, String... args) {
    CommandLine line = new CommandLine(new BalsaCommand());
    line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          command.getErr().println("balsa: a defect of the program, or of the machine:");
          e.printStackTrace(command.getErr());
          return ExitCode.DEFECT;
        });
    return line.execute(args);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "A command is missing.");
  }

  /** Tells the version. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "balsa " + BalsaVersion.get(),
        "Java " + Runtime.version() + ", " + System.getProperty("os.name")
      };
    }
  }
}
