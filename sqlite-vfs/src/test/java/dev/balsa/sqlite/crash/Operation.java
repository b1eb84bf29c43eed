package dev.balsa.sqlite.crash;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * What was done to the files of a folder. Names are relative to that folder, which itself is the
 * empty path. Files have numbers, since they can be written under a name that is no longer theirs.
 */
public sealed interface Operation {
  /** What a test can let fail. */
  enum Kind {
    CREATE,
    CREATE_FOLDER,
    WRITE,
    RESIZE,
    SYNC,
    RENAME,
    DELETE,
    SYNC_FOLDER
  }

  /** Of what kind it is. */
  Kind kind();

  /** A change of a file's content or size. */
  sealed interface ContentChange extends Operation {
    /** The file's number. */
    int file();

    /** Does to bytes what was done to the file. */
    void applyTo(FileBytes content);
  }

  /** An empty file came to be. */
  record CreateFile(int file, Path name) implements Operation {
    @Override
    public Kind kind() {
      return Kind.CREATE;
    }
  }

  /** A folder came to be, in one that is there. */
  record CreateFolder(Path name) implements Operation {
    @Override
    public Kind kind() {
      return Kind.CREATE_FOLDER;
    }
  }

  /** Bytes were written; what is skipped is zeros. The buffer is read-only, and stays as it is. */
  record Write(int file, long position, ByteBuffer bytes) implements ContentChange {
    /** Copies the bytes. */
    public Write(int file, long position, byte[] bytes) {
      this(file, position, ByteBuffer.wrap(bytes.clone()).asReadOnlyBuffer());
    }

    @Override
    public Kind kind() {
      return Kind.WRITE;
    }

    @Override
    public void applyTo(FileBytes content) {
      content.write(position, bytes);
    }

    @Override
    public String toString() {
      return "Write[file=" + file + ", position=" + position + ", " + bytes.remaining() + " bytes]";
    }
  }

  /** The file was cut, or grew by zeros. */
  record Resize(int file, long bytes) implements ContentChange {
    @Override
    public Kind kind() {
      return Kind.RESIZE;
    }

    @Override
    public void applyTo(FileBytes content) {
      content.resize(bytes);
    }
  }

  /** Content and size were made durable. */
  record Sync(int file) implements Operation {
    @Override
    public Kind kind() {
      return Kind.SYNC;
    }
  }

  /** A sync answered with an error. */
  record FailedSync(int file) implements Operation {
    @Override
    public Kind kind() {
      return Kind.SYNC;
    }
  }

  /** A file or folder got another name; what had that before is gone. */
  record Rename(Path from, Path to) implements Operation {
    @Override
    public Kind kind() {
      return Kind.RENAME;
    }
  }

  /** A name of a file, or of an empty folder, was taken away. */
  record Delete(Path name) implements Operation {
    @Override
    public Kind kind() {
      return Kind.DELETE;
    }
  }

  /** The names in a folder were made durable. */
  record SyncFolder(Path name) implements Operation {
    @Override
    public Kind kind() {
      return Kind.SYNC_FOLDER;
    }
  }

  /** Nothing: in the place of what a test leaves out. */
  record LeftOut(Kind kind) implements Operation {}
}
