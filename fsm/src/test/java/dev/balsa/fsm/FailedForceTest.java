package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.vfs.Publisher;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A main file that could not be made durable once is never taken for durable. */
@Timeout(180)
final class FailedForceTest {
  @TempDir Path folder;

  @Test
  void aLaterForceThatSucceedsDoesNotMakeAFailedOneGood() {
    AtomicInteger forces = new AtomicInteger();
    EngineDecisions failsOnce =
        new EngineDecisions() {
          @Override
          void beforeRecord(Publisher publisher) {
            if (forces.getAndIncrement() == 0) {
              throw new SqliteException(ResultCode.IOERR, "the disk lost it");
            }
            super.beforeRecord(publisher);
          }
        };
    CheckpointPolicy eachFrame =
        new CheckpointPolicy(1, 1, 1L << 40, 1_000, 1_000, Duration.ofSeconds(30));
    FsmConfig config = FsmConfig.of(folder.resolve("db"), "f");
    try (Writers writers =
        new Writers(folder, config.withCheckpoints(eachFrame), failsOnce, PipelineLimits.DEFAULT)) {
      Writers.awaitThat(() -> writers.raft.failure() != null);
      Database database = writers.database();
      Catalogue catalogue = Catalogue.open(FileLayer.SYSTEM, folder.resolve("apart"));
      DatabaseRecord before = database.record(database.incarnation());
      catalogue.update(known -> known.with(before));
      forces.set(0);
      try (Checkpointer checkpointer =
          new Checkpointer(writers.raft.machine(), catalogue, index -> {})) {
        database.checkpoints().attempted(0, 0, 0);
        checkpointer.consider(database, 100);
        database.checkpoints().awaitEnd();
        database.checkpoints().attempted(0, 0, 0);
        checkpointer.consider(database, 100);
        database.checkpoints().awaitEnd();
      }
      assertThat(forces).hasValueGreaterThan(1);
      DatabaseRecord after =
          Objects.requireNonNull(catalogue.state().databases().get(database.name()));
      assertThat(after.index()).isEqualTo(before.index());
    }
  }
}
