package dev.balsa.fsm;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;

/** A log whose payloads are in a file, and not in memory. */
final class EntriesInFile extends AbstractList<Entry> implements AutoCloseable {
  private final RandomAccessFile file;
  private final List<Head> heads = new ArrayList<>();

  private record Head(long index, long term, EntryType type, long position, int bytes) {}

  EntriesInFile(Path path) {
    try {
      file = new RandomAccessFile(path.toFile(), "rw");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized boolean add(Entry entry) {
    try {
      long position = file.length();
      file.seek(position);
      file.write(entry.payload());
      return heads.add(
          new Head(entry.index(), entry.term(), entry.type(), position, entry.payload().length));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized Entry get(int at) {
    Head head = heads.get(at);
    byte[] payload = new byte[head.bytes()];
    try {
      file.seek(head.position());
      file.readFully(payload);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Entry(head.index(), head.term(), head.type(), payload);
  }

  @Override
  public synchronized int size() {
    return heads.size();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
