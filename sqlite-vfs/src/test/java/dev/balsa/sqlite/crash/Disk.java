package dev.balsa.sqlite.crash;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A folder's files, as far as a trace was played: what they are, and what of it is certain. */
public final class Disk {
  private final DiskFolder root = new DiskFolder();
  private final Map<Integer, DiskFile> files = new HashMap<>();

  private Disk() {}

  /** As it was when the recording began: all of that is certain. */
  public static Disk before(DiskTrace trace) {
    Disk disk = new Disk();
    for (Path folder : trace.baseline().folders()) {
      disk.parent(folder).putCertain(last(folder), new DiskFolder());
    }
    trace
        .baseline()
        .files()
        .forEach(
            (name, file) -> {
              DiskFile node = new DiskFile(file.content());
              disk.files.put(file.number(), node);
              disk.parent(name).putCertain(last(name), node);
            });
    return disk;
  }

  /** As it was after the first {@code operations} of a trace. */
  public static Disk after(DiskTrace trace, int operations) {
    Disk disk = before(trace);
    trace.operations().subList(0, operations).forEach(disk::apply);
    return disk;
  }

  /** Plays one more operation. */
  public void apply(Operation operation) {
    if (operation instanceof Operation.CreateFile create) {
      DiskFile file = new DiskFile(new FileBytes(new byte[0]));
      files.put(create.file(), file);
      parent(create.name()).add(last(create.name()), file);
    } else if (operation instanceof Operation.CreateFolder create) {
      parent(create.name()).add(last(create.name()), new DiskFolder());
    } else if (operation instanceof Operation.ContentChange change) {
      file(change.file()).change(change);
    } else if (operation instanceof Operation.Sync sync) {
      file(sync.file()).synced();
    } else if (operation instanceof Operation.FailedSync sync) {
      file(sync.file()).syncFailed();
    } else if (operation instanceof Operation.Rename rename) {
      Path to = rename.to();
      parent(rename.from()).rename(last(rename.from()), parent(to), last(to));
    } else if (operation instanceof Operation.Delete delete) {
      parent(delete.name()).remove(last(delete.name()));
    } else if (operation instanceof Operation.SyncFolder sync) {
      folder(sync.name()).synced();
    }
  }

  /** All files as a process sees them now, by name. */
  public Map<Path, byte[]> files() {
    return CrashImage.of(this, Damage.NOTHING_LOST, 0).filesWithoutSharedMemory();
  }

  DiskFolder root() {
    return root;
  }

  private DiskFile file(int number) {
    DiskFile file = files.get(number);
    if (file == null) {
      throw new IllegalStateException("no file has the number " + number);
    }
    return file;
  }

  private DiskFolder parent(Path name) {
    Path parent = name.getParent();
    return parent == null ? root : folder(parent);
  }

  private DiskFolder folder(Path name) {
    DiskFolder folder = root;
    for (Path part : name) {
      if (!part.toString().isEmpty()) {
        folder = (DiskFolder) folder.get(part.toString());
      }
    }
    return folder;
  }

  private static String last(Path name) {
    return String.valueOf(name.getFileName());
  }
}
