package dev.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterIdFileTest {
  private static final UUID ID = UUID.fromString("0c3f7a52-8f0e-4d1b-9a55-2f6f0f3f9b11");

  @TempDir private Path folder;

  @Test
  void whatIsKeptIsReadAgain() throws IOException {
    Path file = folder.resolve("cluster");
    assertThat(new ClusterIdFile(file).read()).isNull();
    new ClusterIdFile(file).keep(ID);
    assertThat(new ClusterIdFile(file).read()).isEqualTo(ID);
    assertThat(Files.readString(file)).isEqualTo("balsa-cluster " + ID + "\n");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aFileLeftHalfWrittenBesideItIsNoHindrance() throws IOException {
    Path file = folder.resolve("cluster");
    Files.writeString(folder.resolve("cluster.new"), "balsa-clu");
    assertThat(new ClusterIdFile(file).read()).isNull();
    new ClusterIdFile(file).keep(ID);
    assertThat(new ClusterIdFile(file).read()).isEqualTo(ID);
  }

  @Test
  void aDamagedFileIsNotTakenForNone() throws IOException {
    Path file = folder.resolve("cluster");
    for (String content :
        List.of(
            "",
            "balsa-cluster ",
            "balsa-cluster " + ID,
            "balsa-cluster " + ID + "\n\n",
            "balsa-cluster " + ID.toString().replace('-', '_') + "\n",
            "BALSA-cluster " + ID + "\n")) {
      Files.write(file, content.getBytes(StandardCharsets.US_ASCII));
      assertThatThrownBy(() -> new ClusterIdFile(file).read())
          .isInstanceOf(LogStoreException.class)
          .hasMessageContaining("does not hold a cluster's id");
    }
  }

  @Test
  void aFolderThatIsNotThereIsAnError() {
    ClusterIdFile nowhere = new ClusterIdFile(folder.resolve("no").resolve("cluster"));
    assertThatThrownBy(() -> nowhere.keep(ID)).isInstanceOf(LogStoreException.class);
  }
}
