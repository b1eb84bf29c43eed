package dev.balsa.raft;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
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
   * @throws LogStoreException if nothing more can be written; the store is then poisoned
   */
  void append(HardState hardState, List<Entry> entries);

  /**
   * Makes everything appended so far durable.
   *
   * @throws LogStoreException if the operating system reports an error: what was written since the
   *     last force is then in doubt for good, and the store refuses all further writes
   */
  void force();

  /** Bytes that the log occupies on disk. */
  long sizeBytes();

  /** Closes the log and frees its lock. Does not force. */
  @Override
  void close();
}
