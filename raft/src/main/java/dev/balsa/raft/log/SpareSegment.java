package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.LogFullException;
import dev.balsa.raft.LogStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a segment of real zeros ready. A store through a mapping of a sparse file allocates at the
 * time of the store, and where the disk is full that is a SIGBUS and not an error code; in a file
 * of allocated zeros it cannot happen. Besides, {@code fdatasync} of such a file has no metadata to
 * write.
 *
 * <p>The spare is made by a thread of its own, under a temporary name until it is durable, and
 * survives a restart. Where segments are compacted, they are made into spares, as many as the log
 * will need until the next compaction, going by the last ones: to write zeros over what is
 * allocated and in the page cache already takes less than half of what it takes to make a file and
 * to delete another one. The log never takes more space than it did before that compaction. A batch
 * that needs several segments reserves all of them before anything of it is written: so a full disk
 * is found out while there is nothing to undo. Used by the appending thread alone.
 */
final class SpareSegment implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SpareSegment.class);

  /** Not a name that Chronicle knows: we put the file in place ourselves, and see errors. */
  static final String NAME = "spare.zeros";

  static final String TEMPORARY = "spare.zeros.tmp";

  private static final String RETIRED = "spare-retired-";

  private static final String FURTHER = "spare-";

  /** Segments that are kept for later, at most: 512 MiB of the default size. */
  static final int KEPT_MAX = 8;

  /** Below that much free space, in segments, no more than one is kept: others may need it more. */
  static final int ROOMY_SEGMENTS = 32;

  private final Path folder;
  private final LogStoreConfig config;
  private final Deque<Path> ready = new ArrayDeque<>();

  /** What was compacted, not yet zeros again. */
  private final Deque<Path> retired = new ArrayDeque<>();

  /** Names that retired segments have had. */
  private long names;

  /** Spares that were taken since the last compaction. */
  private int taken;

  /** As many as were taken before the last compactions: it falls by one with each. */
  private int takenLately;

  private @Nullable FutureTask<Path> making;
  private @Nullable Thread maker;

  SpareSegment(Path folder, LogStoreConfig config) {
    this.folder = folder;
    this.config = config;
  }

  /** Whether a file is a spare beyond the first, or is to become one: of no use after a restart. */
  static boolean isFurther(Path file) {
    return file.getFileName().toString().startsWith(FURTHER);
  }

  /**
   * Starts to make the next spare, if there is none or a retired segment, and none is being made.
   */
  void prepare() {
    boolean failed = hasFailed();
    if (failed && !retired.isEmpty()) {
      making = null; // for want of room, most likely, and these need none
    }
    if (making == null && (ready.isEmpty() || !retired.isEmpty())) {
      making = start();
    }
  }

  /**
   * Takes what is made by now. What could not be made is left to whoever needs a spare: to be told,
   * or tried once more.
   */
  private boolean hasFailed() {
    FutureTask<Path> task = making;
    if (task == null || !task.isDone()) {
      return false;
    }
    try {
      ready.add(task.get());
      making = null;
      maker = null;
      return false;
    } catch (ExecutionException e) {
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted in a wait for what is done", e);
    }
  }

  /**
   * A segment is superfluous, and its file is as large as a new one's.
   *
   * @return whether it is kept, and no longer there under its name; else it is to be deleted
   */
  boolean retire(Path segment) throws IOException {
    boolean failed = hasFailed();
    int kept = ready.size() + retired.size() + (making == null || failed ? 0 : 1);
    if (kept >= keptMax() || Files.size(segment) != config.fileBytes()) {
      return false;
    }
    names++;
    Path file = folder.resolve(RETIRED + names);
    config.files().rename(segment, file);
    retired.add(file);
    return true;
  }

  /** As many as are taken between compactions, and one; where room is short, one. */
  private int keptMax() throws IOException {
    long roomy = (long) ROOMY_SEGMENTS * config.blockBytes();
    if (config.files().usableBytes(folder) < roomy) {
      return 1;
    }
    return Math.min(Math.max(taken, takenLately - 1) + 1, KEPT_MAX);
  }

  /** A compaction has retired what it could. */
  void compacted() {
    takenLately = Math.min(Math.max(taken, takenLately - 1), KEPT_MAX);
    taken = 0;
    prepare();
  }

  private FutureTask<Path> start() {
    Path file = folder.resolve(NAME);
    for (int i = 2; ready.contains(file); i++) {
      file = folder.resolve(FURTHER + i + ".zeros");
    }
    Path spare = file;
    Path old = retired.poll();
    FutureTask<Path> task = new FutureTask<>(() -> old == null ? make(spare) : remake(old, spare));
    Thread thread = new Thread(task, "balsa-log-spare");
    thread.setDaemon(true);
    maker = thread;
    thread.start();
    return task;
  }

  /**
   * Waits until that many spares are there. What was in the making and failed is tried once more:
   * there may be room by now.
   *
   * @throws LogFullException if there is no room for them; those that are there stay
   * @throws LogStoreException if they cannot be made for another reason
   */
  void reserve(int count) {
    while (ready.size() < count) {
      FutureTask<Path> earlier = making;
      FutureTask<Path> task = earlier == null ? start() : earlier;
      making = task;
      try {
        ready.add(task.get());
      } catch (ExecutionException e) {
        if (earlier == null) {
          throw refusal(e.getCause() == null ? e : e.getCause());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LogStoreException("Interrupted while a log segment was being made", e);
      }
      making = null;
      maker = null;
    }
  }

  private LogStoreException refusal(Throwable cause) {
    making = null;
    maker = null;
    String segment = "another log segment of " + (config.blockBytes() >> 10) + " KiB in " + folder;
    if (cause instanceof NoRoomException) {
      return new LogFullException(
          "There is no room for "
              + segment
              + " ("
              + cause.getMessage()
              + "): free space on that disk; the log goes on by itself then.",
          cause);
    }
    return new LogStoreException(
        "There could not be made " + segment + " (" + cause + "): check the disk.", cause);
  }

  /** Gives a reserved spare a segment's name. The folder is to be forced by the caller. */
  void take(Segment segment) throws IOException {
    Path spare = ready.peek();
    Invariant.check(spare != null, "segment %d without a spare", segment.cycle());
    config.files().rename(spare, segment.file());
    ready.remove();
    taken++;
  }

  private static final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1L;

    NoRoomException(String message, @Nullable IOException cause) {
      super(message, cause);
    }
  }

  private Path make(Path spare) throws IOException {
    if (isGood(spare)) {
      return spare;
    }
    FileLayer files = config.files();
    long needed = config.blockBytes() + 4096L; // and the page that makes the file's size
    Path temporary = folder.resolve(TEMPORARY);
    Files.deleteIfExists(temporary); // of an earlier run: what it takes is wanted
    files.awaitDeleted();
    long usable = files.usableBytes(folder);
    if (usable < needed) {
      throw new NoRoomException(usable + " bytes are free, " + needed + " needed", null);
    }
    try {
      files.createZeros(temporary, config.blockBytes(), config.fileBytes());
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temporary); // gives the space back to those who need it more
      } catch (IOException notDeleted) {
        e.addSuppressed(notDeleted);
      }
      if (isNoRoom(e) || files.usableBytes(folder) < needed) {
        throw new NoRoomException(String.valueOf(e.getMessage()), e);
      }
      throw e;
    }
    files.rename(temporary, spare);
    files.forceDirectory(folder);
    return spare;
  }

  /** Makes a spare of a file that is allocated already. */
  private Path remake(Path old, Path spare) throws IOException {
    FileLayer files = config.files();
    try {
      files.zeroAgain(old, config.blockBytes());
      files.rename(old, spare);
      files.forceDirectory(folder);
      return spare;
    } catch (IOException e) {
      LOG.info("{} cannot be used again, another one is made: {}", old, e.toString());
      Files.deleteIfExists(old);
      return make(spare);
    }
  }

  /** ENOSPC and EDQUOT have no type in Java; in another language the free space must tell. */
  private static boolean isNoRoom(IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left") || message.contains("quota exceeded");
  }

  /** Whether a spare of an earlier run is what it should be: Chronicle will trust what is in it. */
  private boolean isGood(Path spare) throws IOException {
    if (!Files.isRegularFile(spare) || Files.size(spare) != config.fileBytes()) {
      return false;
    }
    byte[] zeros = new byte[1 << 18];
    byte[] read = new byte[zeros.length];
    ByteBuffer buffer = ByteBuffer.wrap(read);
    try (FileChannel channel = FileChannel.open(spare, StandardOpenOption.READ)) {
      for (int got = channel.read(buffer); got >= 0; got = channel.read(buffer.clear())) {
        if (!Arrays.equals(read, 0, got, zeros, 0, got)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Ends the thread. A finished spare stays for the next run. */
  @Override
  public void close() {
    Thread thread = maker;
    if (thread == null) {
      return;
    }
    thread.interrupt(); // closes the channel that it writes to
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
