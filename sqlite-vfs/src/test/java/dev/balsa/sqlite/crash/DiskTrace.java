package dev.balsa.sqlite.crash;

import dev.balsa.sqlite.wal.Invariant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that is done to the files of a folder, in order; operation number k is the k-th of {@link
 * #operations}, from 1. {@code -shm} files are not part of it: nothing that they hold matters after
 * a crash.
 *
 * <p>Whoever does an operation holds this object's monitor meanwhile: it asks {@link #failing},
 * then does it, then says so. So the order here is the order on the disk. Names are given as they
 * are in the file system; they must be in the folder.
 */
public final class DiskTrace {
  /** A file that was there. */
  record BaselineFile(int number, FileBytes content) {}

  /** What was there when the recording began; folders come before what they hold. */
  record Baseline(TreeMap<Path, BaselineFile> files, TreeSet<Path> folders) {}

  /** Which operations are to fail. */
  private record Fault(Set<Operation.Kind> kinds, long first, long last, Failure failure) {}

  private final Path folder;
  private final Baseline baseline;
  private final List<Operation> operations = new ArrayList<>();
  private final Map<Path, Integer> files = new HashMap<>();
  private final Set<Path> folders = new TreeSet<>();
  private int lastFile;

  private @Nullable Fault fault;

  /** Operations that the fault is about, since it was set. */
  private long counted;

  private int faults;
  private boolean powerOff;
  private long lastOperation = Long.MAX_VALUE;
  private @Nullable Throwable broken;

  private DiskTrace(Path folder, Baseline baseline) {
    this.folder = folder;
    this.baseline = baseline;
    baseline.files().forEach((name, file) -> files.put(name, file.number()));
    folders.addAll(baseline.folders());
    lastFile = files.size();
  }

  /**
   * Begins to record; what is in the folder counts as durable. No SQLite in this process may have a
   * file of it open: reading it here would drop the process's locks.
   */
  public static DiskTrace start(Path folder) throws IOException {
    Path real = folder.toRealPath();
    Baseline baseline = new Baseline(new TreeMap<>(), new TreeSet<>());
    List<Path> found;
    try (Stream<Path> walk = Files.walk(real)) {
      found = walk.filter(path -> !path.equals(real) && !isSharedMemory(path)).sorted().toList();
    }
    for (Path path : found) {
      Path name = real.relativize(path);
      if (Files.isDirectory(path)) {
        baseline.folders().add(name);
      } else {
        int number = baseline.files().size() + 1;
        baseline
            .files()
            .put(name, new BaselineFile(number, new FileBytes(Files.readAllBytes(path))));
      }
    }
    return new DiskTrace(real, baseline);
  }

  static boolean isSharedMemory(Path path) {
    return path.toString().endsWith("-shm");
  }

  /** The folder, as a real path. */
  public Path folder() {
    return folder;
  }

  /** Whether a path is in the folder, and of interest. */
  public boolean covers(Path path) {
    return path.startsWith(folder) && !isSharedMemory(path);
  }

  /** All that was done so far. */
  public synchronized List<Operation> operations() {
    if (broken != null) {
      throw new IllegalStateException("not everything was recorded", broken);
    }
    return List.copyOf(operations);
  }

  /** How many operations were done. */
  public synchronized int size() {
    return operations.size();
  }

  /**
   * Whether all that was done to the folder is here: playing it gives what is there. As for {@link
   * #start}, no SQLite in this process may have a file of it open.
   */
  public boolean isComplete() throws IOException {
    CrashImage there = CrashImage.after(start(folder), 0, Damage.NOTHING_LOST, 0);
    return CrashImage.after(this, operations().size(), Damage.NOTHING_LOST, 0).sameAs(there);
  }

  /**
   * What would have been recorded if other things had been done: the test's way to leave a sync out
   * of a program, since none has an effect but here.
   */
  public DiskTrace with(List<Operation> others) {
    DiskTrace changed = new DiskTrace(folder, baseline);
    changed.operations.addAll(others);
    return changed;
  }

  Baseline baseline() {
    return baseline;
  }

  // ---- Faults ----

  /** Lets one operation fail: the {@code nth} from now, from 1, of these kinds. */
  public synchronized void failOnce(Set<Operation.Kind> kinds, long nth, Failure failure) {
    fault = new Fault(Set.copyOf(kinds), nth, nth, failure);
    counted = 0;
  }

  /** As {@link #failOnce}, and all that follow. */
  public synchronized void failFrom(Set<Operation.Kind> kinds, long nth, Failure failure) {
    fault = new Fault(Set.copyOf(kinds), nth, Long.MAX_VALUE, failure);
    counted = 0;
  }

  /** Lets nothing fail any more. */
  public synchronized void failNothing() {
    fault = null;
  }

  /**
   * Lets all that follows fail, unrecorded: what is closed after the power failed in play can do no
   * more harm.
   */
  public synchronized void powerOff() {
    powerOff = true;
  }

  /**
   * The process is as good as killed once so many operations were done: all that it tries then
   * fails, unrecorded, up to {@link #revive}.
   */
  public synchronized void killAfter(int operations) {
    lastOperation = operations;
  }

  /** Another process goes on with what the killed one has left, synced or not. */
  public synchronized void revive() {
    lastOperation = Long.MAX_VALUE;
  }

  private boolean isDead() {
    return powerOff || operations.size() >= lastOperation;
  }

  /** How many operations were made to fail, before the power went off. */
  public synchronized int faults() {
    return faults;
  }

  /** How the operation that is about to be done has to fail, or null. */
  public synchronized @Nullable Failure failing(Operation.Kind kind) {
    if (isDead()) {
      return Failure.IO_ERROR;
    }
    Fault set = fault;
    if (set == null || !set.kinds().contains(kind)) {
      return null;
    }
    counted++;
    if (counted < set.first() || counted > set.last()) {
      return null;
    }
    faults++;
    return set.failure();
  }

  // ---- What was done ----

  /** The number of the file that has this name now; 0 if there is none. */
  public synchronized int file(Path path) {
    return files.getOrDefault(name(path), 0);
  }

  /** Whether there is a folder, or file, of this name. */
  public synchronized boolean exists(Path path) {
    Path name = name(path);
    return files.containsKey(name) || folders.contains(name) || name.toString().isEmpty();
  }

  /** A file was made; answers its number. */
  public synchronized int created(Path path) {
    Path name = name(path);
    Invariant.check(!exists(path), "%s is there already", name);
    lastFile++;
    files.put(name, lastFile);
    operations.add(new Operation.CreateFile(lastFile, name));
    return lastFile;
  }

  /** A folder was made. */
  public synchronized void folderCreated(Path path) {
    Path name = name(path);
    Invariant.check(!exists(path), "%s is there already", name);
    folders.add(name);
    operations.add(new Operation.CreateFolder(name));
  }

  /** A file was written. */
  public synchronized void wrote(int file, long position, byte[] bytes) {
    operations.add(new Operation.Write(file, position, bytes));
  }

  /** A file was cut or made longer. */
  public synchronized void resized(int file, long bytes) {
    operations.add(new Operation.Resize(file, bytes));
  }

  /** A file was synced. */
  public synchronized void synced(int file) {
    operations.add(new Operation.Sync(file));
  }

  /** A file should have been synced; that failed. */
  public synchronized void syncFailed(int file) {
    if (!isDead()) {
      operations.add(new Operation.FailedSync(file));
    }
  }

  /** A file, or a folder with all that it holds, was renamed. */
  public synchronized void renamed(Path from, Path to) {
    Path oldName = name(from);
    Path newName = name(to);
    Invariant.check(exists(from), "%s is not there", oldName);
    files.remove(newName);
    folders.remove(newName);
    Map<Path, Integer> movedFiles = new HashMap<>();
    files.forEach((name, file) -> movedFiles.put(moved(name, oldName, newName), file));
    files.clear();
    files.putAll(movedFiles);
    List<Path> movedFolders = folders.stream().map(f -> moved(f, oldName, newName)).toList();
    folders.clear();
    folders.addAll(movedFolders);
    operations.add(new Operation.Rename(oldName, newName));
  }

  private static Path moved(Path name, Path from, Path to) {
    if (name.equals(from)) {
      return to;
    }
    return name.startsWith(from) ? to.resolve(from.relativize(name)) : name;
  }

  /** A file or an empty folder was deleted. */
  public synchronized void deleted(Path path) {
    Path name = name(path);
    Invariant.check(exists(path), "%s is not there", name);
    files.remove(name);
    folders.remove(name);
    operations.add(new Operation.Delete(name));
  }

  /** A folder was synced. */
  public synchronized void folderSynced(Path path) {
    operations.add(new Operation.SyncFolder(name(path)));
  }

  /** Something could not be recorded: nothing that comes of this trace is to be trusted. */
  public synchronized void broken(Throwable cause) {
    if (broken == null) {
      broken = cause;
    }
  }

  private Path name(Path path) {
    Invariant.check(covers(path), "%s is not in %s", path, folder);
    return folder.relativize(path);
  }
}
