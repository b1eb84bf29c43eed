package dev.balsa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.demo.FreePorts;
import dev.balsa.fsm.DatabaseStatus;
import dev.balsa.fsm.Session;
import dev.balsa.node.BalsaConfig;
import dev.balsa.node.BalsaNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class VerifyCommandTest {
  /** A node's folder after a clean stop, and as kill -9 leaves it. */
  @TempDir private static Path nodes;

  private static Path stopped;
  private static Path killed;

  @TempDir private Path place;
  private Path folder;
  private Path scratch;

  private record Outcome(int code, String out, String err) {}

  @BeforeAll
  static void runNode() throws Exception {
    stopped = nodes.resolve("stopped");
    killed = nodes.resolve("killed");
    BalsaConfig config =
        BalsaConfig.builder()
            .nodeId(1)
            .dataFolder(stopped)
            .listen("127.0.0.1:" + FreePorts.find(1).get(0))
            .build();
    try (BalsaNode node = BalsaNode.start(config)) {
      assertThat(node.awaitLeading(Duration.ofSeconds(30))).isTrue();
      try (Session session = node.session("a.db")) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
        for (int i = 0; i < 30; i++) {
          session.execute("INSERT INTO t(v) VALUES (randomblob(200000))");
        }
      }
      awaitCheckpoint(node);
      try (Session session = node.session("b.db")) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
        session.execute("INSERT INTO t(v) VALUES (1)");
      }
      copy(stopped, killed); // nothing goes on: what the files hold is what a kill would leave
      assertThat(run("verify", stopped.toString()).err()).contains("is in use by a node");
      assertThat(run("verify", stopped.toString()).code()).isEqualTo(2);
    }
  }

  private static void awaitCheckpoint(BalsaNode node) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (node.status().databases().get(0).checkpointIndex() < 10) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      try (Session session = node.session("a.db")) {
        session.execute("UPDATE t SET v = 'short' WHERE id = 1");
      }
    }
    assertThat(node.status().databases()).extracting(DatabaseStatus::name).containsExactly("a.db");
  }

  @BeforeEach
  void makeScratch() {
    scratch = place.resolve("scratch");
    folder = place.resolve("data");
  }

  private static void copy(Path from, Path to) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(from)) {
      all = walk.toList();
    }
    for (Path each : all) {
      if (!each.getFileName().toString().equals("balsa.lock")) { // a close would unlock it
        Files.copy(each, to.resolve(from.relativize(each).toString()));
      }
    }
  }

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

  /** Verifies, and sees that nothing has changed. */
  private Outcome verify() throws IOException {
    Map<String, byte[]> before = content(folder);
    Outcome outcome = run("verify", folder.toString(), "--scratch", scratch.toString());
    Map<String, byte[]> after = content(folder);
    assertThat(after.keySet()).isEqualTo(before.keySet());
    after.forEach((file, bytes) -> assertThat(bytes).as(file).isEqualTo(before.get(file)));
    if (Files.exists(scratch)) {
      assertThat(content(scratch)).isEmpty();
    }
    return outcome;
  }

  private static Map<String, byte[]> content(Path folder) throws IOException {
    Map<String, byte[]> content = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        content.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return content;
  }

  private void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 0x10;
    Files.write(file, bytes);
  }

  private Path database(String name) {
    return folder.resolve("databases").resolve(name);
  }

  @Test
  void whatACleanStopLeavesIsGood() throws IOException {
    copy(stopped, folder);
    Outcome outcome = verify();
    assertThat(outcome.code()).as("%s", outcome).isZero();
    assertThat(outcome.out())
        .containsPattern("log +good: entries 1 to")
        .containsPattern("catalogue +good: 2 databases")
        .containsPattern("database a.db +good: checksum [0-9a-f]{16} .*integrity_check ok")
        .containsPattern("database b.db +good: checksum");
  }

  @Test
  void whatAKillLeavesIsGood() throws IOException {
    copy(killed, folder);
    Outcome outcome = verify();
    assertThat(outcome.code()).as("%s", outcome).isZero();
    assertThat(outcome.out())
        .containsPattern("database a.db +good")
        .containsPattern("database b.db +good");
  }

  @Test
  void aFlippedBitOfAMainFileIsDamageUnlessTheLogRepairsIt() throws IOException {
    for (Path left : List.of(stopped, killed)) {
      folder = place.resolve("data-" + left.getFileName());
      copy(left, folder);
      flip(database("a.db"), 4096 * 700 + 1234);
      Outcome outcome = verify();
      assertThat(outcome.code()).as("%s", outcome).isEqualTo(1);
      assertThat(outcome.out())
          .containsPattern("database a.db +DAMAGED: its main file and the log amount to checksum")
          .containsPattern("database b.db +good");
    }
  }

  @Test
  void aMainFileThatIsMissingIsDamage() throws IOException {
    copy(stopped, folder);
    Files.delete(database("b.db"));
    Outcome outcome = verify();
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.out())
        .containsPattern("database b.db +DAMAGED: .*missing")
        .containsPattern("database a.db +good");
  }

  @Test
  void aFlippedBitOfTheLogIsDamage() throws IOException {
    copy(stopped, folder);
    Path segment;
    try (Stream<Path> files = Files.list(folder.resolve("log"))) {
      segment =
          files
              .filter(
                  file -> file.toString().endsWith(".cq4") || file.toString().endsWith("sealed"))
              .sorted()
              .findFirst()
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(segment);
    int end = bytes.length;
    while (bytes[end - 1] == 0) {
      end--;
    }
    flip(segment, end / 2);
    Outcome outcome = verify();
    assertThat(outcome.code()).as("%s", outcome).isEqualTo(1);
    assertThat(outcome.out())
        .containsPattern("log +DAMAGED: .*" + segment.getFileName())
        .containsPattern("databases +not known");
  }

  @Test
  void aFlippedBitOfOneCopyOfTheCatalogueIsToldAndOfBothIsDamage() throws IOException {
    copy(stopped, folder);
    flip(database("_catalogue.a"), 40);
    Outcome one = verify();
    assertThat(one.code()).as("%s", one).isZero();
    assertThat(one.out()).containsPattern("catalogue +good: .*_catalogue.a: its checksum is wrong");
    flip(database("_catalogue.b"), 40);
    Outcome both = verify();
    assertThat(both.code()).isEqualTo(1);
    assertThat(both.out()).containsPattern("catalogue +DAMAGED: .*_catalogue.a.*_catalogue.b");
  }

  @Test
  void whatIsNoDataFolderCannotBeTold() {
    Outcome outcome = run("verify", place.resolve("nowhere").toString());
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("there is no node's data folder");
    assertThat(run("verify").code()).isEqualTo(2);
    assertThat(run("verify", "--help").out()).contains("integrity_check");
  }
}
