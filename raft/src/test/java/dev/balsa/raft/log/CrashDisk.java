package dev.balsa.raft.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Knows what a power cut would leave of one folder. Content is durable as of a file's last force,
 * or where that was of a range, of the last one there; names as of the folder's last force. Of what
 * came later, anything may have reached the disk. It can also cut the power itself, at the n-th
 * operation: that one, and all after it, fail.
 */
final class CrashDisk extends FastFiles {
  private static final int SECTOR_BYTES = 512;

  /** Names as of the folder's last force, and after each change since. */
  private final List<Map<String, Inode>> names = new ArrayList<>();

  private final List<String> operations = new ArrayList<>();
  private int operationsLeft = Integer.MAX_VALUE;

  private static final class Inode {
    private byte[] durable = new byte[0];
  }

  CrashDisk() {
    names.add(new TreeMap<>());
  }

  /** A disk whose folder holds files already, all of them durable. */
  static CrashDisk of(Path folder) throws IOException {
    CrashDisk disk = new CrashDisk();
    try (var files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Inode inode = new Inode();
        inode.durable = Files.readAllBytes(file);
        disk.names.get(0).put(file.getFileName().toString(), inode);
      }
    }
    return disk;
  }

  /** Lets that many operations succeed, and cuts the power at the next. */
  synchronized void cutPowerAfter(int operationCount) {
    operationsLeft = operationCount;
  }

  synchronized boolean isPowerCut() {
    return operationsLeft < 0;
  }

  synchronized List<String> operations() {
    return List.copyOf(operations);
  }

  private void operation(String name, Path file) throws IOException {
    if (operationsLeft < Integer.MAX_VALUE && --operationsLeft < 0) {
      operationsLeft = -1;
      throw new IOException("power cut at " + name + " of " + file.getFileName());
    }
    operations.add(name + " " + file.getFileName());
  }

  private Map<String, Inode> change() {
    Map<String, Inode> next = new TreeMap<>(names.get(names.size() - 1));
    names.add(next);
    return next;
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  @Override
  public synchronized void write(Path file, FileChannel channel, ByteBuffer content, long offset)
      throws IOException {
    if (operationsLeft == 0) { // the middle of it
      super.write(
          file, channel, content.limit(content.position() + content.remaining() / 2), offset);
    }
    operation("write", file);
    super.write(file, channel, content, offset);
  }

  @Override
  public synchronized void force(Path file, FileChannel channel) throws IOException {
    operation("force", file);
    Inode inode = names.get(names.size() - 1).get(name(file));
    if (inode != null) {
      inode.durable = Files.readAllBytes(file);
    }
  }

  /** Not a byte more is durable: stricter than any disk, so that a range a little off shows. */
  @Override
  public synchronized void forceRange(Path file, MappedByteBuffer mapping, int from, int to)
      throws IOException {
    operation("forceRange", file);
    Inode inode = names.get(names.size() - 1).get(name(file));
    if (inode != null) {
      System.arraycopy(Files.readAllBytes(file), from, inode.durable, from, to - from);
    }
  }

  @Override
  public synchronized void forceDirectory(Path folder) throws IOException {
    operation("forceDirectory", folder);
    names.subList(0, names.size() - 1).clear();
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    operation("rename", from);
    super.rename(from, to);
    Map<String, Inode> next = change();
    Inode inode = next.remove(name(from));
    if (inode != null) {
      next.put(name(to), inode);
    }
  }

  @Override
  public synchronized void delete(Path file) throws IOException {
    operation("delete", file);
    super.delete(file);
    change().remove(name(file));
  }

  @Override
  public synchronized void truncate(Path file, long bytes) throws IOException {
    operation("truncate", file);
    super.truncate(file, bytes);
  }

  @Override
  public synchronized void copyPrefix(Path from, Path to, long bytes) throws IOException {
    operation("copyPrefix", to);
    super.copyPrefix(from, to, bytes);
    change().put(name(to), new Inode());
  }

  @Override
  public synchronized void createZeros(Path file, long zeroBytes, long fileBytes)
      throws IOException {
    operation("createZeros", file);
    super.createZeros(file, zeroBytes, fileBytes);
    Inode inode = new Inode();
    inode.durable = new byte[(int) fileBytes];
    change().put(name(file), inode);
  }

  @Override
  public synchronized void zeroAgain(Path file, long zeroBytes) throws IOException {
    if (operationsLeft == 0) { // the middle of it
      super.zeroAgain(file, zeroBytes / 2);
    }
    operation("zeroAgain", file);
    super.zeroAgain(file, zeroBytes);
    Inode inode = names.get(names.size() - 1).get(name(file));
    if (inode != null) {
      inode.durable = Files.readAllBytes(file);
    }
  }

  /** Leaves exactly what was forced. */
  synchronized void crashToForced(Path folder, Path target) throws IOException {
    Files.createDirectories(target);
    for (Map.Entry<String, Inode> file : names.get(0).entrySet()) {
      Files.write(target.resolve(file.getKey()), file.getValue().durable);
    }
  }

  /** What becomes of that which was not forced. */
  enum Damage {
    /** Nothing of it is there. */
    LOST,
    /** All of it is there: the process alone was killed. */
    KEPT,
    /** Written in order, up to some sector. */
    TORN_AT_A_SECTOR,
    /** Written in order, up to some byte. */
    TORN_IN_A_RECORD,
    /** Some sectors were written, in no order. */
    SECTORS_REORDERED,
    /** Where sectors were not written, there are zeros. */
    ZEROS,
    /** Where sectors were not written, there is anything. */
    GARBAGE,
    /** Where sectors were not written, there is what another file had at that place. */
    STALE,
    /** All content is there, but of the names only those that were forced. */
    NAMES_LOST,
    /** Of the creations, renamings and deletions some have happened, in no order. */
    NAMES_REORDERED
  }

  /** Leaves what was forced, and of what came later whatever chance wants. */
  synchronized void crash(Path folder, Path target, Random random) throws IOException {
    Damage[] kinds = Damage.values();
    crash(folder, target, kinds[random.nextInt(kinds.length)], random);
  }

  /** Leaves what was forced, and of what came later what a kind of damage leaves. */
  synchronized void crash(Path folder, Path target, Damage damage, Random random)
      throws IOException {
    Files.createDirectories(target);
    Map<String, Inode> current = names.get(names.size() - 1);
    byte[] other = new byte[0];
    for (Map.Entry<String, Inode> file : survivingNames(damage, random).entrySet()) {
      byte[] durable = file.getValue().durable;
      byte[] now = durable;
      for (Map.Entry<String, Inode> named : current.entrySet()) {
        Path path = folder.resolve(named.getKey());
        if (named.getValue() == file.getValue() && Files.exists(path)) {
          now = Files.readAllBytes(path);
        }
      }
      Files.write(target.resolve(file.getKey()), tear(durable, now, other, damage, random));
      other = durable;
    }
  }

  private Map<String, Inode> survivingNames(Damage damage, Random random) {
    Map<String, Inode> forced = names.get(0);
    return switch (damage) {
      case KEPT -> names.get(names.size() - 1);
      case LOST, NAMES_LOST -> forced;
      case NAMES_REORDERED -> {
        Map<String, Inode> mixed = new TreeMap<>(forced);
        for (int i = 1; i < names.size(); i++) {
          if (random.nextBoolean()) {
            applyChange(names.get(i - 1), names.get(i), mixed);
          }
        }
        yield mixed;
      }
      default -> names.get(random.nextInt(names.size()));
    };
  }

  private static void applyChange(
      Map<String, Inode> before, Map<String, Inode> after, Map<String, Inode> names) {
    for (String name : before.keySet()) {
      if (!after.containsKey(name)) {
        names.remove(name);
      }
    }
    after.forEach(
        (name, inode) -> {
          if (before.get(name) != inode) {
            names.values().remove(inode); // a renaming is atomic: never two names
            names.put(name, inode);
          }
        });
  }

  private static byte[] tear(
      byte[] durable, byte[] now, byte[] other, Damage damage, Random random) {
    if (damage == Damage.LOST) {
      return durable;
    }
    if (damage == Damage.KEPT || damage == Damage.NAMES_LOST || damage == Damage.NAMES_REORDERED) {
      return now;
    }
    byte[] result = Arrays.copyOf(durable, random.nextBoolean() ? now.length : durable.length);
    List<Integer> changed = new ArrayList<>();
    for (int at = 0; at < result.length; at += SECTOR_BYTES) {
      int end = Math.min(at + SECTOR_BYTES, Math.min(result.length, now.length));
      if (end > at && !Arrays.equals(result, at, end, now, at, end)) {
        changed.add(at);
      }
    }
    int kept = changed.isEmpty() ? 0 : random.nextInt(changed.size() + 1);
    for (int i = 0; i < changed.size(); i++) {
      int at = changed.get(i);
      int end = Math.min(at + SECTOR_BYTES, Math.min(result.length, now.length));
      boolean written =
          switch (damage) {
            case TORN_AT_A_SECTOR, TORN_IN_A_RECORD -> i < kept;
            default -> random.nextInt(4) > 0;
          };
      if (written) {
        System.arraycopy(now, at, result, at, end - at);
      } else if (damage == Damage.TORN_IN_A_RECORD && i == kept) {
        System.arraycopy(now, at, result, at, random.nextInt(end - at));
      } else {
        damage(result, now, other, at, end, damage, random);
      }
    }
    return result;
  }

  /** Only where something was being written. */
  private static void damage(
      byte[] result, byte[] now, byte[] other, int from, int end, Damage damage, Random random) {
    for (int i = from; i < end; i++) {
      if (result[i] == now[i]) {
        continue;
      }
      switch (damage) {
        case ZEROS -> result[i] = 0;
        case GARBAGE -> result[i] = (byte) random.nextInt(256);
        case STALE -> result[i] = i < other.length ? other[i] : result[i];
        default -> {}
      }
    }
  }
}
