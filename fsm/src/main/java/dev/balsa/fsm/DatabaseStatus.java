package dev.balsa.fsm;

/**
 * A database on one node.
 *
 * @param name its name
 * @param incarnation index of the entry that created it
 * @param pageSize in bytes
 * @param pages its committed size
 * @param walFrames frames published in the WAL
 * @param checksum of all its pages, as last applied
 */
public record DatabaseStatus(
    String name, long incarnation, int pageSize, int pages, int walFrames, long checksum) {
  /** Size of the database in bytes, without its WAL. */
  public long bytes() {
    return (long) pages * pageSize;
  }
}
