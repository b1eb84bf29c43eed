package dev.balsa.sqlite.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * A folder as it may be found after the power failed. The same disk, damage and seed give the same
 * image.
 */
public final class CrashImage {
  private static final String WAL = "-wal";
  private static final int SHARED_MEMORY_BYTES = 32 * 1024;

  private final TreeMap<Path, byte[]> files = new TreeMap<>();
  private final TreeSet<Path> folders = new TreeSet<>();

  private CrashImage() {}

  /** What may be found of a disk. */
  public static CrashImage of(Disk disk, Damage damage, long seed) {
    CrashImage image = new CrashImage();
    new Maker(image, damage, new SplittableRandom(seed)).make(disk);
    return image;
  }

  /** What may be found if the power fails right after the k-th operation of a trace. */
  public static CrashImage after(DiskTrace trace, int k, Damage damage, long seed) {
    return of(Disk.after(trace, k), damage, seed);
  }

  /** The files, by name. */
  public Map<Path, byte[]> files() {
    return Collections.unmodifiableMap(files);
  }

  Map<Path, byte[]> filesWithoutSharedMemory() {
    Map<Path, byte[]> others = new TreeMap<>(files);
    others.keySet().removeIf(DiskTrace::isSharedMemory);
    return others;
  }

  /** The folders, by name; each comes before what it holds. */
  public List<Path> folders() {
    return List.copyOf(folders);
  }

  /** Whether another image has the same folders and files, but for shared memory. */
  public boolean sameAs(CrashImage other) {
    Map<Path, byte[]> ours = filesWithoutSharedMemory();
    Map<Path, byte[]> theirs = other.filesWithoutSharedMemory();
    return folders.equals(other.folders)
        && ours.keySet().equals(theirs.keySet())
        && ours.keySet().stream().allMatch(name -> Arrays.equals(ours.get(name), theirs.get(name)));
  }

  /** Makes a folder hold this, and nothing else. Nobody may have a file of it open. */
  public void writeTo(Path folder) throws IOException {
    if (Files.exists(folder)) {
      List<Path> old;
      try (Stream<Path> walk = Files.walk(folder)) {
        old = walk.sorted(Comparator.reverseOrder()).filter(path -> !path.equals(folder)).toList();
      }
      for (Path path : old) {
        Files.delete(path);
      }
    }
    Files.createDirectories(folder);
    for (Path name : folders) {
      Files.createDirectory(folder.resolve(name.toString()));
    }
    for (Map.Entry<Path, byte[]> file : files.entrySet()) {
      Files.write(folder.resolve(file.getKey().toString()), file.getValue());
    }
  }

  /** Decides about all that is not certain, in an order that is always the same. */
  private static final class Maker {
    private final CrashImage image;
    private final Damage damage;
    private final RandomGenerator random;
    private final IdentityHashMap<DiskFolder.NameChange, Boolean> decisions =
        new IdentityHashMap<>();

    /** A file may be found under two names. */
    private final IdentityHashMap<DiskFile, byte[]> contents = new IdentityHashMap<>();

    Maker(CrashImage image, Damage damage, RandomGenerator random) {
      this.image = image;
      this.damage = damage;
      this.random = random;
    }

    void make(Disk disk) {
      walk(disk.root(), Path.of(""));
      List<Path> wals =
          image.files.keySet().stream().filter(name -> name.toString().endsWith(WAL)).toList();
      for (Path wal : wals) {
        if (damage == Damage.KILLED || random.nextBoolean()) {
          String name = wal.toString();
          byte[] garbage = new byte[SHARED_MEMORY_BYTES];
          random.nextBytes(garbage);
          image.files.put(
              Path.of(name.substring(0, name.length() - WAL.length()) + "-shm"), garbage);
        }
      }
    }

    private void walk(DiskFolder folder, Path name) {
      folder
          .image(change -> decisions.computeIfAbsent(change, key -> damage.names().keeps(random)))
          .forEach(
              (last, node) -> {
                Path path = name.resolve(last);
                if (node instanceof DiskFolder inner) {
                  image.folders.add(path);
                  walk(inner, path);
                } else if (node instanceof DiskFile file) {
                  image.files.put(
                      path,
                      contents.computeIfAbsent(file, key -> key.image(damage.content(), random)));
                }
              });
    }
  }
}
