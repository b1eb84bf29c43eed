package dev.balsa.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A file of acknowledged transactions, one a line; each life of a node has a file of its own. A
 * line is given to the operating system before the next transaction begins, so a kill loses none;
 * one that is cut short was not yet acknowledged.
 */
final class AcknowledgementLog implements AutoCloseable {
  private final FileChannel file;

  private AcknowledgementLog(FileChannel file) {
    this.file = file;
  }

  /** Starts the file of one life of a node; there must be none yet. */
  static AcknowledgementLog create(Path folder, long node, long boot) throws IOException {
    Files.createDirectories(folder);
    Path path = folder.resolve("node" + node + "-boot" + boot + ".txt");
    return new AcknowledgementLog(
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
  }

  void append(Acknowledgement acknowledgement) throws IOException {
    ByteBuffer line = ByteBuffer.wrap(acknowledgement.toLine().getBytes(StandardCharsets.US_ASCII));
    while (line.hasRemaining()) {
      file.write(line);
    }
  }

  /** All acknowledgements in a folder, in the order of their times. */
  static List<Acknowledgement> readAll(Path folder) throws IOException {
    List<Acknowledgement> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.filter(path -> path.toString().endsWith(".txt")).sorted().forEach(f -> read(f, all));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    all.sort(Comparator.comparingLong(Acknowledgement::micros));
    return all;
  }

  private static void read(Path path, List<Acknowledgement> into) {
    try {
      String text = Files.readString(path, StandardCharsets.US_ASCII);
      String whole = text.substring(0, text.lastIndexOf('\n') + 1);
      whole.lines().map(Acknowledgement::parse).forEach(into::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
