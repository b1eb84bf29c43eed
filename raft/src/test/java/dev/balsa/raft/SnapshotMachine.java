package dev.balsa.raft;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.SnapshotMark;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A state machine that keeps all commands, and takes a snapshot of them now and then. Its {@link
 * Disk} outlives it.
 */
final class SnapshotMachine extends RecordingMachine implements Snapshots {
  /** What is durable. */
  static final class Disk {
    private final TreeMap<Long, byte[]> snapshots = new TreeMap<>();
    private @Nullable SnapshotMark installed;
    private @Nullable SnapshotId arriving;
    private ByteArrayOutputStream part = new ByteArrayOutputStream();
    private final List<SnapshotId> begun = new ArrayList<>();
    private long written;
    private int opened;
    private int open;
    private boolean refusing;

    /** All that ever arrived, in bytes; more than once if it was sent more than once. */
    synchronized long written() {
      return written;
    }

    /** The snapshots that began to arrive. */
    synchronized List<SnapshotId> begun() {
      return List.copyOf(begun);
    }

    synchronized @Nullable SnapshotMark installed() {
      return installed;
    }

    synchronized long bytesOf(long index) {
      byte[] content = snapshots.get(index);
      return content == null ? -1 : content.length;
    }

    /** Sources that are open, and that ever were. */
    synchronized int open() {
      return open;
    }

    synchronized int opened() {
      return opened;
    }

    synchronized void refuse(boolean refuses) {
      refusing = refuses;
    }
  }

  private final Disk disk;
  private final int every;
  private final boolean installsForever;
  private final List<byte[]> commands = new ArrayList<>();
  private @Nullable Progress progress;
  private long applied;

  /**
   * Creates it.
   *
   * @param every so many entries there is a snapshot
   */
  SnapshotMachine(Disk disk, int every) {
    this(disk, every, false);
  }

  private SnapshotMachine(Disk disk, int every, boolean installsForever) {
    this.disk = disk;
    this.every = every;
    this.installsForever = installsForever;
  }

  /** One that never tells that a snapshot is installed, when it is. */
  static SnapshotMachine thatInstallsForever(Disk disk, int every) {
    return new SnapshotMachine(disk, every, true);
  }

  @Override
  public synchronized long start(Progress newProgress) {
    progress = newProgress;
    synchronized (disk) {
      if (!disk.snapshots.isEmpty()) {
        applied = disk.snapshots.lastKey();
        restore(disk.snapshots.lastEntry().getValue());
      }
    }
    return applied;
  }

  @Override
  public synchronized void committed(List<Entry> entries) {
    for (Entry entry : entries) {
      if (entry.index() != applied + 1) {
        throw new AssertionError(entry + " after " + applied);
      }
      applied = entry.index();
      if (entry.type() == EntryType.COMMAND) {
        commands.add(entry.payload());
      }
      tell().applied(applied);
      if (applied % every == 0) {
        synchronized (disk) {
          disk.snapshots.put(applied, content());
        }
        tell().snapshotTaken(applied);
      }
    }
  }

  private Progress tell() {
    Progress to = progress;
    if (to == null) {
      throw new AssertionError("not started");
    }
    return to;
  }

  @Override
  synchronized List<String> commands() {
    return commands.stream()
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8).stripTrailing())
        .toList();
  }

  private byte[] content() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (byte[] command : commands) {
        out.writeInt(command.length);
        out.write(command);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private void restore(byte[] content) {
    commands.clear();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(content))) {
      while (in.available() > 0) {
        commands.add(in.readNBytes(in.readInt()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Snapshots snapshots() {
    return this;
  }

  @Override
  public @Nullable SnapshotMark installed() {
    return disk.installed();
  }

  @Override
  public Source open(long index) throws IOException {
    synchronized (disk) {
      byte[] content = disk.snapshots.get(index);
      if (content == null || disk.refusing) {
        throw new IOException("no snapshot at " + index);
      }
      disk.open++;
      disk.opened++;
      return new Source() {
        @Override
        public Part read(long offset, int bytesMax) {
          int end = (int) Math.min(content.length, offset + bytesMax);
          return new Part(Arrays.copyOfRange(content, (int) offset, end), end == content.length);
        }

        @Override
        public void close() {
          synchronized (disk) {
            disk.open--;
          }
        }
      };
    }
  }

  @Override
  public Sink receive(SnapshotId id, SnapshotMark mark) throws IOException {
    synchronized (disk) {
      if (disk.refusing) {
        throw new IOException("no place for snapshots, for the test");
      }
      if (!id.equals(disk.arriving)) {
        disk.arriving = id;
        disk.part = new ByteArrayOutputStream();
        disk.begun.add(id);
      }
      return new Sink() {
        @Override
        public long offset() {
          synchronized (disk) {
            return disk.part.size();
          }
        }

        @Override
        public void write(byte[] content) {
          synchronized (disk) {
            disk.part.writeBytes(content);
            disk.written += content.length;
          }
        }

        @Override
        public void complete() {}

        @Override
        public void close() {}
      };
    }
  }

  @Override
  public synchronized CompletableFuture<@Nullable Void> install(SnapshotId id, SnapshotMark mark) {
    synchronized (disk) {
      if (!id.equals(disk.arriving)) {
        throw new AssertionError(id + " in place of " + disk.arriving);
      }
      byte[] content = disk.part.toByteArray();
      disk.snapshots.clear();
      disk.snapshots.put(mark.index(), content);
      disk.installed = mark;
      restore(content);
    }
    applied = mark.index();
    return installsForever ? new CompletableFuture<>() : CompletableFuture.completedFuture(null);
  }
}
