package dev.balsa.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BalsaConfigTest {
  private static BalsaConfig.Builder valid() {
    return BalsaConfig.builder().nodeId(1).dataFolder(Path.of("x")).listen("127.0.0.1:7001");
  }

  @Test
  void aNodeWithoutPeersIsAClusterOfOne() {
    BalsaConfig config = valid().build();
    assertThat(config.peers()).isEmpty();
    assertThat(config.clusterId()).isEmpty();
    assertThat(config.statusListen()).isEmpty();
    assertThat(config.addressOf(1)).isEqualTo("127.0.0.1:7001");
    assertThat(config.addressOf(2)).isNull();
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatThrownBy(() -> BalsaConfig.builder().build()).hasMessage("a node needs a node id");
    assertThatThrownBy(() -> BalsaConfig.builder().nodeId(1).build())
        .hasMessage("a node needs a data folder");
    assertThatThrownBy(() -> BalsaConfig.builder().nodeId(1).dataFolder(Path.of("x")).build())
        .hasMessage("a node needs an address to listen at");
  }

  @Test
  void aBuilderThatGoesOnDoesNotChangeWhatItBuilt() {
    BalsaConfig.Builder builder = valid();
    BalsaConfig config = builder.build();
    builder.peer(2, "127.0.0.1:7002");
    assertThat(config.peers()).isEmpty();
  }

  @Test
  void contradictionsAreRefused() {
    assertThatThrownBy(() -> valid().peer(1, "127.0.0.1:7002").build())
        .hasMessage("node 1 is given as its own peer");
    assertThatThrownBy(() -> valid().peer(2, "127.0.0.1:7001").build())
        .hasMessage("nodes 1 and 2 have the same address 127.0.0.1:7001");
    assertThatThrownBy(() -> valid().peer(2, "127.0.0.1:7002").peer(2, "127.0.0.1:7003"))
        .hasMessage("peer 2 is given twice");
    assertThatThrownBy(() -> valid().electionTimeout(Duration.ofMillis(250)).build())
        .hasMessageContaining("less than three heartbeats");
    assertThatThrownBy(() -> valid().listen("127.0.0.1:0")).hasMessageContaining("no port");
    assertThatThrownBy(() -> valid().nodeId(0)).hasMessageContaining("from 1 to 65535, not 0");
  }

  @Test
  void addressesAreReadAsWritten() {
    assertThat(NodeAddress.parse("[::1]:7001")).isEqualTo(new NodeAddress("::1", 7001));
    assertThat(NodeAddress.parse("[::1]:7001")).hasToString("[::1]:7001");
    assertThat(NodeAddress.parse(" db1.example.org:80 ")).hasToString("db1.example.org:80");
    for (String bad :
        new String[] {"", ":1", "host", "host:", "host:x", "host:65536", "::1:7001"}) {
      assertThatThrownBy(() -> NodeAddress.parse(bad))
          .as(bad)
          .hasMessageContaining("'" + bad + "' is not an address");
    }
  }
}
