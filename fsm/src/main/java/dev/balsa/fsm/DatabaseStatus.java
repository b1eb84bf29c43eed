package dev.balsa.fsm;

/**
 * A database on one node.
 *
 * @param name its name
 * @param incarnation index of the entry that created it
 * @param phase whether it is served
 * @param pageSize in bytes
 * @param pages its committed size
 * @param walFrames frames published in the WAL
 * @param checkpointIndex log index up to which its main file holds everything durably: a restart
 *     applies the log from there
 * @param checksum of all its pages, as last applied
 */
public record DatabaseStatus(
    String name,
    long incarnation,
    Phase phase,
    int pageSize,
    int pages,
    int walFrames,
    long checkpointIndex,
    long checksum) {

  /** What a database is at. */
  public enum Phase {
    /** It is read and written. */
    SERVING,
    /** It came with a snapshot, and waits for the entries that its file is made good with. */
    RECOVERING,
    /** Its content here is not what the log says: it is not served. */
    DAMAGED,
    /** It is damaged, and a copy from another node is on its way. */
    HEALING
  }

  static DatabaseStatus unavailable(String name, long incarnation, int pageSize, Phase phase) {
    return new DatabaseStatus(name, incarnation, phase, pageSize, 0, 0, 0, 0);
  }

  /** The same in another phase. */
  DatabaseStatus in(Phase other) {
    return new DatabaseStatus(
        name, incarnation, other, pageSize, pages, walFrames, checkpointIndex, checksum);
  }

  /** Size of the database in bytes, without its WAL. */
  public long bytes() {
    return (long) pages * pageSize;
  }
}
