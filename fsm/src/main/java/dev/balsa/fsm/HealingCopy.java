package dev.balsa.fsm;

import dev.balsa.raft.LogStore;
import dev.balsa.raft.SideChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy of another node's main file, made good: the file as it is, this node's log on it from the
 * other's recorded index on, up to where it may have been checkpointed meanwhile at least; then it
 * is read, and compared with the checksum that the log says. Used by the {@link Healer}'s thread.
 */
final class HealingCopy {
  private static final Logger log = LoggerFactory.getLogger(HealingCopy.class);
  private static final Duration LOG_PATIENCE = Duration.ofSeconds(30);
  private static final long PROGRESS_NANOS = 5_000_000_000L;

  private final DatabaseStateMachine machine;
  private final LogStore store;
  private final Replicas replicas;
  private final Questions questions;
  private final BooleanSupplier ended;

  /** A copy that is here completely is not what the log says. */
  static final class WrongCopyException extends IOException {
    private static final long serialVersionUID = 1L;

    WrongCopyException(String message) {
      super(message);
    }
  }

  /**
   * A good copy.
   *
   * @param state what it holds
   * @param through index of the last entry that is in it
   */
  record Made(DatabaseState state, long through) {}

  /**
   * Nothing is copied yet.
   *
   * @param ended whether the node ends, and nobody needs the copy any more
   */
  HealingCopy(
      DatabaseStateMachine machine,
      LogStore store,
      Replicas replicas,
      Questions questions,
      BooleanSupplier ended) {
    this.machine = machine;
    this.store = store;
    this.replicas = replicas;
    this.questions = questions;
    this.ended = ended;
  }

  /**
   * Makes it, durably.
   *
   * @param theirs what is durable of the source's main file
   * @param to where
   * @throws WrongCopyException if it is not what the log says
   * @throws IOException if it cannot be made at present
   */
  Made make(
      DamagedDatabase damaged, long source, DatabaseRecord theirs, Path to, SideChannel others)
      throws IOException {
    long begun = copy(damaged, source, theirs, to, others);
    try (RecoveringDatabase recovering =
        new RecoveringDatabase(
            machine.files(), theirs.asReceived(begun), machine.decisions(), to)) {
      long through = redo(damaged, recovering, theirs.index());
      if (!recovering.complete(null)) {
        throw new WrongCopyException(
            String.format(
                "with the log it amounts to checksum %016x instead of %016x",
                recovering.found(), recovering.state().checksum().value()));
      }
      DatabaseState state = recovering.state();
      if (state.open() != null) {
        throw new IOException("a large transaction is on its way: tries again after it");
      }
      return new Made(state, through);
    }
  }

  /**
   * Copies a main file, while it is changed.
   *
   * @return up to where it may have been checkpointed meanwhile
   */
  private long copy(
      DamagedDatabase damaged, long source, DatabaseRecord theirs, Path to, SideChannel others)
      throws IOException {
    long told = System.nanoTime();
    try (FileLayer.File file = machine.files().open(to)) {
      file.resize(0);
      long size = theirs.bytes();
      for (long at = 0; at < size; ) {
        long offset = at;
        int length = (int) Math.min(HealingMessage.PART_BYTES_MAX, size - at);
        HealingMessage answer =
            questions.question(
                others,
                source,
                number ->
                    new HealingMessage.PartQuestion(
                        number, damaged.name(), damaged.incarnation(), offset, length));
        if (!(answer instanceof HealingMessage.PartAnswer part)
            || part.content().length != length) {
          throw new IOException("node " + source + " does not serve it any more");
        }
        file.write(at, ByteBuffer.wrap(part.content()));
        at += length;
        if (System.nanoTime() - told > PROGRESS_NANOS) {
          told = System.nanoTime();
          log.info("database {}: {} of {} MiB copied", damaged.name(), at >> 20, size >> 20);
        }
      }
    }
    HealingMessage end =
        questions.question(
            others,
            source,
            number ->
                new HealingMessage.EndQuestion(number, damaged.name(), damaged.incarnation()));
    if (!(end instanceof HealingMessage.EndAnswer answer) || answer.begun() < theirs.index()) {
      throw new IOException("node " + source + " does not serve it any more");
    }
    return answer.begun();
  }

  /**
   * Redoes what this node has applied since, at least to where the copy may have been checkpointed.
   *
   * @return index of the last entry redone
   */
  private long redo(DamagedDatabase damaged, RecoveringDatabase recovering, long from)
      throws IOException {
    long deadline = System.nanoTime() + LOG_PATIENCE.toNanos();
    while (machine.appliedIndex() < recovering.begun()) {
      if (ended.getAsBoolean() || System.nanoTime() > deadline) {
        throw new IOException("this node has not applied the log that far");
      }
      pause();
    }
    LogEntries.Target target =
        new LogEntries.Target() {
          @Override
          public void termBegins(long term) {
            recovering.termBegins(term);
          }

          @Override
          public void commit(long index, Command.Commit commit) throws IOException {
            recovering.redo(index, commit);
          }
        };
    long done = from;
    for (long applied = machine.appliedIndex();
        done < applied && !ended.getAsBoolean();
        applied = machine.appliedIndex()) {
      LogEntries.give(
          (first, last, bytes) -> {
            if (ended.getAsBoolean()) {
              throw new IOException("the node ends");
            }
            return replicas.readLogFor(damaged, store, first, last, bytes);
          },
          recovering.name(),
          done,
          applied,
          target);
      done = applied;
    }
    if (ended.getAsBoolean()) {
      throw new IOException("the node ends");
    }
    return done;
  }

  private void pause() {
    LockSupport.parkNanos(10_000_000); // nobody tells
  }
}
