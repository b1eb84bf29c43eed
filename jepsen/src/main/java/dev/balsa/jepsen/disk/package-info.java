/**
 * Disks that lose power.
 *
 * <p>A node's data folder lies on a file system of its own, ext4 in an image file. Its power is cut
 * by ext4's own {@code FS_IOC_SHUTDOWN}: from then on nothing that is only in memory gets to the
 * image, neither file content nor the journal. Unmounted and mounted again, the file system is what
 * a machine would find after a power failure: what was forced is there, what was not is gone. Needs
 * root.
 */
@NullMarked
package dev.balsa.jepsen.disk;

import org.jspecify.annotations.NullMarked;
