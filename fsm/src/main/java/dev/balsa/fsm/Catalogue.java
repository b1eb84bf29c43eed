package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The {@link CatalogueState}, kept durably. Two files take turns: a crash while one is written
 * leaves the other, which holds the state before. Each is
 *
 * <pre>
 *   i64 magic | i32 format version | i64 number of the change | i32 length | state | i32 CRC-32C of all before
 * </pre>
 *
 * <p>Thread-safe. A failed force poisons it: what is on disk is unknown then, and the node must
 * stop. A failed write does not: it leaves the other file as it was, and can be repeated.
 */
final class Catalogue {
  private static final long MAGIC = 0x42414c5341434154L; // "BALSACAT"
  private static final int VERSION = 1;
  private static final int HEAD_BYTES = 8 + 4 + 8 + 4;
  private static final String NAME = "_catalogue.";

  private final FileLayer files;
  private final Path folder;
  private volatile CatalogueState state;
  private long number;
  private boolean poisoned;

  private record Slot(long number, CatalogueState state) {}

  private Catalogue(FileLayer files, Path folder, Slot newest) {
    this.files = files;
    this.folder = folder;
    this.state = newest.state();
    this.number = newest.number();
  }

  /** There was no room for a change; nothing has changed. */
  static final class NoRoomException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoRoomException(Path file, IOException cause) {
      super("cannot write " + file + ": " + cause.getMessage(), cause);
    }
  }

  /**
   * Reads the catalogue of a databases folder, which is made if it is missing. A new one is empty,
   * and nothing is written yet.
   *
   * @throws BalsaException if what is there is of another version, or cannot be read
   */
  static Catalogue open(FileLayer files, Path folder) {
    try {
      files.createFolder(folder);
      Slots slots = slots(files, folder);
      if (slots.unreadable()) {
        throw new BalsaException(
            "the catalogue of the databases is damaged ("
                + String.join("; ", slots.damaged())
                + "): restore it, or replace the node: remove it from the cluster, and add it with an"
                + " empty folder and another id");
      }
      // A process that was killed may have left what is only in the page cache: the other file,
      // which has the state before, must not be written over while this one may still get lost.
      for (Slot slot : slots.valid()) {
        try (FileLayer.File file = files.open(file(folder, slot.number()))) {
          file.force();
        }
      }
      Path above = folder.toAbsolutePath().getParent();
      if (above != null) {
        files.forceFolder(above);
      }
      files.forceFolder(folder);
      return new Catalogue(files, folder, slots.newest());
    } catch (IOException e) {
      throw new BalsaException("cannot read the catalogue in " + folder + ": " + e.getMessage(), e);
    }
  }

  /**
   * The two files as they are found.
   *
   * @param valid those that hold a state
   * @param damaged what is wrong with the others; a crash while one is written leaves that
   */
  private record Slots(List<Slot> valid, List<String> damaged) {
    /** Whether the state is lost. */
    boolean unreadable() {
      return valid.isEmpty() && damaged.size() > 1;
    }

    Slot newest() {
      return valid.stream()
          .max(Comparator.comparingLong(Slot::number))
          .orElse(new Slot(0, CatalogueState.EMPTY));
    }
  }

  /**
   * A catalogue that is looked at.
   *
   * @param state null if it is lost
   * @param damaged what is wrong with either of its files
   */
  record Inspection(@Nullable CatalogueState state, List<String> damaged) {}

  /**
   * Reads a catalogue, and changes nothing.
   *
   * @throws BalsaException if what is there is of another version
   */
  static Inspection inspect(FileLayer files, Path folder) throws IOException {
    Slots slots = slots(files, folder);
    return new Inspection(slots.unreadable() ? null : slots.newest().state(), slots.damaged());
  }

  private static Slots slots(FileLayer files, Path folder) throws IOException {
    List<Slot> valid = new ArrayList<>();
    List<String> damaged = new ArrayList<>();
    for (int slot = 0; slot < 2; slot++) {
      Path file = file(folder, slot);
      if (files.exists(file)) {
        try {
          valid.add(read(files, file));
        } catch (IllegalArgumentException e) {
          damaged.add(file + ": " + e.getMessage());
        }
      }
    }
    return new Slots(valid, damaged);
  }

  /** Whether a file belongs to a catalogue. */
  static boolean isPart(Path file) {
    return file.getFileName().toString().startsWith(NAME);
  }

  private static Path file(Path folder, long number) {
    return folder.resolve(NAME + (number % 2 == 0 ? "a" : "b"));
  }

  private static Slot read(FileLayer files, Path path) throws IOException {
    try (FileLayer.File file = files.open(path)) {
      long size = file.size();
      if (size < HEAD_BYTES + 4 || size > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(size + " bytes long");
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) size);
      file.read(0, bytes);
      bytes.flip();
      if (bytes.getLong() != MAGIC) {
        throw new IllegalArgumentException("no catalogue");
      }
      int version = bytes.getInt();
      long number = bytes.getLong();
      int length = bytes.getInt();
      if (length < 0 || length > size - HEAD_BYTES - 4) {
        throw new IllegalArgumentException("a state of " + length + " bytes");
      }
      if (bytes.getInt(HEAD_BYTES + length) != checksum(bytes.array(), HEAD_BYTES + length)) {
        throw new IllegalArgumentException("its checksum is wrong");
      }
      if (version != VERSION) {
        throw new BalsaException(
            path
                + " is of format version "
                + version
                + ", and this version of Balsa reads version "
                + VERSION
                + ": start the node with the version that wrote it");
      }
      return new Slot(number, CatalogueState.decode(bytes.slice(HEAD_BYTES, length)));
    }
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /**
   * The present state, durable but for a new catalogue's. Waits for no change that is under way.
   */
  CatalogueState state() {
    return state;
  }

  /** Whether anything was ever kept. */
  synchronized boolean isNew() {
    return number == 0;
  }

  /**
   * Changes the state, durably.
   *
   * @throws NoRoomException if it could not be written: nothing has changed
   * @throws BalsaException if it could not be made durable: nothing more can be changed
   */
  synchronized void update(UnaryOperator<CatalogueState> change) {
    Invariant.check(!poisoned, "the catalogue in %s could not be made durable before", folder);
    CatalogueState next = change.apply(state);
    if (next.equals(state) && number > 0) {
      return;
    }
    write(number + 1, next);
    number++;
    state = next;
  }

  private void write(long nextNumber, CatalogueState next) {
    byte[] body = next.encode();
    ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + body.length + 4);
    bytes.putLong(MAGIC).putInt(VERSION).putLong(nextNumber).putInt(body.length).put(body);
    bytes.putInt(checksum(bytes.array(), HEAD_BYTES + body.length)).flip();
    Path path = file(folder, nextNumber);
    boolean fresh = !files.exists(path);
    try (FileLayer.File file = files.open(path)) {
      file.write(0, bytes);
      poisoned = true; // unless all of what follows succeeds
      file.force();
      if (fresh) {
        files.forceFolder(folder);
      }
      poisoned = false;
    } catch (IOException e) {
      if (!poisoned) {
        throw new NoRoomException(path, e);
      }
      throw new BalsaException("cannot make " + path + " durable: " + e.getMessage(), e);
    }
  }
}
