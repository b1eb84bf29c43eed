package dev.balsa.raft.log;

import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Small logs for tests. */
final class LogFixture {
  static final LogStoreConfig TINY =
      LogStoreConfig.of(1).withBlockBytes(LogStoreConfig.BLOCK_BYTES_MIN);

  private LogFixture() {}

  /** An entry whose payload follows from its index, term and size. */
  static Entry entry(long index, long term, int payloadBytes) {
    byte[] payload = new byte[payloadBytes];
    new Random(index * 31 + term).nextBytes(payload);
    return new Entry(index, term, EntryType.COMMAND, payload);
  }

  static List<Entry> entries(long from, long to, long term, int payloadBytes) {
    List<Entry> entries = new ArrayList<>();
    for (long index = from; index <= to; index++) {
      entries.add(entry(index, term, payloadBytes));
    }
    return entries;
  }

  /** All entries of a log. */
  static List<Entry> all(LogStore log) {
    List<Entry> entries = new ArrayList<>();
    for (long next = log.firstIndex(); next <= log.lastIndex(); ) {
      List<Entry> read = log.read(next, log.lastIndex(), 1 << 16);
      entries.addAll(read);
      next += read.size();
    }
    return entries;
  }

  /** Copies the files of a folder to a new one. */
  static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  /** Deletes a folder with its files. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
