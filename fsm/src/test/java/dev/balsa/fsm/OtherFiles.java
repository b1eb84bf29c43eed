package dev.balsa.fsm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** Files that behave like others, but for what a test overrides. */
class OtherFiles implements FileLayer {
  /**
   * All files seem to be of the same time: so that what is believed on account of that is found
   * out, and nothing hangs on when an image was written.
   */
  static OtherFiles timeless(FileLayer files) {
    return new OtherFiles(files) {
      @Override
      public long modifiedNanos(Path path) {
        return 1;
      }
    };
  }

  private final FileLayer files;

  OtherFiles(FileLayer files) {
    this.files = files;
  }

  /** Before a file is cut or made longer; false if that is to be left out. */
  boolean resizes(Path path, long bytes) throws IOException {
    return true;
  }

  /** Before a file is written. */
  void writes(Path path) throws IOException {}

  /** Before a file is made durable. */
  void forces(Path path) throws IOException {}

  /** A file is closed. */
  void closes(Path path) {}

  @Override
  public File open(Path path) throws IOException {
    return new Other(path, files.open(path));
  }

  @Override
  public boolean exists(Path path) {
    return files.exists(path);
  }

  @Override
  public long modifiedNanos(Path path) throws IOException {
    return files.modifiedNanos(path);
  }

  @Override
  public List<Path> list(Path folder) throws IOException {
    return files.list(folder);
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    files.createFolder(folder);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    files.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    files.delete(path);
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    forces(folder);
    files.forceFolder(folder);
  }

  private final class Other implements File {
    private final Path path;
    private final File file;

    Other(Path path, File file) {
      this.path = path;
      this.file = file;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public int read(long position, ByteBuffer into) throws IOException {
      return file.read(position, into);
    }

    @Override
    public void write(long position, ByteBuffer from) throws IOException {
      writes(path);
      file.write(position, from);
    }

    @Override
    public void resize(long bytes) throws IOException {
      if (resizes(path, bytes)) {
        file.resize(bytes);
      }
    }

    @Override
    public void force() throws IOException {
      forces(path);
      file.force();
    }

    @Override
    public void close() throws IOException {
      closes(path);
      file.close();
    }
  }
}
