/**
 * What a folder may look like after the power failed, for tests that crash at every I/O.
 *
 * <pre>
 *   SQLite ──▶ TestVfs ─────────┐
 *                               ├─▶ DiskTrace ──▶ Disk ──▶ CrashImage ──▶ a folder to recover
 *   Java ──▶ a layer of files ──┘   (what was   (what is   (Damage, seed)
 *                                    done)       certain)
 * </pre>
 *
 * <p>{@link dev.balsa.sqlite.crash.DiskTrace} records each {@link dev.balsa.sqlite.crash.Operation}
 * on the files of a folder. {@link dev.balsa.sqlite.crash.Disk} plays them, and knows at each point
 * what is certain to be found after a power failure: content that was synced, and names whose
 * folder was. {@link dev.balsa.sqlite.crash.CrashImage} decides about all else, as a {@link
 * dev.balsa.sqlite.crash.Damage} says. The rules are those of POSIX, which promises less than file
 * systems keep:
 *
 * <ul>
 *   <li>Writes and changes of size reach the disk in any order, whole, in part, or not at all,
 *       until a sync of the file that succeeded. A sync that failed leaves them in doubt for ever:
 *       Linux forgets that those pages are dirty.
 *   <li>New names, renames and deletions reach the disk independently of content and of each other,
 *       until a sync of their folder. A rename is atomic; the file is never under neither name.
 * </ul>
 */
@NullMarked
package dev.balsa.sqlite.crash;

import org.jspecify.annotations.NullMarked;
