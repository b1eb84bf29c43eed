package dev.balsa.jepsen.durability;

import dev.balsa.raft.log.FileLayer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The system's files, with a record of what a power failure would leave: of each file the content
 * at the beginning of its last force that has returned, with the ranges that were forced since; of
 * each folder the names at its last force. Everything else is taken to be lost, the most that a
 * disk may do.
 *
 * <p>Forces of files can be held back, and let go again. A force that is known to make nothing new
 * durable is not held back: it would only be in the way of what is to come behind it.
 */
final class ForcedFiles implements FileLayer {
  private static final long GUARD_SECONDS = 60;

  private final FileLayer system = FileLayer.system();
  private final boolean honest;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();
  private final Map<Path, Inode> live = new HashMap<>();
  private final Map<Path, Map<String, Inode>> durableFolders = new HashMap<>();
  private boolean held;
  private boolean nothingNew;
  private int waiting;
  private long forces;

  /** A file whatever its name is. Its content is replaced, never changed in place. */
  private static final class Inode {
    private byte[] durable = new byte[0];
  }

  /**
   * Creates the layer.
   *
   * @param honest whether a force of a file does force it; if not, it only says so
   */
  ForcedFiles(boolean honest) {
    this.honest = honest;
  }

  /** From now on no force of a file begins. */
  void hold() {
    locked(() -> held = true);
  }

  /** Lets go on what was held back. */
  void release() {
    locked(
        () -> {
          held = false;
          released.signalAll();
        });
  }

  /** What is forced from now on is durable already, until it is said to be news again. */
  void nothingNew(boolean nothing) {
    locked(() -> nothingNew = nothing);
  }

  /** How many forces are being held back. */
  int waiting() {
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  /** How many forces of files have been done. */
  long forces() {
    lock.lock();
    try {
      return forces;
    } finally {
      lock.unlock();
    }
  }

  /** The files that a power failure at this moment would leave in a folder. */
  Map<String, byte[]> survivors(Path folder) {
    lock.lock();
    try {
      Map<String, byte[]> files = new TreeMap<>();
      durableFolders
          .getOrDefault(folder, Map.of())
          .forEach((name, inode) -> files.put(name, inode.durable));
      return files;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void force(Path file, FileChannel channel) throws IOException {
    awaitReleased();
    if (!honest) {
      return;
    }
    byte[] content = Files.readAllBytes(file);
    system.force(file, channel);
    locked(
        () -> {
          live.computeIfAbsent(file, name -> new Inode()).durable = content;
          forces++;
        });
  }

  @Override
  public void forceRange(Path file, MappedByteBuffer mapping, int from, int to) throws IOException {
    awaitReleased();
    if (!honest) {
      return;
    }
    byte[] content = Files.readAllBytes(file);
    system.forceRange(file, mapping, from, to);
    locked(
        () -> {
          Inode inode = live.computeIfAbsent(file, name -> new Inode());
          byte[] durable = Arrays.copyOf(inode.durable, content.length);
          System.arraycopy(content, from, durable, from, to - from);
          inode.durable = durable;
          forces++;
        });
  }

  private void awaitReleased() {
    lock.lock();
    try {
      if (nothingNew) {
        return;
      }
      waiting++;
      long left = TimeUnit.SECONDS.toNanos(GUARD_SECONDS);
      while (held && left > 0) {
        left = released.awaitNanos(left);
      }
      waiting--;
    } catch (InterruptedException e) {
      throw new UncheckedIOException(new IOException("interrupted while held back", e));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void forceDirectory(Path folder) throws IOException {
    system.forceDirectory(folder);
    locked(
        () -> {
          Map<String, Inode> names = new HashMap<>();
          live.forEach(
              (path, inode) -> {
                if (folder.equals(path.getParent())) {
                  names.put(String.valueOf(path.getFileName()), inode);
                }
              });
          durableFolders.put(folder, names);
        });
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    system.rename(from, to);
    locked(
        () -> {
          Inode moved = live.remove(from);
          live.put(to, moved == null ? new Inode() : moved);
        });
  }

  @Override
  public void delete(Path file) throws IOException {
    system.delete(file);
    locked(() -> live.remove(file));
  }

  @Override
  public void truncate(Path file, long bytes) throws IOException {
    system.truncate(file, bytes); // durable with the file's next force
  }

  @Override
  public void copyPrefix(Path from, Path to, long bytes) throws IOException {
    system.copyPrefix(from, to, bytes);
    locked(() -> live.put(to, new Inode()));
  }

  @Override
  public void createZeros(Path file, long zeroBytes, long fileBytes) throws IOException {
    system.createZeros(file, zeroBytes, fileBytes);
    locked(
        () -> {
          Inode made = new Inode();
          made.durable = new byte[(int) fileBytes];
          live.put(file, made);
        });
  }

  @Override
  public void zeroAgain(Path file, long zeroBytes) throws IOException {
    system.zeroAgain(file, zeroBytes);
    byte[] content = Files.readAllBytes(file);
    locked(() -> live.computeIfAbsent(file, name -> new Inode()).durable = content);
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }
}
