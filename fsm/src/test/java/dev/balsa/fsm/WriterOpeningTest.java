package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When a writer view cannot be opened. */
@Timeout(180)
final class WriterOpeningTest {
  @TempDir Path folder;

  @Test
  void aWalThatHoldsMoreThanIsPublishedEndsTheNode() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      writers.now("INSERT INTO t VALUES (1, 'x')");
      writers.raft.follow().lead();
      Writers.awaitThat(() -> writers.database().writer() == null);
      Path wal = writers.raft.folder().resolve(Writers.DATABASE + "-wal");
      byte[] frame = new byte[100]; // of this life of the WAL, but of nobody in this process
      System.arraycopy(Files.readAllBytes(wal), 16, frame, 8, 8); // both salts
      Files.write(wal, frame, StandardOpenOption.APPEND);

      assertThatThrownBy(() -> writers.now("INSERT INTO t VALUES (2, 'x')"))
          .isInstanceOf(BalsaException.class)
          .hasMessageContaining("not cut back to what is published");

      assertThat(writers.raft.failure()).hasMessageContaining("not cut back");
      assertThatThrownBy(() -> writers.now("INSERT INTO t VALUES (3, 'x')"))
          .isInstanceOf(BalsaException.class)
          .hasMessageContaining("the node has stopped");
    }
  }
}
