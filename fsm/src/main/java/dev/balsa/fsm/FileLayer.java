package dev.balsa.fsm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The files that the engine itself reads and writes, beside those that SQLite has open: so that a
 * test can let the power fail at each of these operations. Nothing else in this package does I/O.
 *
 * <p>A file that SQLite has open in this process is never opened here: closing any descriptor of it
 * would drop the process's locks.
 */
interface FileLayer {
  /** The operating system's. */
  FileLayer SYSTEM = new SystemFiles();

  /**
   * Something could not be made durable. Whatever the cause: nobody knows what of it is on disk,
   * and to try again would not tell either.
   */
  final class ForceFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    ForceFailedException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** Opens a file for reading and writing; makes it if it is missing. */
  File open(Path path) throws IOException;

  /** Whether there is a file or folder. */
  boolean exists(Path path);

  /** When a file was last written to: nanoseconds, as far as the file system tells them apart. */
  long modifiedNanos(Path path) throws IOException;

  /** What is in a folder, in no order; empty if there is no such folder. */
  List<Path> list(Path folder) throws IOException;

  /** Makes a folder and those above it, as far as they are missing. */
  void createFolder(Path folder) throws IOException;

  /** Renames, at once; what had the name before is gone. */
  void rename(Path from, Path to) throws IOException;

  /** Deletes a file or an empty folder; without effect if there is none. */
  void delete(Path path) throws IOException;

  /**
   * Makes durable which files a folder has.
   *
   * @throws ForceFailedException if that failed
   */
  void forceFolder(Path folder) throws IOException;

  /** An open file. Used by one thread at a time, which is never interrupted meanwhile. */
  interface File extends AutoCloseable {
    /** In bytes. */
    long size() throws IOException;

    /**
     * Reads until the buffer is full or the file ends.
     *
     * @return how many bytes were read
     */
    int read(long position, ByteBuffer into) throws IOException;

    /** Writes all that the buffer has; what is skipped becomes zeros. */
    void write(long position, ByteBuffer from) throws IOException;

    /** Cuts the file, or makes it longer by zeros. */
    void resize(long bytes) throws IOException;

    /**
     * Makes content and size durable.
     *
     * @throws ForceFailedException if that failed
     */
    void force() throws IOException;

    @Override
    void close() throws IOException;
  }
}
