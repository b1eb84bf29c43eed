package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.crash.CrashImage;
import dev.balsa.sqlite.crash.Damage;
import dev.balsa.sqlite.crash.DiskTrace;
import dev.balsa.sqlite.crash.Failure;
import dev.balsa.sqlite.crash.Operation;
import dev.balsa.sqlite.crash.Operation.Kind;
import dev.balsa.sqlite.wal.InvariantViolation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordingFilesTest {
  @TempDir Path folder;
  private DiskTrace trace;
  private RecordingFiles files;

  @BeforeEach
  void begin() throws IOException {
    folder = folder.toRealPath();
    Files.writeString(folder.resolve("old"), "old");
    trace = DiskTrace.start(folder);
    files = new RecordingFiles(trace);
  }

  @Test
  void allThatIsDoneIsInTheTraceInItsOrder() throws IOException {
    doEverything();
    assertThat(trace.operations())
        .extracting(Operation::kind)
        .containsExactly(
            Kind.CREATE_FOLDER,
            Kind.CREATE_FOLDER,
            Kind.CREATE,
            Kind.WRITE,
            Kind.RESIZE,
            Kind.WRITE,
            Kind.SYNC,
            Kind.RENAME,
            Kind.DELETE,
            Kind.SYNC_FOLDER);
    assertThat(trace.isComplete()).isTrue();
    assertThat(Files.readString(folder.resolve("a/b/new"))).isEqualTo("n\0X");
  }

  @Test
  void whatWasForcedIsFoundAfterThePowerFailed() throws IOException {
    doEverything();
    Map<Path, byte[]> left = CrashImage.after(trace, trace.size(), Damage.ALL_LOST, 1).files();
    assertThat(left).containsOnlyKeys(Path.of("old"));
    files.forceFolder(folder.resolve("a"));
    files.forceFolder(folder);
    left = CrashImage.after(trace, trace.size(), Damage.ALL_LOST, 1).files();
    assertThat(left).containsOnlyKeys(Path.of("a/b/new"));
    assertThat(left.get(Path.of("a/b/new"))).containsExactly('n', 0, 'X');
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void eachKindOfOperationCanFail(Kind kind) {
    trace.failOnce(EnumSet.of(kind), 1, Failure.IO_ERROR);
    assertThatThrownBy(this::doEverything)
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("Input/output error");
    assertThat(trace.operations())
        .noneMatch(done -> done.kind() == kind && !(done instanceof Operation.FailedSync));
    assertThat(complete()).isTrue();
  }

  @Test
  void onAFullDiskHalfOfAWriteIsDone() throws IOException {
    trace.failOnce(EnumSet.of(Kind.WRITE), 1, Failure.NO_SPACE);
    try (FileLayer.File file = files.open(folder.resolve("old"))) {
      assertThatThrownBy(() -> file.write(3, bytes("1234")))
          .isInstanceOf(IOException.class)
          .hasMessageEndingWith("No space left on device");
    }
    assertThat(Files.readString(folder.resolve("old"))).isEqualTo("old12");
    assertThat(complete()).isTrue();
  }

  @Test
  void sharedMemoryIsDeletedAndNotRecorded() throws IOException {
    Path index = folder.resolve("db-shm");
    Files.writeString(index, "index");
    files.delete(index);
    files.delete(folder.resolve("missing"));
    assertThat(Files.exists(index)).isFalse();
    assertThat(trace.operations()).isEmpty();
  }

  @Test
  void whatCouldNotBeRecordedIsRefused(@TempDir Path elsewhere) throws IOException {
    assertThatThrownBy(() -> files.open(elsewhere.resolve("x")))
        .isInstanceOf(InvariantViolation.class);
    Files.delete(folder.resolve("old"));
    assertThatThrownBy(() -> files.open(folder.resolve("old")))
        .isInstanceOf(InvariantViolation.class);
  }

  private void doEverything() throws IOException {
    files.createFolder(folder.resolve("a/b"));
    Path staged = folder.resolve("a/b/staged");
    try (FileLayer.File file = files.open(staged)) {
      file.write(0, bytes("new"));
      file.resize(1);
      file.write(2, bytes("X"));
      file.force();
    }
    files.rename(staged, folder.resolve("a/b/new"));
    files.delete(folder.resolve("old"));
    files.forceFolder(folder.resolve("a/b"));
  }

  private boolean complete() {
    try {
      return trace.isComplete();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }
}
