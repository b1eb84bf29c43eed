package dev.balsa.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeLogsTest {
  private static final String START = "12:00 INFO BalsaNode - node 1 runs on /data with SQLite\n";

  @TempDir private Path folder;

  @Test
  void eventsOfAFaultAreNoProblem() throws IOException {
    log(START + "12:01 WARN TcpTransport - lost the connection to node 2\n");
    assertThat(NodeLogs.problems(folder)).isEmpty();
  }

  @Test
  void aViolatedInvariantIsFound() throws IOException {
    log(START + "12:01 ERROR RaftNode - node 1 has failed and does nothing more\n");
    assertThat(NodeLogs.problems(folder)).singleElement().asString().contains("does nothing more");
  }

  @Test
  void aLogThatTellsNothingIsFound() throws IOException {
    log("SLF4J(W): No SLF4J providers were found.\n");
    assertThat(NodeLogs.problems(folder)).singleElement().asString().contains("not tell anything");
  }

  private void log(String text) throws IOException {
    Files.writeString(folder.resolve("node1.log"), text);
  }
}
