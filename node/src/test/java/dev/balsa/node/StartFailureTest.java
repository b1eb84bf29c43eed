package dev.balsa.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.balsa.demo.FreePorts;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each reason for which a node does not start is one clear sentence, and leaves nothing behind. */
@Timeout(120)
class StartFailureTest {
  @TempDir Path folder;

  private BalsaConfig.Builder config() throws Exception {
    return BalsaConfig.builder()
        .nodeId(1)
        .dataFolder(folder.resolve("data"))
        .listen("127.0.0.1:" + FreePorts.find(1).get(0));
  }

  private static void refused(BalsaConfig config, StartFailure failure, String... said) {
    NodeStartException refusal =
        catchThrowableOfType(NodeStartException.class, () -> BalsaNode.start(config).close());
    assertThat(refusal).as("the node starts").isNotNull();
    assertThat(refusal.failure()).isEqualTo(failure);
    assertThat(refusal).message().contains(said).doesNotContain("\n");
  }

  private static void runs(BalsaConfig config) throws Exception {
    try (BalsaNode node = BalsaNode.start(config)) {
      assertThat(node.awaitLeading(Duration.ofSeconds(60))).isTrue();
    }
  }

  @Test
  void aFolderInUse() throws Exception {
    try (BalsaNode first = BalsaNode.start(config().build())) {
      refused(
          config().build(),
          StartFailure.FOLDER_IN_USE,
          "data is in use by another node (process " + ProcessHandle.current().pid() + ")");
      assertThat(first.awaitLeading(Duration.ofSeconds(60))).as("unharmed").isTrue();
    }
    runs(config().build());
  }

  @Test
  void aFolderThatIsAFile() throws Exception {
    Files.writeString(folder.resolve("data"), "");
    refused(config().build(), StartFailure.FOLDER_NOT_USABLE, "is a file, not a folder");
  }

  /** Where even root may not make files. */
  @Test
  void aFolderThatCannotBeWritten() throws Exception {
    refused(
        config().dataFolder(Path.of("/proc/balsa-test")).build(),
        StartFailure.FOLDER_NOT_USABLE,
        "the data folder /proc/balsa-test cannot be used: ");
  }

  @Test
  void anAddressThatIsTaken() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + other.getLocalPort();
      refused(config().listen(address).build(), StartFailure.ADDRESS_NOT_USABLE, address);
    }
    runs(config().build());
  }

  @Test
  void anAddressOfAnotherMachine() throws Exception {
    refused(
        config().listen("192.0.2.1:7001").build(),
        StartFailure.ADDRESS_NOT_USABLE,
        "192.0.2.1:7001");
  }

  @Test
  void aStatusAddressThatIsTaken() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + other.getLocalPort();
      refused(
          config().statusListen(address).build(),
          StartFailure.ADDRESS_NOT_USABLE,
          "the status page cannot be served at " + address);
    }
    runs(config().build());
  }

  @Test
  void theFolderOfAnotherNode() throws Exception {
    runs(config().build());
    refused(config().nodeId(2).build(), StartFailure.LOG_NOT_USABLE, "belongs to node 1");
  }

  @Test
  void theFolderOfAnotherCluster() throws Exception {
    try (BalsaNode node = BalsaNode.start(config().build())) {
      assertThat(node.awaitLeading(Duration.ofSeconds(60))).isTrue();
      node.session("app").execute("CREATE TABLE t(id)");
    }
    UUID other = UUID.fromString("0c3f7a52-8f0e-4d1b-9a55-2f6f0f3f9b11");
    refused(
        config().clusterId(other).build(),
        StartFailure.BAD_CONFIGURATION,
        "configured for cluster " + other);
  }

  @Test
  void aLogOfAnUnknownFormatVersion() throws Exception {
    runs(config().build());
    int changed = 0;
    try (Stream<Path> segments = Files.list(folder.resolve("data").resolve("log"))) {
      for (Path segment : segments.filter(Files::isRegularFile).toList()) {
        changed += withFormatVersion(segment, 9) ? 1 : 0;
      }
    }
    assertThat(changed).as("segments changed").isPositive();
    refused(
        config().build(),
        StartFailure.UNKNOWN_LOG_FORMAT,
        "has format version 9",
        "this program supports version 2");
  }

  @Test
  void databasesWhoseLogHasGone() throws Exception {
    BalsaConfig config = config().build();
    try (BalsaNode node = BalsaNode.start(config)) {
      assertThat(node.awaitLeading(Duration.ofSeconds(60))).isTrue();
      node.session("app").execute("CREATE TABLE t(id)");
    }
    try (Stream<Path> log = Files.list(folder.resolve("data").resolve("log"))) {
      for (Path file : log.toList()) {
        Files.delete(file);
      }
    }
    refused(config, StartFailure.RECOVERY_FAILED, "the log beside it is empty");
  }

  /** Rewrites the version in a segment's first record, with a right checksum (RecordFormat). */
  private static boolean withFormatVersion(Path segment, int version) throws Exception {
    byte[] magic = "BLSA-LOG".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(segment)).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 28; at < Math.min(file.limit(), 1 << 20) - 64; at += 4) {
      boolean found = true;
      for (int i = 0; i < magic.length; i++) {
        found &= file.get(at + i) == magic[i];
      }
      if (found) {
        int record = at - 28;
        int length = (28 + file.getInt(record + 4) + 3) & ~3; // padded
        int place = file.getInt(record) ^ checksum(file, record, length);
        file.putInt(at + 8, version);
        file.putInt(record, checksum(file, record, length) ^ place);
        Files.write(segment, file.array());
        return true;
      }
    }
    return false;
  }

  private static int checksum(ByteBuffer file, int record, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(file.duplicate().position(record + 4).limit(record + length));
    return (int) checksum.getValue();
  }
}
