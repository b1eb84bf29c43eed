package dev.balsa.fsm;

import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.SnapshotMark;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All that a node keeps of its databases beside their main files and the log.
 *
 * @param through the log up to it has been applied, creations and drops too
 * @param membersThrough creations and drops up to this index are in {@code databases} already,
 *     although it may be above {@code through}: so it is where they came with a snapshot, whose
 *     sender went on between the snapshot's index and its sending
 * @param installed the snapshot that was last installed here; null if none ever was
 * @param installing the one whose files are about to replace the present ones; null if none is
 * @param databases by name; unmodifiable
 */
record CatalogueState(
    long through,
    long membersThrough,
    @Nullable SnapshotMark installed,
    @Nullable SnapshotMark installing,
    SortedMap<DatabaseName, DatabaseRecord> databases) {
  static final CatalogueState EMPTY = new CatalogueState(0, 0, null, null, new TreeMap<>());

  CatalogueState {
    databases = Collections.unmodifiableSortedMap(new TreeMap<>(databases));
  }

  /** Puts a record in, or in the place of the one of that name. */
  CatalogueState with(DatabaseRecord record) {
    SortedMap<DatabaseName, DatabaseRecord> next = new TreeMap<>(databases);
    next.put(record.name(), record);
    return new CatalogueState(through, membersThrough, installed, installing, next);
  }

  /** Changes the record of that incarnation; none if there is none. */
  CatalogueState change(
      DatabaseName name, long incarnation, UnaryOperator<DatabaseRecord> operator) {
    DatabaseRecord record = databases.get(name);
    return record == null || record.incarnation() != incarnation
        ? this
        : with(operator.apply(record));
  }

  /** Takes a record out. */
  CatalogueState without(DatabaseName name) {
    SortedMap<DatabaseName, DatabaseRecord> next = new TreeMap<>(databases);
    next.remove(name);
    return new CatalogueState(through, membersThrough, installed, installing, next);
  }

  /** Everything up to there has been applied. */
  CatalogueState through(long index) {
    return new CatalogueState(
        Math.max(through, index), membersThrough, installed, installing, databases);
  }

  /** The files that have arrived are about to replace the present ones. */
  CatalogueState installing(SnapshotMark mark) {
    return new CatalogueState(through, membersThrough, installed, mark, databases);
  }

  /**
   * They have replaced them: what there is now is what came with the snapshot.
   *
   * @param membersAt creations and drops up to there are in what was received
   */
  CatalogueState installed(
      SnapshotMark mark, SortedMap<DatabaseName, DatabaseRecord> received, long membersAt) {
    return new CatalogueState(mark.index(), membersAt, mark, null, received);
  }

  /** Whether a creation or drop is in {@code databases} already. */
  boolean hasMember(long index) {
    return index <= Math.max(through, membersThrough);
  }

  /** The log from the entry after this one on is needed to have all databases in full. */
  long neededAfter() {
    long least = through;
    for (DatabaseRecord record : databases.values()) {
      least = Math.min(least, record.index());
    }
    return least;
  }

  byte[] encode() {
    byte[] installedBytes = encode(installed);
    byte[] installingBytes = encode(installing);
    int bytes = 8 + 8 + installedBytes.length + installingBytes.length + 4;
    for (DatabaseRecord record : databases.values()) {
      bytes += record.encodedBytes();
    }
    ByteBuffer out = ByteBuffer.allocate(bytes);
    out.putLong(through)
        .putLong(membersThrough)
        .put(installedBytes)
        .put(installingBytes)
        .putInt(databases.size());
    databases.values().forEach(record -> record.encode(out));
    return out.array();
  }

  /** Index, term, length of the configuration, configuration; a zero index stands for none. */
  private static byte[] encode(@Nullable SnapshotMark mark) {
    if (mark == null) {
      return new byte[8];
    }
    byte[] configuration = ConfigurationCodec.encode(mark.configuration());
    return ByteBuffer.allocate(8 + 8 + 4 + configuration.length)
        .putLong(mark.index())
        .putLong(mark.term())
        .putInt(configuration.length)
        .put(configuration)
        .array();
  }

  /**
   * Reads what {@link #encode()} wrote.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  static CatalogueState decode(ByteBuffer in) {
    try {
      long through = in.getLong();
      long membersThrough = in.getLong();
      SnapshotMark installed = decodeMark(in);
      SnapshotMark installing = decodeMark(in);
      int count = in.getInt();
      SortedMap<DatabaseName, DatabaseRecord> databases = new TreeMap<>();
      for (int i = 0; i < count; i++) {
        DatabaseRecord record = DatabaseRecord.decode(in);
        databases.put(record.name(), record);
      }
      if (in.hasRemaining()) {
        throw new IllegalArgumentException(in.remaining() + " bytes after its end");
      }
      return new CatalogueState(through, membersThrough, installed, installing, databases);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("it ends too early", e);
    }
  }

  private static @Nullable SnapshotMark decodeMark(ByteBuffer in) {
    long index = in.getLong();
    if (index == 0) {
      return null;
    }
    long term = in.getLong();
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("a configuration of " + length + " bytes");
    }
    byte[] configuration = new byte[length];
    in.get(configuration);
    return new SnapshotMark(index, term, ConfigurationCodec.decode(configuration));
  }
}
