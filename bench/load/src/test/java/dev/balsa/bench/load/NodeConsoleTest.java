package dev.balsa.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class NodeConsoleTest {
  private final ExecutorService system = Executors.newSingleThreadExecutor();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @AfterEach
  void end() {
    system.shutdownNow();
  }

  private NodeConsole console(String... told) {
    return new NodeConsole(
        new PrintStream(said, true, StandardCharsets.UTF_8),
        new BufferedReader(new StringReader(String.join("\n", told) + "\n")));
  }

  private List<String> lines() {
    return said.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void aNodeTellsItsSettingsAndItsRoleInOneLineEach() {
    NodeConsole console = console();
    console.settings("one\n  two");
    console.role(true);
    console.role(false);
    console.failed(new IOException("a disk\nis gone"));
    assertThat(lines())
        .containsExactly(
            "settings one two", "leads", "follows", "failed java.io.IOException: a disk is gone");
  }

  @Test
  void aLoadIsRunAndReported() throws Exception {
    console(NodeConsole.load(3, 50, 5, 1_000), NodeConsole.CLOSE)
        .serve((payload, completion) -> system.execute(completion::committed));
    assertThat(lines()).hasSize(2).first().isEqualTo("ready");
    LoadReport report = LoadReport.parse(lines().get(1));
    assertThat(report.window()).isEqualTo(3);
    assertThat(report.nanos()).isEqualTo(1_000_000_000);
    assertThat(report.entries()).isPositive();
  }

  @Test
  void aLoadThatIsLostSaysWhyAndTheNodeGoesOn() throws Exception {
    String load = NodeConsole.load(1, 50, 5, 20);
    console(load, load, NodeConsole.CLOSE)
        .serve((payload, completion) -> completion.failed("not the leader"));
    assertThat(lines()).containsExactly("ready", "lost not the leader", "lost not the leader");
  }

  @Test
  void aNodeTellsHowLongItsCompilerHasWorked() throws Exception {
    console(NodeConsole.COMPILED, NodeConsole.CLOSE).serve((payload, completion) -> {});
    assertThat(lines()).hasSize(2).last().asString().matches("compiled \\d+");
  }

  @Test
  void aServiceAnswersWhatTheConsoleDoesNotKnowInOneLine() throws Exception {
    console("count to 3", NodeConsole.COMPILED, NodeConsole.CLOSE)
        .serve(words -> String.join(".", words) + "\n4");
    assertThat(lines()).startsWith("ready", "count.to.3 4").hasSize(3);
  }

  @Test
  void anUnknownCommandEndsTheNode() {
    assertThatThrownBy(() -> console("dance").serve((payload, completion) -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("dance");
  }
}
