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

  /** Who receives a snapshot is not told what was checkpointed while it was sent. */
  SENDS_SNAPSHOTS_WITHOUT_THEIR_TAIL(
      new EngineDecisions() {
        @Override
        long begun(DatabaseRecord atTheEndOfTheCopy) {
          return atTheEndOfTheCopy.index();
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
