package dev.balsa.fsm;

import dev.balsa.raft.Leadership;
import dev.balsa.sqlite.CheckpointResult;
import dev.balsa.sqlite.vfs.Publisher;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Engines that take one decision wrongly: what proves the simulation. */
enum SimBrokenEngine {
  ANSWER_BEFORE_COMMIT(
      1,
      threads ->
          new EngineDecisions() {
            @Override
            void proposing(Shipment shipment, Publisher publisher) {
              shipment.succeed();
            }
          }),

  PUBLISH_BEFORE_COMMIT(
      1,
      threads ->
          new EngineDecisions() {
            @Override
            void proposing(Shipment shipment, Publisher publisher) {
              publisher.publish(shipment.captured());
            }

            @Override
            void publish(Publisher publisher, Shipment shipment) {}
          }),

  END_WITHOUT_PAGES_AT_ONCE(
      1,
      threads ->
          new EngineDecisions() {
            @Override
            boolean waits(boolean undecidedBefore) {
              return false;
            }
          }),

  DISCARD_FORGETS_THE_CUT(
      1,
      threads ->
          new EngineDecisions() {
            @Override
            void discarded(Publisher publisher) {}
          }),

  FRAMES_OF_A_DISCARDED_WRITER(2, threads -> new TrustsDiscarded()),

  WRITER_KEPT_OVER_AN_ELECTION(
      12,
      threads ->
          new EngineDecisions() {
            @Override
            boolean endsViews(Leadership before, Leadership now) {
              return false;
            }

            @Override
            boolean endsView(Shipment refused) {
              return false;
            }
          }),

  BASE_MIXED_AFTER_A_REFUSAL(
      1,
      threads ->
          new EngineDecisions() {
            @Override
            boolean endsView(Shipment refused) {
              return false;
            }

            @Override
            EntryId predecessor(EntryId shippedBefore, EntryId applied) {
              return applied;
            }

            @Override
            PageHashes base(ExecutedChecksum executed, DatabaseChecksum published) {
              return published;
            }
          }),

  PUBLICATION_DURING_A_CHECKPOINT(
      1,
      threads ->
          new EngineDecisions() {
            @Override
            CheckpointResult checkpoint(Publisher publisher) {
              threads.applyMeanwhile();
              return publisher.checkpoint();
            }
          }),

  UNFINISHED_CHECKPOINT_COUNTS(
      2,
      threads ->
          new EngineDecisions() {
            @Override
            boolean counts(CheckpointResult result, Publisher publisher) {
              return true;
            }
          }),

  PART_OF_A_DEPOSED_LEADER(
      2,
      threads ->
          new EngineDecisions() {
            @Override
            boolean forgetsParts(EntryId open, long term) {
              return false;
            }

            @Override
            boolean continues(EntryId part, @Nullable EntryId open) {
              return open != null;
            }

            @Override
            boolean refusesPart() {
              return false;
            }
          }),

  MERGE_KEEPS_THE_OLDER_IMAGE(
      1,
      threads ->
          new EngineDecisions() {
            @Override
            int remaining(int older, int newer) {
              return older;
            }
          }),

  MERGE_KEEPS_PAGES_ABOVE_THE_SIZE(
      5,
      threads ->
          new EngineDecisions() {
            @Override
            boolean remains(int page, int databasePages) {
              return true;
            }
          }),

  OPENED_BEFORE_THE_REDO(
      1,
      threads ->
          new EngineDecisions() {
            @Override
            boolean mayOpen(long begun, long applied) {
              return true;
            }
          }),

  SNAPSHOT_WITHOUT_BEGUN(
      4,
      threads ->
          new EngineDecisions() {
            @Override
            long begun(DatabaseRecord atTheEndOfTheCopy) {
              return atTheEndOfTheCopy.index();
            }
          }),

  INDEX_APART_FROM_THE_DATA(
      1,
      threads ->
          new EngineDecisions() {
            @Override
            void beforeRecord(Publisher publisher) {}
          }),

  REDO_OF_AN_OLD_INCARNATION(
      21,
      threads ->
          new EngineDecisions() {
            @Override
            boolean isOf(long incarnation, Command.Commit commit) {
              return true;
            }

            @Override
            boolean isIn(long index, long upTo) {
              return false;
            }
          });

  private final long seed;

  @SuppressWarnings("ImmutableEnumChecker") // a function without state
  private final Function<SimThreads, EngineDecisions> decisions;

  SimBrokenEngine(long seed, Function<SimThreads, EngineDecisions> decisions) {
    this.seed = seed;
    this.decisions = decisions;
  }

  /** The first seed that finds it; another one since, if lives have come to be drawn otherwise. */
  long seed() {
    return seed;
  }

  /** What a node that starts takes. */
  Function<SimThreads, EngineDecisions> decisions() {
    return decisions;
  }

  /**
   * Publishes what is committed by the frames that it once wrote, whether they are there or not.
   */
  private static final class TrustsDiscarded extends EngineDecisions {
    private final Map<EntryId, Shipment> shipped = new HashMap<>();

    @Override
    void proposing(Shipment shipment, Publisher publisher) {
      shipped.put(shipment.id(), shipment);
    }

    @Override
    @Nullable Shipment ownFrames(@Nullable CommitPipeline live, EntryId committed) {
      return shipped.get(committed);
    }

    @Override
    void publish(Publisher publisher, Shipment shipment) {
      try {
        publisher.publish(shipment.captured());
      } catch (RuntimeException e) {
        // Trusts that the frames are there.
      }
    }
  }
}
