/**
 * One WAL, two views: what a writer has executed ahead of the quorum, and what is published.
 *
 * <pre>
 *                      one WAL file
 *   ┌────────┬──────────────────────┬──────────────────────┐
 *   │ header │ published frames     │ frames in flight     │
 *   └────────┴──────────────────────┴──────────────────────┘
 *            ◀─ committed view ────▶
 *            ◀─ writer view ───────────────────────────────▶
 *
 *   readers ──▶ -shm wal-index ◀── Publisher          (nobody else ever advances it)
 *   writer  ──▶ heap wal-index      (locking_mode=EXCLUSIVE)
 *      └─ commit ─▶ xSync upcall ─▶ FrameCapture ─▶ CapturedTransaction ─▶ the quorum
 * </pre>
 *
 * <p>{@link dev.balsa.sqlite.vfs.Publisher} is the committed view. It holds a connection that is
 * never closed before it, so that no reader has to rebuild the wal-index, and the WAL's write lock,
 * so that nobody else can. {@link dev.balsa.sqlite.vfs.WriterConnection} is the writer view: an
 * ordinary SQLite connection on {@link dev.balsa.sqlite.vfs.WriterVfs}, which lets it read the main
 * file and append to the WAL, and nothing else. {@link dev.balsa.sqlite.vfs.FrameApplier} writes
 * what came from another node, and publishes it the same way.
 *
 * <p>Files are read and written through SQLite's own handles ({@link
 * dev.balsa.sqlite.vfs.NativeFile}): closing any other descriptor of the main file or of {@code
 * -shm} would drop the process's locks on it, and a Java channel of the WAL would be closed by the
 * first interrupt of a thread that uses it.
 */
@NullMarked
package dev.balsa.sqlite.vfs;

import org.jspecify.annotations.NullMarked;
