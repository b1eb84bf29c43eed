package dev.balsa.raft;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.util.List;

/**
 * The durable log of one node, with its hard state.
 *
 * <p>One thread calls {@link #append} and {@link #force}; any thread may read what has been
 * appended and not superseded. Indices are contiguous from {@link #firstIndex()} to {@link
 * #lastIndex()}. Writes become durable in order: after a crash the log holds a prefix of what was
 * appended, and that prefix contains everything that was forced.
 */
public interface LogStore extends AutoCloseable {

  /**
   * The hard state as last appended; {@link HardState#INITIAL} in a new log. Its {@code committed}
   * is a lower bound: the highest commit index that an append carried.
   */
  HardState hardState();

  /**
   * What the log begins after: {@link SnapshotMark#NONE} in a log that was never compacted, else
   * the index before {@link #firstIndex()}, with its term and the configuration in force there.
   */
  SnapshotMark base();

  /** The log's entries of type {@link dev.balsa.raft.core.EntryType#CONFIGURATION}, ascending. */
  List<Entry> configurations();

  /** Index of the first entry kept, 1 in a log that was never compacted. */
  long firstIndex();

  /** Index of the last entry, {@code firstIndex() - 1} when there is none. */
  long lastIndex();

  /**
   * Term of an entry.
   *
   * @param index from {@code firstIndex()} to {@code lastIndex()}
   */
  long term(long index);

  /**
   * Reads consecutive entries.
   *
   * @param fromIndex first entry wanted, at least {@code firstIndex()}
   * @param toIndex last entry wanted, at most {@code lastIndex()}
   * @param payloadBytesMax stop before this many payload bytes are exceeded; one entry is returned
   *     in any case
   * @return at least one entry, the first being {@code fromIndex}
   * @throws LogStoreException if the entries cannot be read or fail their checksum
   */
  List<Entry> read(long fromIndex, long toIndex, long payloadBytesMax);

  /**
   * Appends, not yet durably. The hard state comes before the entries: if a crash keeps a part of
   * what was appended here, then the hard state and the first entries. (A term must not be
   * forgotten while an entry of it survives.)
   *
   * @param hardState term and vote to keep from now on, and the commit index known now
   * @param entries consecutive; the first supersedes all entries at or above its index. May be
   *     empty.
   * @throws LogFullException if there is no room: nothing of this call was written, nothing is
   *     lost, and the same call can be made again later
   * @throws LogStoreException if nothing more can be written; the store is then poisoned
   */
  void append(HardState hardState, List<Entry> entries);

  /**
   * Whether an append of these entries would only write into what has been prepared: it makes no
   * file, and waits for none. Called by the thread that appends.
   */
  boolean isPreparedFor(List<Entry> entries);

  /**
   * Makes everything appended so far durable.
   *
   * @throws LogStoreException if the operating system reports an error: what was written since the
   *     last force is then in doubt for good, and the store refuses all further writes
   */
  void force();

  /**
   * Discards entries up to and including {@code mark.index()}, as far as whole segments can go, and
   * durably: afterwards {@link #firstIndex()} is at most {@code mark.index() + 1}. A crash leaves
   * the log with any of them. Called by the thread that appends; readers of what is discarded must
   * have ended.
   *
   * @param mark an entry in the log, or what it begins after
   * @throws LogStoreException as {@link #append}; without room, compaction goes on
   */
  void compact(SnapshotMark mark);

  /**
   * Discards the whole log, which from now on begins after {@code base}, and keeps {@code
   * hardState}, all durably and at once: a crash leaves either the old log or the new one.
   *
   * @throws LogFullException if there is no room; nothing has changed
   * @throws LogStoreException as {@link #append}
   */
  void reset(HardState hardState, SnapshotMark base);

  /** Bytes that the log occupies on disk. */
  long sizeBytes();

  /** Closes the log and frees its lock. Does not force. */
  @Override
  void close();
}
