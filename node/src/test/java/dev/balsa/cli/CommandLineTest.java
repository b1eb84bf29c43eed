package dev.balsa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.demo.FreePorts;
import dev.balsa.node.BalsaVersion;
import dev.balsa.node.StartFailure;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class CommandLineTest {
  @TempDir Path folder;

  private record Outcome(int code, String text) {}

  private static Outcome run(String... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int code = BalsaCommand.run(out, out, arguments);
    return new Outcome(code, bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void helpListsTheCommandsAndTheExitCodes() {
    Outcome help = run("--help");
    assertThat(help.code()).isZero();
    assertThat(help.text()).contains("demo", "node", "status", "log").doesNotContain("demo-node");
    for (StartFailure failure : StartFailure.values()) {
      assertThat(help.text()).containsPattern("\n *" + failure.exitCode() + " ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "node", "status", "log"})
  void eachCommandHasItsHelp(String command) {
    Outcome help = run(command, "--help");
    assertThat(help.code()).isZero();
    assertThat(help.text()).startsWith("Usage: balsa " + command);
  }

  @Test
  void theVersionIsMavensOwn() {
    assertThat(BalsaVersion.get()).matches("[0-9]+\\.[0-9]+.*");
    assertThat(run("--version").text()).startsWith("balsa " + BalsaVersion.get());
  }

  @Test
  void wrongUsageIsExitCodeTwoAndSaysWhatIsWrong() {
    assertThat(run().code()).isEqualTo(2);
    assertThat(run().text()).contains("A command is missing.");
    assertThat(run("sink").code()).isEqualTo(2);
    assertThat(run("node").text()).contains("--config");
    assertThat(run("demo", "--nodes=0").text()).contains("--nodes must be from 1 to 9");
    assertThat(run("demo", "--seconds=0").code()).isEqualTo(2);
    assertThat(run("status", "--address=here").text()).contains("'here' is not an address");
  }

  @Test
  void aDemoRefusesAFolderThatIsNotItsOwn() throws Exception {
    Files.writeString(folder.resolve("thesis.tex"), "important");
    Outcome outcome = run("demo", "--dir=" + folder);
    assertThat(outcome.code()).isEqualTo(ExitCode.NO);
    assertThat(outcome.text()).contains("is not empty, and not of an earlier demo");
    assertThat(folder.resolve("thesis.tex")).exists();
  }

  @Test
  void nobodyAtTheAddressIsSaid() throws Exception {
    String address = "127.0.0.1:" + FreePorts.find(1).get(0);
    Outcome outcome = run("status", "--address", address);
    assertThat(outcome.code()).isEqualTo(ExitCode.NO_ANSWER);
    assertThat(outcome.text()).startsWith("balsa: no node answers at " + address);
  }

  @Test
  void aBadConfigurationIsSaidWithItsKey() throws Exception {
    Path file = Files.writeString(folder.resolve("n.properties"), "node.id=x\n");
    Outcome outcome = run("node", "--config=" + file);
    assertThat(outcome.code()).isEqualTo(StartFailure.BAD_CONFIGURATION.exitCode());
    assertThat(outcome.text())
        .isEqualTo("balsa: " + file + ": node.id: 'x' is not a whole number\n");
  }

  @Test
  void aNodeRunsAnswersForItsStatusAndStopsInGoodOrderWhenAsked() throws Exception {
    List<Integer> ports = FreePorts.find(2);
    Path file = config(ports, "");
    String address = "127.0.0.1:" + ports.get(1);
    try (CommandProcess node = CommandProcess.start(folder, "node", "--config", file.toString())) {
      assertThat(node.nextLine()).isEqualTo("node 1 listens at 127.0.0.1:" + ports.get(0));
      assertThat(run("status", "--address", address).text()).startsWith("node      1");
      assertThat(run("status", "--json", "--address", address).text()).startsWith("{\"version\"");

      try (CommandProcess second =
          CommandProcess.start(folder, "node", "--config", file.toString())) {
        assertThat(second.exitCode()).isEqualTo(StartFailure.FOLDER_IN_USE.exitCode());
        assertThat(second.errors())
            .contains("is in use by another node (process " + node.pid() + ")");
      }
      node.terminate();
      assertThat(node.exitCode()).isZero();
    }
    assertThat(run("status", "--address", address).code()).isEqualTo(ExitCode.NO_ANSWER);
  }

  @Test
  void aMissingSqliteLibraryIsSaid() throws Exception {
    Path file = config(FreePorts.find(2), "sqlite.library=/nowhere/libsqlite3.so\n");
    try (CommandProcess node = CommandProcess.start(folder, "node", "--config", file.toString())) {
      assertThat(node.exitCode()).isEqualTo(StartFailure.SQLITE_NOT_USABLE.exitCode());
      assertThat(node.errors())
          .contains("balsa: The SQLite library /nowhere/libsqlite3.so")
          .contains("does not exist.");
    }
  }

  @Test
  void peersOfAnUnknownVersionAreSaidIfNoQuorumIsLeftWithoutThem() throws Exception {
    try (StrangePeer two = new StrangePeer();
        StrangePeer three = new StrangePeer()) {
      Path file =
          config(
              FreePorts.find(2), "peer.2=" + two.address() + "\npeer.3=" + three.address() + "\n");
      try (CommandProcess node =
          CommandProcess.start(folder, "node", "--config", file.toString())) {
        assertThat(node.exitCode()).isEqualTo(StartFailure.UNKNOWN_PEER_FORMAT.exitCode());
        assertThat(node.errors())
            .contains("balsa: node 1 cannot join: node ")
            .contains(" speaks an unknown protocol version 9 (this node speaks version 3)");
      }
    }
  }

  private Path config(List<Integer> ports, String more) throws Exception {
    return Files.writeString(
        folder.resolve("node.properties"),
        "node.id=1\ndata.folder="
            + folder.resolve("data")
            + "\nlisten=127.0.0.1:"
            + ports.get(0)
            + "\nstatus.listen=127.0.0.1:"
            + ports.get(1)
            + "\n"
            + more);
  }
}
