package dev.balsa.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.check.LogChecker.Expected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogCheckerTest {
  private static final String START =
      "12:00:00.000 [main] INFO BalsaNode - node 1 runs on /data with SQLite\n";
  private static final String TRACE =
      """
      java.io.IOException: Input/output error
      \tat java.base/sun.nio.ch.FileDispatcherImpl.force0(Native Method)
      \tat dev.balsa.raft.log.Segment.force(Segment.java:1)
      """;

  @TempDir private Path folder;

  @Test
  void eventsOfAFaultAreNoProblem() throws IOException {
    log(START + "12:00:01.000 [x] WARN TcpTransport - lost the connection to node 2: reset\n");
    assertThat(check().validity()).isEqualTo(Validity.VALID);
  }

  @Test
  void aViolatedInvariantIsFound() throws IOException {
    log(
        START
            + "12:00:01.000 [x] ERROR RaftNode - node 1 has failed and does nothing more\n"
            + TRACE);
    assertAnomaly("invariant-violation", "node1.log: 12:00:01.000 [x] ERROR RaftNode");
  }

  @Test
  void anUnexpectedStackTraceIsFound() throws IOException {
    log(START + "12:00:01.000 [x] WARN Healer - odd\n" + TRACE + START);
    assertAnomaly(
        "unexpected-stack-trace",
        "node1.log: 12:00:01.000 [x] WARN Healer - odd\njava.io.IOException: Input/output error");
  }

  @Test
  void anExceptionThatNobodyCaughtIsFound() throws IOException {
    log(
        START
            + "Exception in thread \"apply\" java.lang.NullPointerException: no\n"
            + "\tat a.B.c(B.java:1)\n");
    assertAnomaly("unexpected-stack-trace", "node1.log: Exception in thread \"apply\"");
  }

  @Test
  void anErrorIsFound() throws IOException {
    log(START + "12:00:01.000 [x] ERROR NodeLoop - node 1 is sent a snapshot\n");
    assertAnomaly("unexpected-error", "node1.log: 12:00:01.000 [x] ERROR NodeLoop");
  }

  @Test
  void anExceptionThatOnlyAMistakeThrowsIsFoundByItsName() throws IOException {
    log(START + "12:00:01.000 [x] WARN SutServer - failed: java.lang.ClassCastException: no\n");
    assertAnomaly("unexpected-error", "node1.log: 12:00:01.000 [x] WARN SutServer");
  }

  @Test
  void aJvmThatBrokeDownIsFound() throws IOException {
    log(START + "# A fatal error has been detected by the Java Runtime Environment:\n#  SIGSEGV\n");
    assertAnomaly("unexpected-exit", "node1.log: # A fatal error");
  }

  @Test
  void aProcessThatEndedByItselfIsFound() throws IOException {
    log(START);
    Finding finding =
        new LogChecker(folder, List.of(), List.of("node 2 has ended by itself")).check();
    assertThat(finding.anomalies())
        .singleElement()
        .satisfies(anomaly -> assertThat(anomaly.type()).isEqualTo("unexpected-exit"));
  }

  @Test
  void aLogThatTellsNothingIsFound() throws IOException {
    log("SLF4J(W): No SLF4J providers were found.\n");
    assertAnomaly("silent-log", "node1.log does not tell anything");
  }

  @Test
  void aFailingDiskExcusesTheNodeThatStopsAndNothingElse() throws IOException {
    String stop = "12:00:01.000 [x] ERROR RaftNode - node 1 has failed and does nothing more\n";
    log(START + stop + TRACE);
    LogChecker checker = new LogChecker(folder, Expected.ofFailingDisks(), List.of());
    Finding finding = checker.check();
    assertThat(finding.validity()).isEqualTo(Validity.VALID);
    assertThat(finding.facts())
        .containsEntry("expected", Map.of("a node whose disk fails stops", 1L));
    log(START + stop + "dev.balsa.raft.InvariantViolation: term 3 after 4\n\tat a.B.c(B.java:1)\n");
    assertThat(checker.check().validity()).isEqualTo(Validity.INVALID);
  }

  @Test
  void aFailingDiskExcusesANodeThatIsKilledBeforeItHasToldWhy() throws IOException {
    log(
        START
            + "12:00:01.000 [x] ERROR RaftNode - node 1 has failed and does nothing more\n"
            + START);
    assertThat(check().validity()).isEqualTo(Validity.INVALID);
    LogChecker checker = new LogChecker(folder, Expected.ofFailingDisks(), List.of());
    assertThat(checker.check().validity()).isEqualTo(Validity.VALID);
  }

  @Test
  void aFailingDiskExcusesANodeThatIsKilledWhileItTellsWhy() throws IOException {
    log(
        START
            + "12:00:01.000 [x] ERROR RaftNode - node 1 has failed and does nothing more\n"
            + "dev.balsa.fsm.BalsaException: cannot make /data/_catalogue.a durable: Input/output"
            + " error\n\tat a.B.c(B.java:1)\n"
            + START);
    assertThat(check().validity()).isEqualTo(Validity.INVALID);
    LogChecker checker = new LogChecker(folder, Expected.ofFailingDisks(), List.of());
    assertThat(checker.check().validity()).isEqualTo(Validity.VALID);
  }

  @Test
  void aNodeThatGoesOnHasToTellHowItsDiskFailed() throws IOException {
    log(
        START
            + "12:00:01.000 [x] ERROR RaftNode - node 1 has failed and does nothing more\n"
            + "12:00:02.000 [x] INFO RaftNode - and yet it moves\n");
    LogChecker checker = new LogChecker(folder, Expected.ofFailingDisks(), List.of());
    assertThat(checker.check().validity()).isEqualTo(Validity.INVALID);
  }

  @Test
  void aFailingDiskExcusesPagesThatCannotBeReadAndNoOtherDamage() throws IOException {
    String damage =
        "12:00:01.000 [x] ERROR DamagedDatabase - database a is DAMAGED on this node, and not"
            + " served: page 1 in frame 222 of its WAL ";
    log(START + damage + "cannot be read: SQLITE_IOERR_CORRUPTFS: a-wal: read 4096 bytes\n");
    LogChecker checker = new LogChecker(folder, Expected.ofFailingDisks(), List.of());
    assertThat(checker.check().validity()).isEqualTo(Validity.VALID);
    log(START + damage + "has another content\n");
    assertThat(checker.check().validity()).isEqualTo(Validity.INVALID);
  }

  @Test
  void bitRotExcusesDamageThatIsFound() throws IOException {
    String damage =
        "12:00:01.000 [x] ERROR DamagedDatabase - database a is DAMAGED on this node, and not"
            + " served: page 3\n";
    log(START + damage);
    assertThat(check().validity()).isEqualTo(Validity.INVALID);
    assertThat(new LogChecker(folder, Expected.ofBitRot(), List.of()).check().validity())
        .isEqualTo(Validity.VALID);
  }

  @Test
  void withoutLogsItIsUnknown() {
    assertThat(check().missing()).singleElement().asString().startsWith("there are no logs in ");
    assertThat(new LogChecker(folder.resolve("no"), List.of(), List.of()).check().validity())
        .isEqualTo(Validity.UNKNOWN);
  }

  private Finding check() {
    return new LogChecker(folder, List.of(), List.of()).check();
  }

  private void assertAnomaly(String type, String explanation) {
    Finding finding = check();
    assertThat(finding.validity()).isEqualTo(Validity.INVALID);
    assertThat(finding.anomalies())
        .singleElement()
        .satisfies(
            anomaly -> {
              assertThat(anomaly.type()).isEqualTo(type);
              assertThat(anomaly.explanation()).startsWith(explanation);
            });
  }

  private void log(String text) throws IOException {
    Files.writeString(folder.resolve("node1.log"), text);
  }
}
