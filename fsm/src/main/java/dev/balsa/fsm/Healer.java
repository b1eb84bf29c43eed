package dev.balsa.fsm;

import dev.balsa.fsm.HealingMessage.StateAnswer;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.SideChannel;
import dev.balsa.raft.TransferOutcome;
import dev.balsa.raft.core.Configuration;
import java.io.IOException;
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

  /** So often the pause is doubled. */
  private static final int FAILURES_COUNTED = 6;

  private final DatabaseStateMachine machine;
  private final Catalogue catalogue;
  private final LogStore store;
  private final Replicas replicas;
  private final Damages damages;
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

  Healer(
      DatabaseStateMachine machine,
      Catalogue catalogue,
      LogStore store,
      Replicas replicas,
      Damages damages) {
    this.machine = machine;
    this.catalogue = catalogue;
    this.store = store;
    this.replicas = replicas;
    this.damages = damages;
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
    if (channel != null && !replicas.damaged().isEmpty()) {
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
      for (DamagedDatabase damaged : replicas.damaged()) {
        round(damaged, others);
      }
    } catch (LogStoreException e) { // a damaged database is no reason to end the node
      failures++;
      log.warn("damaged databases could not be healed, which is tried again", e);
    } catch (RuntimeException | Error e) { // a defect, which would come again or do harm
      machine.failAsync(e);
      return;
    }
    if (!ended && !replicas.damaged().isEmpty()) {
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
      log.info(
          "database {} is damaged, and gets a copy of {} bytes at index {} from node {}",
          damaged.name(),
          theirs.bytes(),
          theirs.index(),
          source);
      HealingCopy.Made made =
          new HealingCopy(machine, store, replicas, questions, () -> ended)
              .make(damaged, source, theirs, copy, others);
      if (install(damaged, made.state(), copy, made.through())) {
        log.info("database {} is healed, and served again", damaged.name());
      }
      told.remove(damaged.name());
      failures = 0;
    } catch (IOException | Catalogue.NoRoomException e) {
      failures++;
      if (e instanceof HealingCopy.WrongCopyException) {
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
            installed.complete(damages.healed(damaged, state, copy, through));
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
