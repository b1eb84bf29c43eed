package dev.balsa.jepsen.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsLoopDisks
class LoopDisksTest {
  private static final long BYTES = 16 << 20;

  @TempDir private Path folder;

  @Test
  void aPowerFailureLosesWhatWasNotForcedAndKeepsWhatWas() throws Exception {
    try (LoopDisks disks = LoopDisks.create(folder, 2, BYTES)) {
      for (Path mount : disks.mounts()) {
        forced(mount.resolve("forced"), "kept");
        Files.writeString(mount.resolve("only-written"), "lost");
        try (FileChannel file =
            FileChannel.open(mount.resolve("forced"), StandardOpenOption.APPEND)) {
          file.write(ByteBuffer.wrap("lost".getBytes(StandardCharsets.US_ASCII)));
        }
      }
      disks.cutPower();
      for (Path mount : disks.mounts()) {
        assertThat(failsToWrite(mount.resolve("another"))).isTrue();
      }
      disks.powerUp();
      for (Path mount : disks.mounts()) {
        assertThat(mount.resolve("forced")).hasContent("kept");
        assertThat(mount.resolve("only-written")).doesNotExist();
      }
    }
    assertNothingMounted();
  }

  @Test
  void disksAreUnmountedAlsoWhileAFileIsOpen() throws Exception {
    OutputStream open;
    try (LoopDisks disks = LoopDisks.create(folder, 1, BYTES)) {
      open = Files.newOutputStream(disks.mounts().get(0).resolve("open"));
    }
    try (open) {
      assertNothingMounted();
    }
  }

  private void assertNothingMounted() throws IOException {
    try (Stream<String> mounts = Files.lines(Path.of("/proc/mounts"))) {
      assertThat(mounts.filter(line -> line.contains(folder.toString()))).isEmpty();
    }
  }

  private static void forced(Path file, String text) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
      channel.force(true);
    }
    try (FileChannel channel =
        FileChannel.open(file.toAbsolutePath().resolveSibling("."), StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static boolean failsToWrite(Path file) {
    try {
      forced(file, "lost");
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
