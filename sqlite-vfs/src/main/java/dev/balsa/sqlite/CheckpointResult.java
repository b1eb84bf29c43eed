package dev.balsa.sqlite;

/**
 * What a checkpoint did.
 *
 * @param resultCode SQLITE_OK, or SQLITE_BUSY or SQLITE_LOCKED (0, 5, 6, or their extended codes)
 *     when it could not do all that its mode asks for
 * @param walFrames frames in the WAL, -1 if unknown or not in WAL mode
 * @param checkpointedFrames how many of them are in the database file by now, -1 if unknown
 */
public record CheckpointResult(int resultCode, int walFrames, int checkpointedFrames) {}
