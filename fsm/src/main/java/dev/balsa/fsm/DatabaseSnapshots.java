package dev.balsa.fsm;

import dev.balsa.raft.Snapshots;
import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.SnapshotMark;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The databases' main files as Raft's snapshots. What is sent is not a frozen state but the files
 * as they are, while checkpoints go on: with the log after the snapshot's index the receiver makes
 * them good ({@link RecoveringDatabase}).
 */
final class DatabaseSnapshots implements Snapshots {
  private final DatabaseStateMachine machine;
  private final Catalogue catalogue;
  private final Replicas replicas;
  private final LogApplier applier;
  private volatile CompletableFuture<@Nullable Void> installation =
      CompletableFuture.completedFuture(null);

  DatabaseSnapshots(
      DatabaseStateMachine machine, Catalogue catalogue, Replicas replicas, LogApplier applier) {
    this.machine = machine;
    this.catalogue = catalogue;
    this.replicas = replicas;
    this.applier = applier;
  }

  @Override
  public @Nullable SnapshotMark installed() {
    return catalogue.state().installed();
  }

  @Override
  public Source open(long index) throws IOException {
    CatalogueState state = catalogue.state();
    if (state.neededAfter() < index) {
      throw new IOException(
          "the main files are those of index " + state.neededAfter() + ", not of " + index);
    }
    List<DatabaseRecord> records = new ArrayList<>(state.databases().values());
    for (DatabaseRecord record : records) {
      if (!replicas.isServed(record)) {
        throw new IOException("database '" + record.name() + "' is not served on this node");
      }
    }
    return new OutgoingSnapshot(
        machine.config().folder(),
        catalogue,
        machine.decisions(),
        new SnapshotFormat.Head(Math.max(state.through(), state.membersThrough()), records),
        machine.config().activities().begin(Activities.Kind.SNAPSHOT));
  }

  @Override
  public Sink receive(SnapshotId id, SnapshotMark mark) throws IOException {
    if (!installation.isDone()) {
      throw new IOException("the snapshot before it is still being installed");
    }
    return Incoming.receive(
        machine.files(), machine.config().folder(), id, mark, machine.decisions());
  }

  @Override
  public CompletableFuture<@Nullable Void> install(SnapshotId id, SnapshotMark mark) {
    CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    installation = done;
    machine.onApplyThread(
        () -> {
          applier.install(mark);
          done.complete(null);
        });
    return done;
  }
}
