package dev.balsa.raft.log;

import static dev.balsa.raft.log.LogFixture.TINY;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** Random use against a plain list; crashes are in {@link LogCrashModelTest}. */
class LogModelTest {
  @Tag("long")
  @Property(tries = 2000)
  void aLogHoldsWhatAPlainListWouldManyTimes(@ForAll long seed) throws IOException {
    aLogHoldsWhatAPlainListWould(seed);
  }

  @Property(tries = 150)
  void aLogHoldsWhatAPlainListWould(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    try (TemporaryFolder folder = new TemporaryFolder()) {
      LogStoreConfig config = TINY.withFiles(new FastFiles());
      LogHistory history = new LogHistory(random, LogModel.EMPTY);
      ChronicleLogStore log = ChronicleLogStore.open(folder.path(), config);
      try {
        for (int step = 0; step < 16; step++) {
          switch (random.nextInt(8)) {
            case 0 -> {
              log.close();
              log = ChronicleLogStore.open(folder.path(), config);
            }
            default -> history.step(log);
          }
          history.now().assertSameAs(log);
        }
      } finally {
        log.close();
      }
    }
  }

  /** The recording layer: what it has seen forced is enough for everything acknowledged. */
  @Property(tries = 100) // every force opens a log of its own
  void nothingIsAcknowledgedBeforeTheForceThatCoversIt(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    try (TemporaryFolder base = new TemporaryFolder()) {
      Path folder = Files.createDirectory(base.path().resolve("log"));
      CrashDisk disk = CrashDisk.of(folder);
      LogHistory history = new LogHistory(random, LogModel.EMPTY);
      try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(disk))) {
        for (int force = 0; force < 5; force++) {
          for (int i = random.nextInt(6); i >= 0; i--) {
            history.step(log);
          }
          history.force(log);
          Path left = base.path().resolve("forced" + force);
          disk.crashToForced(folder, left);
          try (ChronicleLogStore again =
              ChronicleLogStore.open(left, TINY.withFiles(new FastFiles()))) {
            history.now().assertSameAs(again);
          }
        }
      }
    }
  }

  /** A process that was killed leaves valid records that only the page cache has. */
  @Property(tries = 100) // each opens four logs
  void whatAnOpenedLogHoldsIsDurableEvenIfItWasNeverForcedBefore(@ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    try (TemporaryFolder base = new TemporaryFolder()) {
      Path folder = Files.createDirectory(base.path().resolve("log"));
      CrashDisk disk = CrashDisk.of(folder);
      LogHistory history = new LogHistory(random, LogModel.EMPTY);
      for (int life = 0; life < 2; life++) {
        try (ChronicleLogStore log = ChronicleLogStore.open(folder, TINY.withFiles(disk))) {
          history.now().assertSameAs(log);
          Path left = base.path().resolve("left" + life);
          disk.crashToForced(folder, left);
          try (ChronicleLogStore again =
              ChronicleLogStore.open(left, TINY.withFiles(new FastFiles()))) {
            history.now().assertSameAs(again);
          }
          for (int i = random.nextInt(6); i >= 0; i--) {
            history.step(log);
          }
        }
      }
    }
  }
}
