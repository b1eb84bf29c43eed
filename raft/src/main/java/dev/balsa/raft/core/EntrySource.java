package dev.balsa.raft.core;

import java.util.List;

/**
 * Where the core finds entries that it no longer keeps in memory: those that are durable. A pure
 * function of the log's content.
 */
@FunctionalInterface
public interface EntrySource {
  /**
   * Reads consecutive durable entries.
   *
   * @param payloadBytesMax stop before this is exceeded; one entry is returned in any case
   */
  List<Entry> read(long fromIndex, long toIndex, long payloadBytesMax);
}
