package dev.balsa.sqlite.crash;

/** What the end of a process, or a power failure, does to what was not synced. */
public enum Damage {
  /** The process was killed; the page cache, and {@code -shm} files, survive it. */
  KILLED(ContentLoss.NONE, NameLoss.NONE),
  /** The power failed, just after everything had reached the disk. */
  NOTHING_LOST(ContentLoss.NONE, NameLoss.NONE),
  ALL_LOST(ContentLoss.ALL, NameLoss.ALL),
  /** All names are there, but not what was written: an empty file under its new name. */
  CONTENT_LOST(ContentLoss.ALL, NameLoss.NONE),
  /** All that was written is there, under the old names. */
  NAMES_LOST(ContentLoss.NONE, NameLoss.ALL),
  /** Any of the new names, renames and deletions are there. */
  SOME_NAMES_LOST(ContentLoss.NONE, NameLoss.SOME),
  /** Any of the writes are there, and any of the names. */
  SOME_WRITES_LOST(ContentLoss.SOME_CHANGES, NameLoss.SOME),
  /** Of each file, the last write is there up to some sector. */
  LAST_WRITE_TORN(ContentLoss.LAST_CHANGE_TORN, NameLoss.NONE),
  /** Any sectors of 512 bytes of any writes are there, and any of the names. */
  SECTORS_TORN(ContentLoss.SECTORS, NameLoss.SOME),
  /** Any pages of 4096 bytes of any writes are there, and any of the names. */
  PAGES_TORN(ContentLoss.PAGES, NameLoss.SOME),
  /** Files are as long as they were to be, and zeros where they grew. */
  GROWN_BY_ZEROS(ContentLoss.ZEROS, NameLoss.NONE);

  private final ContentLoss content;
  private final NameLoss names;

  Damage(ContentLoss content, NameLoss names) {
    this.content = content;
    this.names = names;
  }

  ContentLoss content() {
    return content;
  }

  NameLoss names() {
    return names;
  }
}
