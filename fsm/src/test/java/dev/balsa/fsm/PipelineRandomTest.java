package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.sqlite.vfs.Publisher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writers of all kinds while Raft commits, refuses, supersedes and elects at random. The seed
 * decides what happens, the threads when.
 */
@Timeout(300)
final class PipelineRandomTest {
  private static final int SEEDS = 12;

  /** A broken engine needs a certain coincidence; seldom more than a dozen seeds. */
  private static final int BROKEN_SEEDS_MAX = 150;

  private static final int STEPS = 120;

  @TempDir Path folder;

  /** How many of what happened, over all seeds: none may be missing. */
  private final Map<String, Integer> totals = new HashMap<>();

  private void count(String what) {
    totals.merge(what, 1, Integer::sum);
  }

  @Test
  void nobodyIsToldAnythingFalseAndReplicasAreIdentical() throws Exception {
    for (long seed = 1; seed <= SEEDS; seed++) {
      try {
        run(seed, EngineDecisions.SOUND);
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    System.out.println("pipeline, random: " + totals);
    assertThat(totals)
        .containsKeys("acknowledged", "not applied", "unknown", "refused", "elected", "superseded");
  }

  private void run(long seed, EngineDecisions decisions) throws Exception {
    Random random = new Random(seed);
    Path place = Files.createTempDirectory(folder, "seed");
    int entryBytesMax = random.nextBoolean() ? 60_000 : 6_000;
    FsmConfig config = new FsmConfig(place.resolve("leader"), 4096, entryBytesMax, "random");
    int capturedBytesMax = random.nextBoolean() ? 4 << 20 : random.nextInt(100_000);
    PipelineLimits limits = new PipelineLimits(1 + random.nextInt(5), 4 << 20, capturedBytesMax);
    try (Writers writers = new Writers(place, config, decisions, limits)) {
      writers.now("CREATE TABLE churn(id INTEGER PRIMARY KEY, v)");
      writers.raft.hold();
      Map<Long, CompletableFuture<ExecuteResult>> inserts = new HashMap<>();
      List<CompletableFuture<?>> others = new ArrayList<>();
      for (int step = 0; step < STEPS; step++) {
        step(random, writers, step, inserts, others);
        letWritersCome(writers);
      }
      settle(writers, others);
      settle(writers, List.copyOf(inserts.values()));
      check(writers, inserts);
      writers.assertReplicasAreIdentical();
    }
  }

  private void assertNoticed(EngineDecisions broken) {
    for (long seed = 1; seed <= BROKEN_SEEDS_MAX; seed++) {
      try {
        run(seed, broken);
      } catch (Exception | AssertionError e) {
        System.out.println("pipeline, random: broken engine noticed with seed " + seed);
        return;
      }
    }
    throw new AssertionError("not noticed with " + BROKEN_SEEDS_MAX + " seeds");
  }

  @Test
  void aMergeThatKeepsTheOlderImageIsNoticed() {
    assertNoticed(
        new EngineDecisions() {
          @Override
          int remaining(int older, int newer) {
            return older;
          }
        });
  }

  @Test
  void aMergeThatKeepsPagesAboveTheFinalSizeIsNoticed() {
    assertNoticed(
        new EngineDecisions() {
          @Override
          boolean remains(int page, int databasePages) {
            return true;
          }
        });
  }

  @Test
  void aDiscardThatForgetsTheCutIsNoticed() {
    assertNoticed(
        new EngineDecisions() {
          @Override
          void discarded(Publisher publisher) {}
        });
  }

  @Test
  void anAnswerBeforeCommitIsNoticed() {
    assertNoticed(
        new EngineDecisions() {
          @Override
          void proposing(Shipment shipment, Publisher publisher) {
            shipment.succeed();
          }
        });
  }

  /**
   * So that steps fall between transactions; for a moment only: they may all be waiting for Raft.
   */
  private static void letWritersCome(Writers writers) {
    long until = System.nanoTime() + 2_000_000;
    while (System.nanoTime() < until && writers.database().slot().waiting() > 2) {
      Thread.onSpinWait();
    }
  }

  private void step(
      Random random,
      Writers writers,
      long step,
      Map<Long, CompletableFuture<ExecuteResult>> inserts,
      List<CompletableFuture<?>> others) {
    HandRaft raft = writers.raft;
    switch (random.nextInt(16)) {
      case 0 -> others.add(writers.later("DELETE FROM churn WHERE random() % 3 = 0"));
      case 1 -> others.add(writers.later("VACUUM"));
      case 2, 3 ->
          others.add(
              writers.later(
                  "INSERT INTO churn(v) VALUES (randomblob(" + random.nextInt(200_000) + "))"));
      case 4 -> others.add(writers.later("UPDATE churn SET v = randomblob(5000)"));
      case 5, 6, 7 -> raft.commitSome(1 + random.nextInt(3));
      case 8 -> {
        if (random.nextInt(3) == 0) {
          raft.refuseOnce(Refusal.OVERLOADED);
          count("refused");
        }
        raft.tellRefusals();
      }
      case 9 -> {
        if (random.nextInt(3) == 0) {
          raft.follow();
          if (random.nextBoolean()) {
            raft.supersede();
            count("superseded");
          }
          raft.lead();
          count("elected");
        }
      }
      default -> {
        int size = random.nextInt(3000);
        inserts.put(
            step,
            writers.later(s -> s.execute("INSERT INTO t VALUES (?, randomblob(?))", step, size)));
      }
    }
  }

  /** Lets everybody be told. */
  private static void settle(Writers writers, List<? extends CompletableFuture<?>> all) {
    Writers.awaitThat(
        () -> {
          writers.raft.tellRefusals();
          writers.raft.commitAll();
          return all.stream().allMatch(CompletableFuture::isDone);
        });
  }

  private void check(Writers writers, Map<Long, CompletableFuture<ExecuteResult>> inserts)
      throws Exception {
    writers.raft.awaitApplied();
    assertThat(writers.raft.failure()).isNull();
    Set<Long> present = new HashSet<>(writers.ids());
    for (Map.Entry<Long, CompletableFuture<ExecuteResult>> insert : inserts.entrySet()) {
      Long id = insert.getKey();
      try {
        insert.getValue().get();
        count("acknowledged");
        assertThat(present).as("acknowledged").contains(id);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof NotAppliedException) {
          count("not applied");
          assertThat(present).as("told not applied: %s", e.getCause()).doesNotContain(id);
        } else {
          count("unknown");
          assertThat(e.getCause()).isInstanceOf(OutcomeUnknownException.class);
        }
      }
    }
  }
}
