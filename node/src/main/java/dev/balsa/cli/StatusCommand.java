package dev.balsa.cli;

import dev.balsa.node.NodeAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code balsa status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    versionProvider = BalsaCommand.Version.class,
    description = "Asks a node for its status, at the status.listen of its configuration.")
final class StatusCommand implements Callable<Integer> {
  private static final int TIMEOUT_MILLIS = 5000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--address",
      required = true,
      paramLabel = "HOST:PORT",
      converter = AddressConverter.class,
      description = "the node's status.listen")
  private NodeAddress address;

  @Option(names = "--json", description = "as JSON")
  private boolean json;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  StatusCommand() {}

  @Override
  public Integer call() {
    URI uri = URI.create("http://" + address + (json ? "/status.json" : "/"));
    try {
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      try (InputStream in = connection.getInputStream()) {
        spec.commandLine().getOut().print(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        spec.commandLine().getOut().flush();
      }
      return ExitCode.OK;
    } catch (IOException e) {
      spec.commandLine()
          .getErr()
          .println("balsa: no node answers at " + address + ": " + e.getMessage());
      return ExitCode.NO_ANSWER;
    }
  }

  /** Reads an address. */
  static final class AddressConverter implements ITypeConverter<NodeAddress> {
    @Override
    public NodeAddress convert(String value) {
      try {
        return NodeAddress.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
