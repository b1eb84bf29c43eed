package dev.balsa.fsm;

/**
 * This node has not applied what a {@link Bookmark} stands for, within the session's timeout:
 * nothing was read or written. The same can be tried again, here or on another node.
 */
public final class BookmarkNotReachedException extends NotAppliedException {
  private static final long serialVersionUID = 1L;

  private final Bookmark bookmark;

  /**
   * Creates the exception.
   *
   * @param bookmark what was waited for
   * @param applied up to where this node has applied the log
   */
  BookmarkNotReachedException(Bookmark bookmark, long applied, Deadline deadline) {
    super(
        "this node has applied the log up to "
            + applied
            + ", and after "
            + deadline.timeout()
            + " still not up to the bookmark at "
            + bookmark.index()
            + ": try again, or on another node");
    this.bookmark = bookmark;
  }

  /** What was waited for. */
  public Bookmark bookmark() {
    return bookmark;
  }
}
