package dev.balsa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.node.StartFailure;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.MemberRole;
import dev.balsa.raft.log.ChronicleLogStore;
import dev.balsa.raft.log.LogStoreConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class LogCommandTest {
  private static final LogStoreConfig CONFIG =
      LogStoreConfig.of(7).withBlockBytes(LogStoreConfig.BLOCK_BYTES_MIN);

  @TempDir Path folder;

  private record Outcome(int code, String out, String err) {}

  private static Outcome run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        BalsaCommand.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            arguments);
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @BeforeEach
  void writeLog() {
    Configuration configuration =
        Configuration.ofVoters(List.of(7L)).with(8, MemberRole.STANDBY, "10.0.0.8:7000");
    try (ChronicleLogStore log = ChronicleLogStore.open(folder.resolve("log"), CONFIG)) {
      log.append(
          new HardState(2, 7, 1),
          List.of(
              new Entry(1, 2, EntryType.NO_OP, new byte[16]),
              new Entry(2, 2, EntryType.CONFIGURATION, ConfigurationCodec.encode(configuration)),
              new Entry(3, 2, EntryType.COMMAND, new byte[1234])));
      log.force();
    }
  }

  private Path segment() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("log"))) {
      return files.filter(file -> file.toString().endsWith(".cq4")).findFirst().orElseThrow();
    }
  }

  @Test
  void aLogIsPrintedForPeople() {
    for (Path given : List.of(folder, folder.resolve("log"))) {
      Outcome outcome = run("log", given.toString());
      assertThat(outcome.code()).as(outcome.err()).isZero();
      assertThat(outcome.out())
          .containsPattern("node +7\n")
          .containsPattern("term +2, voted for 7\n")
          .containsPattern("begins after +nothing: it was never compacted\n")
          .containsPattern("entries +1 to 3\n")
          .containsPattern("19700101-000001R.cq4 +[0-9]+ bytes, +[0-9]+ used, +3 entries\n")
          .containsPattern("1 +2 +no_op +16\n")
          .containsPattern("2 +2 +configuration +[0-9]+  .7 voter, 8 standby at 10.0.0.8:7000.\n")
          .containsPattern("3 +2 +command +1234\n")
          .containsPattern("verdict +sound\n");
    }
  }

  @Test
  void aLogIsPrintedForPrograms() {
    Outcome outcome = run("log", folder.toString(), "--json", "--from=2");
    assertThat(outcome.code()).isZero();
    String line = outcome.out().replace("\n", " ");
    assertThat(line)
        .startsWith("{\"folder\": \"")
        .contains("\"nodeId\": 7, \"format\": 2,")
        .contains("\"base\": {\"index\": 0, \"term\": 0,")
        .contains(
            "{\"index\": 2, \"term\": 2, \"type\": \"configuration\", \"payloadBytes\": ",
            "\"configuration\": {\"members\": [{\"id\": 7, \"role\": \"voter\", \"address\": \"\"},"
                + " {\"id\": 8, \"role\": \"standby\", \"address\": \"10.0.0.8:7000\"}],"
                + " \"outgoingVoters\": []}}")
        .contains("{\"index\": 3, \"term\": 2, \"type\": \"command\", \"payloadBytes\": 1234}]")
        .doesNotContain("no_op")
        .endsWith("\"verdict\": \"sound\", \"damage\": null} ");
    assertThat(run("log", folder.toString(), "--json", "--verify").out())
        .contains("\"entries\": [],");
  }

  @Test
  void aRangeAndTheVerdictAloneCanBeAskedFor() {
    assertThat(run("log", folder.toString(), "--from=2", "--to=2").out())
        .contains("configuration")
        .doesNotContain("no_op")
        .doesNotContain("command");
    assertThat(run("log", folder.toString(), "--from=9").code()).isZero();
    assertThat(run("log", folder.toString(), "--verify").out())
        .contains("verdict")
        .doesNotContain("command");
    assertThat(run("log", folder.toString(), "--from=3", "--to=2").code())
        .isEqualTo(ExitCode.USAGE);
    assertThat(run("log").code()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void damageIsSaidWithItsPlaceAndByTheExitCode() throws IOException {
    byte[] bytes = Files.readAllBytes(segment());
    int at = bytes.length;
    while (bytes[at - 1] == 0) {
      at--;
    }
    bytes[at - 600] ^= 1; // in the command, which the close behind it knows to be durable
    Files.write(segment(), bytes);
    Outcome outcome = run("log", folder.toString());
    assertThat(outcome.code()).isEqualTo(StartFailure.LOG_NOT_USABLE.exitCode());
    assertThat(outcome.out())
        .containsPattern("verdict +DAMAGED")
        .containsPattern("damage +The log segment .*is damaged at offset [0-9]+")
        .contains("new id and an empty folder");
    assertThat(run("log", folder.toString(), "--json").out())
        .contains("\"verdict\": \"damaged\", \"damage\": \"The log segment ");
  }

  @Test
  void aLogInUseAndAFolderWithoutOneAreSaid() throws IOException {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder.resolve("log"), CONFIG)) {
      assertThat(log.lastIndex()).isEqualTo(3);
      Outcome outcome = run("log", folder.toString());
      assertThat(outcome.code()).isEqualTo(StartFailure.FOLDER_IN_USE.exitCode());
      assertThat(outcome.err()).startsWith("balsa: The log in ").contains("is in use by a node");
    }
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThat(run("log", empty.toString()).code())
        .isEqualTo(StartFailure.FOLDER_NOT_USABLE.exitCode());
    assertThat(run("log", folder.resolve("nowhere").toString()).code())
        .isEqualTo(StartFailure.FOLDER_NOT_USABLE.exitCode());
  }

  @Test
  void aReaderThatGoesAwayEndsThePrintingAndIsNoError() {
    List<Entry> many =
        LongStream.rangeClosed(4, 40_000)
            .mapToObj(index -> new Entry(index, 2, EntryType.COMMAND, new byte[1]))
            .toList();
    try (ChronicleLogStore log =
        ChronicleLogStore.open(folder.resolve("log"), CONFIG.withBlockBytes(16 << 20))) {
      log.append(new HardState(2, 7, 1), many);
    }
    for (String form : List.of("--from=1", "--json")) {
      ClosedPipe pipe = new ClosedPipe(2000);
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      int code =
          BalsaCommand.run(
              new PrintStream(pipe, true, StandardCharsets.UTF_8),
              new PrintStream(err, true, StandardCharsets.UTF_8),
              "log",
              folder.toString(),
              form);
      assertThat(code).isZero();
      assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
      assertThat(pipe.given).isBetween(2000L, 200_000L); // of some 2 MB
    }
  }

  /** Takes some bytes, then is closed at the other end. */
  private static final class ClosedPipe extends OutputStream {
    private final long bytesMax;
    private long given;

    private ClosedPipe(long bytesMax) {
      this.bytesMax = bytesMax;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[1], 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      given += length;
      if (given > bytesMax) {
        throw new IOException("Broken pipe");
      }
    }
  }
}
