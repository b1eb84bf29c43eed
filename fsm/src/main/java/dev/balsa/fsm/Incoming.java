package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.Snapshots;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.SnapshotMark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A snapshot that arrives, in a folder beside the databases, until it takes their place.
 *
 * <pre>
 *   _incoming/_id         which snapshot it is
 *   _incoming/_head       what databases there are
 *   _incoming/_progress   how much of it is here durably: what a restarted node goes on with
 *   _incoming/NAME        the main files
 *   _incoming/_manifest   the catalogue as it will be; there once all the rest is, durably
 * </pre>
 *
 * <p>The installation begins with the catalogue's durable note that it has begun. Then the main
 * files are renamed into place, and the catalogue takes over the manifest: until then a start
 * repeats it, so that a crash leaves either the old state or the new one.
 *
 * <p>Used by the node's snapshot thread, but for {@link #completeInstallation}.
 */
final class Incoming implements Snapshots.Sink {
  private static final Logger log = LoggerFactory.getLogger(Incoming.class);
  private static final String FOLDER = "_incoming";
  private static final String ID = "_id";
  private static final String HEAD = "_head";
  private static final String PROGRESS = "_progress";
  private static final String MANIFEST = "_manifest";

  private static final long PROGRESS_NANOS = 5_000_000_000L;

  private final FileLayer files;
  private final Path folder;
  private final SnapshotMark mark;
  private final long durableEveryBytes;
  private final Filling prefix = new Filling(SnapshotFormat.PREFIX_BYTES);
  private @Nullable Filling head;
  private List<DatabaseRecord> records = List.of();
  private long membersThrough;
  private @Nullable Filling tail;

  /** Where each main file begins, and the tail. */
  private long[] starts = new long[0];

  private long offset;
  private long durable;
  private int writing = -1;
  private FileLayer.@Nullable File file;
  private long toldNanos = System.nanoTime();

  /** Bytes of which it is known how many there will be. */
  private static final class Filling {
    private final byte[] bytes;
    private int filled;

    Filling(int length) {
      bytes = new byte[length];
    }

    void take(ByteBuffer from) {
      int length = Math.min(from.remaining(), bytes.length - filled);
      from.get(bytes, filled, length);
      filled += length;
    }

    boolean isFull() {
      return filled == bytes.length;
    }
  }

  private Incoming(FileLayer files, Path folder, SnapshotMark mark, long durableEveryBytes) {
    this.files = files;
    this.folder = folder;
    this.mark = mark;
    this.durableEveryBytes = durableEveryBytes;
  }

  /** Whether a file of the databases' folder belongs here. */
  static boolean isPart(Path file) {
    return file.getFileName().toString().equals(FOLDER);
  }

  /** Begins to receive a snapshot, or goes on with it. */
  static Incoming receive(
      FileLayer files, Path databases, SnapshotId id, SnapshotMark mark, EngineDecisions decisions)
      throws IOException {
    Path folder = databases.resolve(FOLDER);
    Incoming incoming = new Incoming(files, folder, mark, decisions.receivedDurablyBytes());
    byte[] identity = identity(id, mark);
    Path idFile = folder.resolve(ID);
    if (files.exists(idFile) && java.util.Arrays.equals(read(files, idFile), identity)) {
      incoming.resume();
    } else {
      clear(files, folder);
      files.createFolder(folder);
      files.forceFolder(folder); // nothing of another snapshot may come back under this one's name
      write(files, idFile, identity);
      files.forceFolder(folder);
      files.forceFolder(databases);
    }
    return incoming;
  }

  private static byte[] identity(SnapshotId id, SnapshotMark mark) {
    byte[] configuration = ConfigurationCodec.encode(mark.configuration());
    return ByteBuffer.allocate(6 * Long.BYTES + configuration.length)
        .putLong(id.sender())
        .putLong(id.index())
        .putLong(id.term())
        .putLong(id.sequence())
        .putLong(mark.index())
        .putLong(mark.term())
        .put(configuration)
        .array();
  }

  private static void clear(FileLayer files, Path folder) throws IOException {
    for (Path file : files.list(folder)) {
      files.delete(file);
    }
  }

  private static byte[] read(FileLayer files, Path path) throws IOException {
    try (FileLayer.File file = files.open(path)) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
      file.read(0, bytes);
      return bytes.array();
    }
  }

  private static void write(FileLayer files, Path path, byte[] content) throws IOException {
    try (FileLayer.File file = files.open(path)) {
      file.resize(0);
      file.write(0, ByteBuffer.wrap(content));
      file.force();
    }
  }

  private void resume() throws IOException {
    Path headFile = folder.resolve(HEAD);
    Path progressFile = folder.resolve(PROGRESS);
    if (!files.exists(headFile) || !files.exists(progressFile)) {
      return;
    }
    byte[] kept = read(files, progressFile);
    if (kept.length != Long.BYTES + 4
        || SnapshotFormat.checksum(kept, Long.BYTES) != ByteBuffer.wrap(kept).getInt(Long.BYTES)) {
      return; // a crash has torn it: begins anew
    }
    byte[] headBytes = read(files, headFile);
    takeHead(headBytes);
    offset = Math.min(ByteBuffer.wrap(kept).getLong(), starts[records.size()]);
    durable = offset;
  }

  private void takeHead(byte[] bytes) throws IOException {
    SnapshotFormat.Head decoded = SnapshotFormat.decodeHead(bytes);
    records = decoded.records();
    membersThrough = decoded.membersThrough();
    starts = new long[records.size() + 1];
    long at = bytes.length;
    for (int i = 0; i < records.size(); i++) {
      starts[i] = at;
      at += records.get(i).bytes();
    }
    starts[records.size()] = at;
    Filling whole = new Filling(bytes.length);
    whole.take(ByteBuffer.wrap(bytes));
    head = whole;
    tail = new Filling(SnapshotFormat.tailBytes(records.size()));
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public void write(byte[] content) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(content);
    while (in.hasRemaining()) {
      int before = in.remaining();
      take(in);
      offset += before - in.remaining();
    }
    if (offset - durable >= durableEveryBytes) {
      makeDurable();
    }
    long now = System.nanoTime();
    if (now - toldNanos > PROGRESS_NANOS && tail != null) {
      toldNanos = now;
      log.info("snapshot: {} of {} MiB received", offset >> 20, starts[records.size()] >> 20);
    }
  }

  /** Takes some of what is there, at least a byte. */
  private void take(ByteBuffer in) throws IOException {
    Filling filling = head;
    if (filling == null) {
      prefix.take(in);
      if (prefix.isFull()) {
        filling = new Filling(SnapshotFormat.headBytes(ByteBuffer.wrap(prefix.bytes)));
        filling.take(ByteBuffer.wrap(prefix.bytes));
        head = filling;
      }
    } else if (!filling.isFull()) {
      filling.take(in);
      if (filling.isFull()) {
        takeHead(filling.bytes);
        write(files, folder.resolve(HEAD), filling.bytes);
        files.forceFolder(folder);
      }
    } else if (offset < starts[records.size()]) {
      takeFile(in);
    } else {
      Filling end = Objects.requireNonNull(tail);
      if (end.isFull()) {
        throw new IOException("the snapshot goes on after its end");
      }
      end.take(in);
    }
  }

  private void takeFile(ByteBuffer in) throws IOException {
    int index = 0;
    while (starts[index + 1] <= offset) {
      index++;
    }
    FileLayer.File to = file(index);
    int length = (int) Math.min(in.remaining(), starts[index + 1] - offset);
    to.write(offset - starts[index], in.slice().limit(length));
    in.position(in.position() + length);
  }

  private FileLayer.File file(int index) throws IOException {
    FileLayer.File open = file;
    if (open == null || writing != index) {
      closeFile();
      open = files.open(folder.resolve(records.get(index).name().value()));
      file = open;
      writing = index;
    }
    return open;
  }

  private void closeFile() throws IOException {
    FileLayer.File open = file;
    file = null;
    if (open != null) {
      // Closed in any case: a descriptor that is closed some day, when SQLite has the file, would
      // drop its locks.
      try (open) {
        open.force();
      }
    }
  }

  private void makeDurable() throws IOException {
    closeFile();
    files.forceFolder(folder);
    ByteBuffer progress = ByteBuffer.allocate(Long.BYTES + 4).putLong(offset);
    progress.putInt(SnapshotFormat.checksum(progress.array(), Long.BYTES));
    write(files, folder.resolve(PROGRESS), progress.array());
    durable = offset;
  }

  @Override
  public void complete() throws IOException {
    Filling end = tail;
    if (end == null || !end.isFull()) {
      throw new IOException("the snapshot ends before its end, at " + offset);
    }
    List<Long> begun = SnapshotFormat.decodeTail(end.bytes);
    SortedMap<DatabaseName, DatabaseRecord> received = new TreeMap<>();
    for (int i = 0; i < records.size(); i++) {
      DatabaseRecord record = records.get(i);
      received.put(record.name(), record.asReceived(begun.get(i)));
    }
    closeFile();
    byte[] state = CatalogueState.EMPTY.installed(mark, received, membersThrough).encode();
    write(files, folder.resolve(MANIFEST), state);
    files.forceFolder(folder);
  }

  @Override
  public void close() {
    try {
      closeFile();
    } catch (IOException e) {
      log.warn("what has arrived of a snapshot may have to come again: {}", e.getMessage());
    }
  }

  /** The catalogue as it will be once the snapshot that is here completely is installed. */
  static CatalogueState manifest(FileLayer files, Path databases) throws IOException {
    return CatalogueState.decode(
        ByteBuffer.wrap(read(files, databases.resolve(FOLDER).resolve(MANIFEST))));
  }

  /** Where the main file of a database is while a snapshot is being installed. */
  static Path mainFile(FileLayer files, Path databases, DatabaseName name) {
    Path arrived = databases.resolve(FOLDER).resolve(name.value());
    return files.exists(arrived) ? arrived : databases.resolve(name.value());
  }

  /**
   * Completes an installation that the catalogue says has begun, if there is one. SQLite has none
   * of the databases open.
   *
   * @throws IOException if a file cannot be moved: then it is to be repeated
   */
  static void completeInstallation(FileLayer files, Path databases, Catalogue catalogue)
      throws IOException {
    SnapshotMark mark = catalogue.state().installing();
    Path folder = databases.resolve(FOLDER);
    if (mark == null) {
      if (files.exists(folder.resolve(MANIFEST))) {
        clear(files, folder); // it is installed already, or never will be
      }
      return;
    }
    CatalogueState manifest = manifest(files, databases);
    Invariant.check(mark.equals(manifest.installed()), "another manifest than that of %s", mark);
    List<Path> leftovers = new ArrayList<>(files.list(databases));
    leftovers.removeIf(file -> Catalogue.isPart(file) || isPart(file));
    for (DatabaseName name : manifest.databases().keySet()) {
      Path target = databases.resolve(name.value());
      Path arrived = folder.resolve(name.value());
      if (files.exists(arrived)) {
        DatabaseFiles.deleteCompanions(files, target);
        files.rename(arrived, target);
      }
      leftovers.remove(target);
    }
    for (Path leftover : leftovers) {
      files.delete(leftover);
    }
    files.forceFolder(databases);
    catalogue.update(before -> manifest);
    clear(files, folder);
  }
}
