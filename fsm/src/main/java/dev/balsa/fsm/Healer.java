package dev.balsa.fsm;

import dev.balsa.fsm.HealingMessage.StateAnswer;
import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.SideChannel;
import dev.balsa.raft.TransferOutcome;
import dev.balsa.raft.core.Configuration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes damaged databases good again, by copies from other nodes, while the node runs.
 *
 * <p>In rounds, as long as any is damaged: the voters are asked how they are. If this node leads,
 * it lets another lead that is sound. A copy is taken from a node that agrees with a majority
 * ({@link CopyChoice}), if its main file's recorded index is not before the damaged one's: the log
 * after that is still here.
 *
 * <pre>
 *   main file of the other, as it is  ->  _heal.NAME
 *   entries of this node's own log after the other's recorded index, up to where it may have been
 *   checkpointed meanwhile at least, redone on it
 *   read, and compared with the checksum that the log says
 *   on the apply thread: takes the damaged file's place; what was applied since is applied to it
 * </pre>
 *
 * <p>Until that last step nothing of the damaged database has changed, and a restart begins anew.
 * The thread is never interrupted: it reads the log, whose files an interrupt would close.
 */
final class Healer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Healer.class);

  /** How the file that is being made is called. */
  private static final String PREFIX = "_heal.";

  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration TRANSFER_PATIENCE = Duration.ofSeconds(5);
  private static final Duration LOG_PATIENCE = Duration.ofSeconds(30);

  /** So often the pause is doubled. */
  private static final int FAILURES_COUNTED = 6;

  private static final long PROGRESS_NANOS = 5_000_000_000L;

  private final DatabaseStateMachine machine;
  private final Catalogue catalogue;
  private final ScheduledThreadPoolExecutor thread;
  private final Questions questions = new Questions();

  /** What was said of each database, so that it is not said every second. */
  private final Map<DatabaseName, Set<String>> told = new TreeMap<>();

  private final Set<DatabaseName> copying = ConcurrentHashMap.newKeySet();
  private volatile @Nullable SideChannel channel;
  private volatile boolean ended;
  private @Nullable ScheduledFuture<?> due;

  /** For which this node has given its leadership to one that outvoted it. */
  private @Nullable DamagedDatabase yielded;

  /** How often in a row a copy was of no use: a copy is no small thing, to be made every second. */
  private int failures;

  /** Whose copies were not what the log says: another's are tried first. */
  private final Set<Long> avoided = new TreeSet<>();

  /** A copy that is here completely is not what the log says. */
  private static final class WrongCopyException extends IOException {
    private static final long serialVersionUID = 1L;

    WrongCopyException(String message) {
      super(message);
    }
  }

  Healer(DatabaseStateMachine machine, Catalogue catalogue) {
    this.machine = machine;
    this.catalogue = catalogue;
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = new Thread(task, "balsa-heal-" + machine.config().name());
              made.setDaemon(true);
              return made;
            });
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false); // nobody waits for a round
  }

  /** From now on there are others to ask. */
  void connect(SideChannel others) {
    channel = others;
    wake();
  }

  /** Whether a copy of a database is on its way. */
  boolean isCopying(DatabaseName name) {
    return copying.contains(name);
  }

  /** Something is damaged, or this node leads: does a round now. */
  void wake() {
    if (channel != null && !machine.damagedDatabases().isEmpty()) {
      schedule(Duration.ZERO);
    }
  }

  /** One round is due at a time, whoever wants it: the soonest that anybody does. */
  private synchronized void schedule(Duration after) {
    try {
      if (due != null) {
        if (due.getDelay(TimeUnit.MILLISECONDS) <= after.toMillis()) {
          return;
        }
        due.cancel(false);
      }
      due = thread.schedule(this::run, after.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("nothing is healed any more: {}", e.getMessage());
    }
  }

  /** An answer has come. On whatever thread. */
  void answered(long from, HealingMessage answer) {
    questions.answered(from, answer);
  }

  // ---- on the healer's thread

  private void run() {
    synchronized (this) {
      due = null; // who wants one from now on wants another one
    }
    SideChannel others = channel;
    if (ended || others == null) {
      return;
    }
    try {
      for (DamagedDatabase damaged : machine.damagedDatabases()) {
        round(damaged, others);
      }
    } catch (LogStoreException e) { // a damaged database is no reason to end the node
      failures++;
      log.warn("damaged databases could not be healed, which is tried again", e);
    } catch (RuntimeException | Error e) { // a defect, which would come again or do harm
      machine.failAsync(e);
      return;
    }
    if (!ended && !machine.damagedDatabases().isEmpty()) {
      schedule(RETRY.multipliedBy(1L << Math.min(failures, FAILURES_COUNTED)));
    }
  }

  private void round(DamagedDatabase damaged, SideChannel others) {
    Configuration configuration = machine.configuration();
    SortedSet<Long> voters = configuration.voters();
    if (voters.isEmpty()) {
      return; // nobody has told them yet
    }
    if (voters.stream().allMatch(voter -> voter == others.nodeId())) {
      tell(
          damaged,
          "it cannot be healed: there is no other voter to take a copy from. Restore this node's"
              + " data folder as a whole from a backup, or drop the database");
      return;
    }
    DatabaseRecord record = catalogue.state().databases().get(damaged.name());
    if (record == null || record.incarnation() != damaged.incarnation()) {
      return; // dropped, or replaced by a snapshot
    }
    SortedMap<Long, StateAnswer> answers = ask(damaged, record.index(), voters, others);
    giveLeadershipAway(damaged, answers, others);
    Long source = CopyChoice.of(voters, damaged.incarnation(), answers, avoided);
    if (source == null && !avoided.isEmpty()) {
      avoided.clear(); // nobody else: those are tried again
      return;
    }
    if (source == null) {
      tell(
          damaged,
          "it waits for a copy: of the voters "
              + voters
              + " no majority that agrees has answered, but "
              + answers.keySet());
      return;
    }
    DatabaseRecord theirs = Objects.requireNonNull(answers.get(source)).record();
    if (theirs == null || theirs.index() < record.index()) {
      tell(damaged, "it waits for a checkpoint of node " + source);
      return;
    }
    Path copy = machine.config().folder().resolve(PREFIX + damaged.name());
    copying.add(damaged.name());
    try {
      heal(damaged, source, theirs, copy, others);
      told.remove(damaged.name());
      failures = 0;
    } catch (IOException | Catalogue.NoRoomException e) {
      failures++;
      if (e instanceof WrongCopyException) {
        avoided.add(source);
      }
      log.warn(
          "database {} could not be healed by node {}'s copy, which is tried again: {}",
          damaged.name(),
          source,
          e.getMessage());
    } finally {
      copying.remove(damaged.name());
      discard(copy);
    }
  }

  /** Removes what is left of a copy; the next start would do so too. */
  private void discard(Path copy) {
    try {
      machine.files().delete(copy);
    } catch (IOException e) {
      log.warn("{} stays there until the next start: {}", copy, e.getMessage());
    }
  }

  private void tell(DamagedDatabase damaged, String what) {
    if (told.computeIfAbsent(damaged.name(), unknown -> new TreeSet<>()).add(what)) {
      log.warn("database {} is damaged, and {}", damaged.name(), what);
    }
  }

  private SortedMap<Long, StateAnswer> ask(
      DamagedDatabase damaged, long wanted, Set<Long> voters, SideChannel others) {
    Map<Long, CompletableFuture<HealingMessage>> asked = new TreeMap<>();
    for (long voter : voters) {
      if (voter != others.nodeId()) {
        asked.put(
            voter,
            questions.send(
                others,
                voter,
                number ->
                    new HealingMessage.StateQuestion(
                        number, damaged.name(), damaged.incarnation(), wanted, damaged.found())));
      }
    }
    SortedMap<Long, StateAnswer> answers = new ConcurrentSkipListMap<>();
    long deadline = System.nanoTime() + Questions.PATIENCE.toNanos();
    asked.forEach(
        (voter, future) -> {
          try {
            Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            if (questions.await(future, left) instanceof StateAnswer answer) {
              answers.put(voter, answer);
            }
          } catch (IOException e) {
            log.debug("node {} does not tell its state: {}", voter, e.getMessage());
          }
        });
    return answers;
  }

  /** A leader with a damaged database lets a sound node lead, or one of those that outvoted it. */
  private void giveLeadershipAway(
      DamagedDatabase damaged, SortedMap<Long, StateAnswer> answers, SideChannel others) {
    if (!machine.leadershipView().now().isLeader()) {
      return;
    }
    Long target =
        answers.entrySet().stream()
            .filter(each -> each.getValue().damaged() == 0)
            .map(Map.Entry::getKey)
            .findFirst()
            .orElse(null);
    if (target == null && !damaged.overruledBy().isEmpty() && !damaged.equals(yielded)) {
      yielded = damaged; // those have damaged databases too: once, not to and fro
      target = damaged.overruledBy().first();
    }
    if (target == null) {
      tell(damaged, "this node leads all the same, since no node without damage has answered");
      return;
    }
    log.warn(
        "database {} is damaged on this node, which leads: node {} shall lead instead",
        damaged.name(),
        target);
    CompletableFuture<TransferOutcome> outcome = others.transferLeadership(target);
    try {
      log.info("the transfer of leadership: {}", questions.await(outcome, TRANSFER_PATIENCE));
    } catch (IOException e) {
      log.warn("the transfer of leadership to node {}: {}", target, e.getMessage());
    }
  }

  private void heal(
      DamagedDatabase damaged, long source, DatabaseRecord theirs, Path copy, SideChannel others)
      throws IOException {
    FileLayer files = machine.files();
    log.info(
        "database {} is damaged, and gets a copy of {} bytes at index {} from node {}",
        damaged.name(),
        theirs.bytes(),
        theirs.index(),
        source);
    long begun = copy(damaged, source, theirs, copy, others);
    DatabaseState state;
    long through;
    try (RecoveringDatabase recovering =
        new RecoveringDatabase(files, theirs.asReceived(begun), machine.decisions(), copy)) {
      through = redo(damaged, recovering, theirs.index());
      if (!recovering.complete(null)) {
        throw new WrongCopyException(
            String.format(
                "with the log it amounts to checksum %016x instead of %016x",
                recovering.found(), recovering.state().checksum().value()));
      }
      state = recovering.state();
      if (state.open() != null) {
        throw new IOException("a large transaction is on its way: tries again after it");
      }
    }
    if (install(damaged, state, copy, through)) {
      log.info("database {} is healed, and served again", damaged.name());
    }
  }

  /**
   * Lets the apply thread put the copy in its place. Either that happens, or it never will once
   * this has returned: the file's name is used again.
   */
  private boolean install(DamagedDatabase damaged, DatabaseState state, Path copy, long through)
      throws IOException {
    AtomicBoolean begun = new AtomicBoolean();
    CompletableFuture<Boolean> installed = new CompletableFuture<>();
    machine.onApplyThread(
        () -> {
          if (begun.getAndSet(true)) {
            return; // given up
          }
          try {
            installed.complete(machine.healed(damaged, state, copy, through));
          } catch (FileLayer.ForceFailedException e) {
            installed.completeExceptionally(e);
            throw new BalsaException("what is on disk is unknown: " + e.getMessage(), e);
          } catch (IOException | Catalogue.NoRoomException e) {
            installed.completeExceptionally(e);
          } catch (RuntimeException | Error e) {
            installed.completeExceptionally(e);
            throw e; // it ends the node
          }
        });
    while (true) {
      try {
        return installed.get(50, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (ended && !begun.getAndSet(true)) {
          throw new IOException("the node ends", e);
        }
      } catch (InterruptedException e) {
        throw new AssertionError("nobody interrupts this thread", e);
      } catch (ExecutionException e) {
        throw new IOException(e.getCause() == null ? e : e.getCause());
      }
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
      if (ended || System.nanoTime() > deadline) {
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
        done < applied && !ended;
        applied = machine.appliedIndex()) {
      LogEntries.give(
          (first, last, bytes) -> {
            if (ended) {
              throw new IOException("the node ends");
            }
            return machine.readLogFor(damaged, first, last, bytes);
          },
          recovering.name(),
          done,
          applied,
          target);
      done = applied;
    }
    if (ended) {
      throw new IOException("the node ends");
    }
    return done;
  }

  private void pause() {
    LockSupport.parkNanos(10_000_000); // nobody tells
  }

  /** Waits until the thread has ended. */
  @Override
  public void close() {
    ended = true;
    questions.end();
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
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
