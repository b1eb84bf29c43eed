package dev.balsa.fsm;

import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.vfs.MainFileReader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers nodes that heal: tells how this node's databases are, and gives copies of main files as
 * they are while checkpoints go on, like {@link OutgoingSnapshot}.
 *
 * <p>States are told by the apply thread; files are read by a thread of its own. Questions above a
 * bound are dropped: they come again.
 */
final class HealingSource implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HealingSource.class);
  private static final int QUESTIONS_MAX = 64;

  private final DatabaseStateMachine machine;
  private final Catalogue catalogue;
  private final Replicas replicas;
  private final Checkpointer checkpointer;
  private final ThreadPoolExecutor thread;

  /** Where parts are read: such memory comes back only when the garbage collector runs. */
  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

  /** The last file that was read, which will be read again most likely. */
  private @Nullable Open open;

  /** Which one that is, or soon will be. Owned by the apply thread. */
  private @Nullable Database opened;

  private record Open(Database database, MainFileReader reader) {}

  HealingSource(
      DatabaseStateMachine machine,
      Catalogue catalogue,
      Replicas replicas,
      Checkpointer checkpointer) {
    this.machine = machine;
    this.replicas = replicas;
    this.catalogue = catalogue;
    this.checkpointer = checkpointer;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(QUESTIONS_MAX),
            task -> {
              Thread made = new Thread(task, "balsa-copies-" + machine.config().name());
              made.setDaemon(true);
              return made;
            });
  }

  /**
   * A question has come.
   *
   * @param answer takes the answer, on whatever thread
   */
  void asked(HealingMessage question, Consumer<HealingMessage> answer) {
    if (question instanceof HealingMessage.StateQuestion state) {
      machine.onApplyThread(() -> answer.accept(answer(state)));
      return;
    }
    try {
      thread.execute(
          () -> {
            HealingMessage made = null;
            try {
              made = answer(question);
            } catch (InterruptedException | ExecutionException e) {
              log.warn("no copy of database {} is given: {}", question.database(), e.getMessage());
            } catch (BalsaException | SqliteException e) {
              log.warn("no copy of database {} is given: {}", question.database(), e.getMessage());
            } catch (RuntimeException | Error e) {
              machine.failAsync(e);
            }
            if (made != null) {
              answer.accept(made);
            }
          });
    } catch (RejectedExecutionException e) {
      log.debug("a question is dropped: {}", e.getMessage());
    }
  }

  /**
   * A database is not served any more: its file, which may be large, is not kept from going. On the
   * apply thread.
   */
  void forget(Database database) {
    if (opened != database) {
      return;
    }
    opened = null;
    try {
      thread.execute(
          () -> {
            Open file = open;
            if (file != null && file.database() == database) {
              close(file);
              open = null;
            }
          });
    } catch (RejectedExecutionException e) {
      log.debug("{} stays open until another question comes", database.name());
    }
  }

  /** On the apply thread. */
  private HealingMessage.StateAnswer answer(HealingMessage.StateQuestion question) {
    Database database = served(question);
    DatabaseRecord record = database == null ? null : record(question);
    List<RecentStates.State> recent =
        database == null ? List.of() : database.recent().latest(HealingMessage.STATES_MAX);
    if (database != null && record != null && record.index() < question.wanted()) {
      checkpointer.urge(database);
    }
    return new HealingMessage.StateAnswer(
        question.number(),
        question.database(),
        question.incarnation(),
        replicas.damaged().size(),
        record,
        recent);
  }

  private @Nullable Database served(HealingMessage question) {
    return replicas.get(question.database()) instanceof Database database
            && !database.isClosed()
            && database.incarnation() == question.incarnation()
        ? database
        : null;
  }

  private @Nullable DatabaseRecord record(HealingMessage question) {
    DatabaseRecord record = catalogue.state().databases().get(question.database());
    return record != null && record.incarnation() == question.incarnation() ? record : null;
  }

  // ---- on the thread of copies

  private HealingMessage answer(HealingMessage question)
      throws InterruptedException, ExecutionException {
    if (question instanceof HealingMessage.PartQuestion part) {
      return new HealingMessage.PartAnswer(
          part.number(), part.database(), part.incarnation(), read(part));
    }
    DatabaseRecord record = record(question);
    long begun = served(question) == null || record == null ? 0 : machine.decisions().begun(record);
    close(open);
    open = null;
    return new HealingMessage.EndAnswer(
        question.number(), question.database(), question.incarnation(), begun);
  }

  private byte[] read(HealingMessage.PartQuestion part)
      throws InterruptedException, ExecutionException {
    Database database = served(part);
    Open file = open;
    if (file == null || file.database() != database) {
      close(file);
      open = null;
      file = database == null ? null : machine.submit(() -> open(database)).get();
      open = file;
    }
    if (file == null) {
      return new byte[0];
    }
    if (buffer.capacity() == 0) {
      buffer = ByteBuffer.allocateDirect(HealingMessage.PART_BYTES_MAX);
    }
    buffer.clear().limit(part.length());
    file.reader().read(part.offset(), buffer);
    byte[] content = new byte[part.length()];
    buffer.flip().get(content);
    return content;
  }

  /** On the apply thread, where it is known whether the database has been closed. */
  private @Nullable Open open(Database database) {
    if (database.isClosed()) {
      return null;
    }
    Path file = machine.config().folder().resolve(database.name().value());
    Open made = new Open(database, MainFileReader.open(file));
    opened = database;
    return made;
  }

  private static void close(@Nullable Open file) {
    if (file != null) {
      file.reader().close();
    }
  }

  /** Waits until the thread has ended; it reads no more. */
  @Override
  public void close() {
    thread.shutdown();
    boolean interrupted = false;
    while (!thread.isTerminated()) {
      try {
        if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
          log.warn("still waiting for a copy to end");
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    close(open); // nobody else uses it any more
    open = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
