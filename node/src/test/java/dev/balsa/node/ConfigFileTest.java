package dev.balsa.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
  private static final String NEEDED = "node.id=1\ndata.folder=x\nlisten=127.0.0.1:7001\n";

  @TempDir Path folder;

  private ConfigFile read(String text) throws IOException {
    return ConfigFile.read(Files.writeString(folder.resolve("node.properties"), text));
  }

  @Test
  void allKeysAreRead() throws Exception {
    ConfigFile file =
        read(
            NEEDED
                + "peer.2=db2:7001\npeer.3=db3:7001\n"
                + "cluster.id=0c3f7a52-8f0e-4d1b-9a55-2f6f0f3f9b11\n"
                + "status.listen=127.0.0.1:8001\nheartbeat.ms=50\nelection.timeout.ms=400\n"
                + "lease.clock.ratio=1.05\nsqlite.library=system\n");
    BalsaConfig config = file.config();
    assertThat(config.peers()).containsOnlyKeys(2L, 3L);
    assertThat(config.addressOf(3)).isEqualTo("db3:7001");
    assertThat(config.clusterId())
        .map(Object::toString)
        .contains("0c3f7a52-8f0e-4d1b-9a55-2f6f0f3f9b11");
    assertThat(config.statusListen()).map(NodeAddress::port).contains(8001);
    assertThat(config.heartbeat()).isEqualTo(Duration.ofMillis(50));
    assertThat(config.electionTimeout()).isEqualTo(Duration.ofMillis(400));
    assertThat(config.leaseClockRatioMax()).isEqualTo(1.05);
    assertThat(read(NEEDED).config().leaseClockRatioMax()).as("no leases").isZero();
    assertThat(file.sqliteLibrary()).isEqualTo("system");
    assertThat(read(NEEDED + "sqlite.library=bundled").sqliteLibrary()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "node.id=one, node.id: 'one' is not a whole number",
    "node.id=0, node.id: a node id is a number from 1",
    "listen=7001, listen: '7001' is not an address",
    "peer.2=, peer.2: a value is missing",
    "peer.two=h:1, peer.two: 'two' is not a whole number",
    "cluster.id=7, cluster.id: '7' is not a UUID",
    "status.listen=here, status.listen: 'here' is not an address",
    "heartbeat.ms=1, heartbeat.ms: a heartbeat is at least 5 ms",
    "election.timeout.ms=soon, election.timeout.ms: 'soon' is not a whole number",
    "lease.clock.ratio=fast, lease.clock.ratio: 'fast' is not a number",
    "lease.clock.ratio=0.9, lease.clock.ratio: a bound on the ratio of two clocks is from 1",
    "lease.clock.ratio=NaN, lease.clock.ratio: a bound on the ratio of two clocks is from 1",
    "data.dir=x, data.dir: there is no such key",
    "election.timeout.ms=100, the election timeout of 100 ms is less than three heartbeats",
  })
  void whatIsWrongIsSaidWithTheKey(String line, String said) {
    assertThatThrownBy(() -> read(NEEDED + line + "\n"))
        .isInstanceOf(NodeStartException.class)
        .hasMessageContaining("node.properties: " + said)
        .extracting(e -> ((NodeStartException) e).failure())
        .isEqualTo(StartFailure.BAD_CONFIGURATION);
  }

  @ParameterizedTest
  @CsvSource({"node.id", "data.folder", "listen"})
  void whatIsMissingIsSaidWithTheKey(String key) {
    String without = NEEDED.replaceAll("(?m)^" + key + "=.*\n", "");
    assertThatThrownBy(() -> read(without)).hasMessageEndingWith(key + " is missing");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> ConfigFile.read(folder.resolve("none")))
        .isInstanceOf(NodeStartException.class)
        .hasMessageContaining("there is no configuration file");
  }

  @Test
  void theExamplesAreOneClusterOfThree() {
    Set<String> addresses = new HashSet<>();
    for (int id = 1; id <= 3; id++) {
      BalsaConfig config =
          ConfigFile.read(Path.of("../docs/examples/node" + id + ".properties")).config();
      assertThat(config.nodeId()).isEqualTo(id);
      assertThat(config.dataFolder()).hasToString("balsa-data/node" + id);
      addresses.add(config.addressOf(1) + " " + config.addressOf(2) + " " + config.addressOf(3));
    }
    assertThat(addresses).containsExactly("127.0.0.1:7001 127.0.0.1:7002 127.0.0.1:7003");
  }

  @Test
  void exitCodesOfFailuresAreDistinct() {
    Set<Integer> codes = new HashSet<>();
    for (StartFailure failure : StartFailure.values()) {
      assertThat(codes.add(failure.exitCode())).as(failure.name()).isTrue();
    }
  }
}
