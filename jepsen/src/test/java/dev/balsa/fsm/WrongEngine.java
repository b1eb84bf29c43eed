package dev.balsa.fsm;

import dev.balsa.raft.LogStore;
import dev.balsa.sqlite.vfs.Publisher;

/** Engines of which one decision is wrong, for nodes that the harness must find out. */
public enum WrongEngine {
  /** What is proposed can be read, whether it will be committed or not. */
  SHOWS_WHAT_IS_NOT_COMMITTED(
      new EngineDecisions() {
        @Override
        void proposing(Shipment shipment, Publisher publisher) {
          publisher.publish(shipment.captured());
        }

        @Override
        void publish(Publisher publisher, Shipment shipment) {}
      }),

  /** The index of a checkpoint is recorded durably, and the pages when the system likes to. */
  RECORDS_THE_INDEX_APART_FROM_THE_DATA(
      new EngineDecisions() {
        @Override
        void beforeRecord(Publisher publisher) {}
      }),

  /**
   * A main file that comes with a snapshot is taken for one that has five entries more than it has:
   * they are passed over. Low indexes are left out, since what a database is made with is no
   * snapshot.
   */
  TAKES_SNAPSHOTS_FOR_LATER_ONES(
      new EngineDecisions() {
        @Override
        boolean isIn(long index, long upTo) {
          return index <= (upTo > 100 ? upTo + 5 : upTo);
        }
      });

  @SuppressWarnings("ImmutableEnumChecker") // has no fields
  private final EngineDecisions decisions;

  WrongEngine(EngineDecisions decisions) {
    this.decisions = decisions;
  }

  /** As {@link DatabaseStateMachine#recover(FsmConfig, LogStore)}. */
  public DatabaseStateMachine recover(FsmConfig config, LogStore log) {
    return DatabaseStateMachine.recover(
        config, log, new EngineParts(decisions, PipelineLimits.DEFAULT, FileLayer.SYSTEM));
  }
}
