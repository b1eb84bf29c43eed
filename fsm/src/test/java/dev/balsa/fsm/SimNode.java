package dev.balsa.fsm;

import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.Message;
import dev.balsa.sqlite.crash.CrashImage;
import dev.balsa.sqlite.crash.Damage;
import dev.balsa.sqlite.crash.DiskTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A node: what survives its crashes, and while it runs its engine. */
final class SimNode {
  private final SimCluster cluster;
  private final CoreConfig config;
  private final SimLog log = new SimLog();
  private Path folder;
  private int life;
  private @Nullable Running running;

  /** After so many operations on its files the power fails; negative for never. */
  private int fuse = -1;

  private @Nullable CommitPipeline pipeline;
  private int inFlight;

  private record Running(
      DiskTrace trace, SimThreads threads, DatabaseStateMachine machine, SimRaft raft) {}

  SimNode(SimCluster cluster, CoreConfig config) {
    this.cluster = cluster;
    this.config = config;
    this.folder = folderOfLife();
    createFolder(folder);
  }

  private static void createFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path folderOfLife() {
    return cluster.root().resolve("node" + id() + "-" + life);
  }

  long id() {
    return config.nodeId();
  }

  /** How often it has been started anew. */
  int life() {
    return life;
  }

  boolean isUp() {
    return running != null;
  }

  private Running running() {
    return Objects.requireNonNull(running);
  }

  DatabaseStateMachine machine() {
    return running().machine();
  }

  SimRaft raft() {
    return running().raft();
  }

  boolean isLeader() {
    return running != null && running.raft().isLeader();
  }

  /** Where its databases are. The power may fail before that folder is durable, too. */
  Path databases() {
    return folder.resolve("databases");
  }

  void receive(long from, Message message) {
    if (running != null) {
      running.raft().input(new Input.Received(from, message));
    }
  }

  // ---- life and death

  void start() {
    if (running != null) {
      return;
    }
    DiskTrace trace;
    try {
      trace = cluster.vfs().record(folder);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    SimThreads threads = new SimThreads(cluster.scheduler(), "node" + id() + "-" + life);
    RecordingFiles files = new RecordingFiles(trace);
    countTorn(Catalogue.open(files, databases()));
    DatabaseStateMachine machine =
        DatabaseStateMachine.recover(
            cluster.config(databases(), threads.toString()),
            log,
            new EngineParts(cluster.decisions(threads), cluster.limits(), files, threads));
    SimRaft raft = new SimRaft(cluster, this, config, log, machine);
    running = new Running(trace, threads, machine, raft);
    cluster.totals().count("starts");
  }

  private void countTorn(Catalogue catalogue) {
    for (DatabaseRecord record : catalogue.state().databases().values()) {
      if (record.begun() > record.index()) {
        cluster.totals().count("torn checkpoints");
      }
    }
  }

  /** The power will fail in the midst of what the node does to its files. */
  void fuse(int operations) {
    fuse = (running == null ? 0 : running.trace().size()) + operations;
  }

  /** After each step of the simulation. */
  void look() {
    Running now = running;
    if (now == null) {
      return;
    }
    if (fuse >= 0 && now.trace().size() >= fuse) {
      crash();
      return;
    }
    CommitPipeline before = pipeline;
    int inFlightBefore = inFlight;
    pipeline = null;
    inFlight = 0;
    for (Replica replica : now.machine().replicas()) {
      if (replica instanceof Database database) {
        WriterView view = database.writer();
        if (view != null && database.name().value().equals(SimCluster.DATABASE)) {
          pipeline = view.pipeline();
          inFlight = pipeline.entriesInFlight();
        }
      } else if (replica instanceof DamagedDatabase damaged) {
        throw new AssertionError("node " + id() + ": " + damaged);
      }
    }
    if (before != null && pipeline != before) {
      cluster.totals().count("writer views ended");
      if (inFlightBefore >= 2) {
        cluster.totals().count("discards with two or more entries in flight");
      }
    }
  }

  /** The power fails, and leaves of files and log what it may. */
  void crash() {
    Running dying = running;
    if (dying == null) {
      return;
    }
    SimScheduler scheduler = cluster.scheduler();
    int operations = dying.trace().size();
    int kept = fuse >= 0 ? Math.min(fuse, operations) : operations;
    fuse = -1;
    running = null;
    pipeline = null;
    inFlight = 0;
    end(dying);
    log.crash(scheduler.draw(4));
    Damage[] damages = Damage.values();
    Damage damage = damages[scheduler.draw(damages.length)];
    life++;
    folder = folderOfLife();
    CrashImage image =
        CrashImage.after(dying.trace(), kept, damage, scheduler.draw(0, Long.MAX_VALUE));
    try {
      image.writeTo(folder);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    cluster.totals().count("crashes");
    cluster.totals().count("crashes " + damage);
    scheduler.happened("crash of " + id() + " after " + kept + " of " + operations + damage);
  }

  /** The power fails, and nobody looks at what is left. */
  void abandon() {
    Running dying = running;
    running = null;
    if (dying != null) {
      end(dying);
    }
  }

  private void end(Running dying) {
    dying.trace().powerOff();
    dying.raft().die();
    dying.threads().kill();
    dying.machine().failed(new IllegalStateException("the power failed"));
    dying.machine().close();
    cluster.vfs().stop(dying.trace());
  }

  /** The node stops in order. */
  void stop() {
    Running stopping = running();
    running = null;
    stopping.raft().die();
    stopping.threads().finish();
    stopping.machine().close();
    cluster.vfs().stop(stopping.trace());
  }

  void failed(Throwable cause) {
    throw new AssertionError("node " + id() + " has failed by itself", cause);
  }

  @Override
  public String toString() {
    Running now = running;
    if (now == null) {
      return "node " + id() + " down";
    }
    return "node "
        + id()
        + " "
        + now.raft().leadership()
        + ", log "
        + now.raft().raft().firstIndex()
        + " to "
        + now.raft().raft().lastIndex()
        + ", committed "
        + now.raft().raft().committedIndex()
        + ", applied "
        + now.machine().appliedIndex()
        + " of "
        + cluster.ledger().last()
        + (now.raft().isIdle() ? "" : ", busy: " + now.raft().waiting())
        + ", "
        + now.machine().databases();
  }
}
