package dev.balsa.raft.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.FileDeletion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SystemFilesTest {
  @TempDir Path folder;

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "needs names that go before their files")
  void aDeletedSegmentIsNotWaitedForButByWhoWantsItsSpace() throws IOException {
    List<Runnable> later = new ArrayList<>();
    List<String> order = new ArrayList<>();
    FileLayer files =
        new SystemFiles(
            new FileDeletion(
                task -> {
                  later.add(task);
                  if (later.size() == 2) { // who waits
                    later.forEach(Runnable::run);
                    order.add("given back");
                  }
                }));
    Path segment = Files.write(folder.resolve("segment"), new byte[1 << 20]);
    files.delete(segment);
    assertThat(segment).doesNotExist();
    assertThat(later).hasSize(1);
    files.awaitDeleted();
    assertThat(order).containsExactly("given back");
  }
}
