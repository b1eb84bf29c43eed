/**
 * SQLite's write-ahead log and its index, byte for byte, after <a
 * href="https://sqlite.org/walformat.html">sqlite.org/walformat.html</a>.
 *
 * <pre>
 *   WAL file (big-endian)                    wal-index (the -shm file, native order)
 *   ┌──────────────┐                         ┌────────────────────────────┐ region 0, 32 KiB
 *   │ header    32 │ salts, checksum order   │ header          48         │
 *   ├──────────────┤                         │ header, again   48         │
 *   │ frame 1   24 │ page, commit size,      │ checkpoint info 40         │ read marks, locks
 *   │      + page  │ salts, checksum so far  │ page number of frame 1..4062
 *   ├──────────────┤                         │ hash of page ▶ frame, 8192 │
 *   │ frame 2      │                         ├────────────────────────────┤ region 1, 2, ...
 *   │   ...        │                         │ page numbers of 4096 frames, hash
 *   └──────────────┘                         └────────────────────────────┘
 * </pre>
 *
 * <p>A frame counts when its salts are the header's and its checksum continues the chain of all
 * before it; a transaction counts when its last frame carries the database's size. Readers of
 * SQLite look at none of this: they believe the wal-index, whose header says up to which frame the
 * WAL is published. So who writes the wal-index decides what is committed; that is what Balsa
 * builds on.
 *
 * <p>Nothing here opens a file or maps memory: both come in as small interfaces ({@link
 * dev.balsa.sqlite.wal.WalBytes}, {@link dev.balsa.sqlite.wal.SharedMemory}).
 */
@NullMarked
package dev.balsa.sqlite.wal;

import org.jspecify.annotations.NullMarked;
