package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.fsm.DatabaseStatus.Phase;
import dev.balsa.raft.InvariantViolation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

    /** While it is closed, whoever makes a copy waits; null if nobody does. */
    volatile @Nullable CountDownLatch gate;

    /** How often a copy's file was opened when that is asked for. */
    volatile int gateFrom;

    final AtomicInteger copiesOpened = new AtomicInteger();
    volatile boolean loseFolders;

    /** As {@link #gate}, where the second part of a copy is written. */
    volatile @Nullable CountDownLatch writeGate;

    volatile boolean writesHeld;
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
    void beforeWrite(FileLayer.File file, long position, ByteBuffer from) {
      CountDownLatch closed = writeGate;
      if (closed != null && position > 0) {
        writesHeld = true;
        awaitUninterruptibly(closed);
      }
    }

    @Override
    public File open(Path path) throws IOException {
      if (path.getFileName().toString().equals("_heal.a.db")) {
        Throwable failure = whenACopyIsOpened;
        boolean behind = copiesOpened.incrementAndGet() >= gateFrom;
        CountDownLatch closed = gate;
        if (closed != null && behind) {
          awaitUninterruptibly(closed);
        }
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

  private static void awaitUninterruptibly(CountDownLatch gate) {
    try {
      if (!gate.await(60, TimeUnit.SECONDS)) {
        throw new AssertionError("the gate stays closed");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
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

  /** The healer was about to read entries that are not there any more. */
  @Test
  void aSnapshotThatReplacesTheLogMeanwhileEndsTheRoundAndNotTheNode() throws Exception {
    FailingFiles files = new FailingFiles();
    try (HealingScene scene = new HealingScene(folder, files).damage()) {
      CountDownLatch gate = new CountDownLatch(1);
      files.gate = gate;
      scene.connect();
      Writers.awaitThat(() -> files.copiesOpened.get() == 1);
      scene.insert(300);
      scene.follow(scene.two);
      Writers.awaitThat(() -> scene.one.snapshotTaken() > scene.three.lastIndex());
      scene.three.install(scene.one);
      files.gate = null;
      gate.countDown();
      scene.follow();
      Writers.awaitThat(() -> scene.phase() == Phase.SERVING);
      Writers.awaitThat(() -> !scene.three.machine().isHealing(new DatabaseName("a.db")));
      assertThat(scene.three.failure()).isNull();
      assertThat(HealingScene.status(scene.three).checksum())
          .isEqualTo(HealingScene.status(scene.one).checksum());
    }
  }

  @Test
  void aDropAndTheLogsEndMeanwhileEndTheRoundAndNotTheNode() throws Exception {
    FailingFiles files = new FailingFiles();
    try (HealingScene scene = new HealingScene(folder, files).damage()) {
      CountDownLatch gate = new CountDownLatch(1);
      files.gate = gate;
      files.gateFrom = 2; // the copy is here, and the log will be redone on it
      scene.connect();
      Writers.awaitThat(() -> files.copiesOpened.get() == 2);
      scene.insert(5);
      scene.one.machine().drop("a.db", Duration.ofSeconds(10));
      scene.follow(scene.three);
      scene.three.begin(scene.three.markAt(scene.three.lastIndex()));
      files.gate = null;
      gate.countDown();
      Writers.awaitThat(() -> !scene.three.machine().isHealing(new DatabaseName("a.db")));
      assertThat(scene.three.failure()).isNull();
    }
  }

  @Test
  void aNodeWhoseCopiesFailStopsAtOnce() throws Exception {
    FailingFiles files = new FailingFiles();
    try (HealingScene scene = new HealingScene(folder, files).damage()) {
      files.whenACopyIsOpened = new IOException("no room");
      scene.connect();
      Writers.awaitThat(() -> files.copiesOpened.get() == 3); // the next one is 8 s away
      long scheduled = System.nanoTime() + Duration.ofMillis(500).toNanos();
      Writers.awaitThat(() -> System.nanoTime() > scheduled);
      long begun = System.nanoTime();
      scene.three.stop();
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(4));
    }
  }

  @Test
  void aRoundThatIsWantedNowDoesNotWaitForTheNextTry() throws Exception {
    FailingFiles files = new FailingFiles();
    try (HealingScene scene = new HealingScene(folder, files).damage()) {
      files.whenACopyIsOpened = new IOException("no room");
      scene.connect();
      Writers.awaitThat(() -> files.copiesOpened.get() == 3); // the next one is 8 s away
      CountDownLatch gate = new CountDownLatch(1);
      files.gate = gate;
      long begun = System.nanoTime();
      scene.connect(); // wakes the healer, and again while it is at it
      Writers.awaitThat(() -> files.copiesOpened.get() == 4);
      scene.connect();
      files.whenACopyIsOpened = null;
      files.gate = null;
      gate.countDown();
      Writers.awaitThat(() -> scene.phase() == Phase.SERVING);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(6));
    }
  }

  @Test
  void aFileThatWasDroppedIsNotKeptOpenForWhoCopiedIt() throws Exception {
    FailingFiles files = new FailingFiles();
    try (HealingScene scene = new HealingScene(folder, files)) {
      scene.insert(200); // more than one part
      scene.follow();
      scene.damage();
      CountDownLatch gate = new CountDownLatch(1);
      files.writeGate = gate;
      scene.connect();
      Writers.awaitThat(() -> files.writesHeld);
      scene.one.machine().drop("a.db", Duration.ofSeconds(10));
      scene.follow(scene.two);
      Writers.awaitThat(
          () ->
              OpenFiles.in(folder.resolve("n1")).isEmpty()
                  && OpenFiles.in(folder.resolve("n2")).isEmpty());
      scene.mesh.cut(3);
      files.writeGate = null;
      gate.countDown();
    }
  }
}
