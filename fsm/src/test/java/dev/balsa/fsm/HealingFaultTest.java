package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.fsm.DatabaseStatus.Phase;
import dev.balsa.raft.InvariantViolation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong while a damaged database is healed. */
@Timeout(120)
final class HealingFaultTest {
  @TempDir Path folder;

  /** Files that go wrong where a copy is made, once the test wants it. */
  private static class FailingFiles extends ForwardingFiles {
    volatile @Nullable Throwable whenACopyIsOpened;
    final AtomicInteger copiesOpened = new AtomicInteger();
    volatile boolean loseFolders;
    private volatile boolean renamed;

    @Override
    public void rename(Path from, Path to) throws IOException {
      super.rename(from, to);
      renamed = from.getFileName().toString().startsWith("_heal.");
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
      if (loseFolders && renamed) {
        throw new ForceFailedException(new IOException("the disk lost it"));
      }
      super.forceFolder(folder);
    }

    @Override
    void beforeWrite(FileLayer.File file, long position, ByteBuffer from) throws IOException {}

    @Override
    public File open(Path path) throws IOException {
      if (path.getFileName().toString().equals("_heal.a.db")) {
        copiesOpened.incrementAndGet();
        Throwable failure = whenACopyIsOpened;
        if (failure instanceof Error error) {
          throw error;
        } else if (failure instanceof RuntimeException exception) {
          throw exception;
        } else if (failure instanceof IOException exception) {
          throw exception;
        }
      }
      return super.open(path);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDefectThatShowsWhileHealingEndsTheNode(boolean error) throws Exception {
    FailingFiles files = new FailingFiles();
    Throwable defect =
        error ? new InvariantViolation("broken") : new IllegalStateException("broken");
    try (HealingScene scene = new HealingScene(folder, files).damage()) {
      files.whenACopyIsOpened = defect;
      scene.connect();
      Writers.awaitThat(() -> scene.three.failure() == defect);
      assertThat(files.copiesOpened).hasValue(1);
    }
  }

  @Test
  void aDiskThatRefusesACopyIsAskedAgain() throws Exception {
    FailingFiles files = new FailingFiles();
    try (HealingScene scene = new HealingScene(folder, files).damage()) {
      files.whenACopyIsOpened = new IOException("no room");
      scene.connect();
      Writers.awaitThat(() -> files.copiesOpened.get() > 1);
      assertThat(scene.three.failure()).isNull();
      files.whenACopyIsOpened = null;
      Writers.awaitThat(() -> scene.phase() == Phase.SERVING);
      assertThat(HealingScene.status(scene.three).checksum())
          .isEqualTo(HealingScene.status(scene.one).checksum());
    }
  }

  @Test
  void aCopyWhosePlaceInTheFolderIsNotDurableEndsTheNode() throws Exception {
    FailingFiles files = new FailingFiles();
    try (HealingScene scene = new HealingScene(folder, files).damage()) {
      files.loseFolders = true;
      scene.connect();
      Writers.awaitThat(() -> scene.three.failure() != null);
      assertThat(scene.three.failure())
          .isInstanceOf(BalsaException.class)
          .hasMessageContaining("what is on disk is unknown: the disk lost it");
      assertThat(scene.phase()).isNotEqualTo(Phase.SERVING);
      files.loseFolders = false;
      scene.three.restart(); // on either of the two files
      scene.connect();
      Writers.awaitThat(() -> scene.phase() == Phase.SERVING);
      assertThat(HealingScene.status(scene.three).checksum())
          .isEqualTo(HealingScene.status(scene.one).checksum());
    }
  }
}
