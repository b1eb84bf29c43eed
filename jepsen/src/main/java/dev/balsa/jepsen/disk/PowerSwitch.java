package dev.balsa.jepsen.disk;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts ext4 file systems off, as a power failure does: {@code FS_IOC_SHUTDOWN} with {@code
 * NOLOGFLUSH} (https://docs.kernel.org/filesystems/api-summary.html, {@code ext4_shutdown} in
 * {@code fs/ext4/ioctl.c}).
 */
final class PowerSwitch {
  /** {@code _IOR('X', 125, __u32)} */
  private static final long FS_IOC_SHUTDOWN = 0x8004587dL;

  /** Not even the journal is written. */
  private static final int NOLOGFLUSH = 2;

  private static final int O_RDONLY = 0;

  private PowerSwitch() {}

  /** The C library; the names are its own. */
  private static final class LibC {
    static {
      Native.register(LibC.class, Platform.C_LIBRARY_NAME);
    }

    private LibC() {}

    static native int open(String path, int flags) throws LastErrorException;

    static native int close(int descriptor) throws LastErrorException;

    static native int ioctl(int descriptor, long request, int[] argument) throws LastErrorException;
  }

  /**
   * Cuts file systems off, one right after the other.
   *
   * @param mounts where they are mounted
   * @throws DiskException if the system refuses
   */
  static void cut(List<Path> mounts) {
    List<Integer> descriptors = new ArrayList<>();
    try {
      for (Path mount : mounts) {
        descriptors.add(LibC.open(mount.toString(), O_RDONLY));
      }
      for (int descriptor : descriptors) {
        LibC.ioctl(descriptor, FS_IOC_SHUTDOWN, new int[] {NOLOGFLUSH});
      }
    } catch (LastErrorException e) {
      throw new DiskException("cannot cut off " + mounts + ": " + e.getMessage(), e);
    } finally {
      descriptors.forEach(LibC::close);
    }
  }
}
