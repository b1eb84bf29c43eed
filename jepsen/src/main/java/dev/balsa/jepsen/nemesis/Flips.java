package dev.balsa.jepsen.nemesis;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Flips bits in files, as a bad disk does: their times stay. */
final class Flips {
  /** Page types of SQLite's b-trees: the first byte of each of their pages. */
  private static final List<Integer> PAGE_TYPES = List.of(2, 5, 10, 13);

  /** Of the database header: where the page size is. */
  private static final int PAGE_SIZE_AT = 16;

  private Flips() {}

  /**
   * Flips bits anywhere in a file.
   *
   * @return what was done
   */
  static String anywhere(Path file, int count, RandomGenerator random) throws IOException {
    if (!Files.exists(file) || Files.size(file) == 0) {
      return "nothing: " + file.getFileName() + " is empty";
    }
    List<Long> places = new ArrayList<>();
    long size = Files.size(file);
    for (int i = 0; i < count; i++) {
      long place = random.nextLong(size);
      flip(file, place, 1 << random.nextInt(8));
      places.add(place);
    }
    return "bits flipped in " + file.getFileName() + " at " + places + " of " + size;
  }

  /**
   * Makes a page of a database such that SQLite refuses to read it.
   *
   * @return what was done
   */
  static String noticeable(Path database, RandomGenerator random) throws IOException {
    List<Long> pages = new ArrayList<>();
    try (RandomAccessFile file = new RandomAccessFile(database.toFile(), "r")) {
      if (file.length() > PAGE_SIZE_AT + 2) {
        file.seek(PAGE_SIZE_AT);
        int size = file.readUnsignedShort();
        int pageBytes = size == 1 ? 65_536 : size;
        for (long page = pageBytes; page < file.length(); page += pageBytes) {
          file.seek(page);
          if (PAGE_TYPES.contains(file.read())) {
            pages.add(page);
          }
        }
      }
    }
    if (pages.isEmpty()) {
      return "nothing: " + database.getFileName() + " has no page for that";
    }
    long place = pages.get(random.nextInt(pages.size()));
    flip(database, place, 0x80);
    return "while it runs, the type of the page at " + place + " flipped";
  }

  /**
   * Flips a bit of a log: in the first half of a segment's bytes that are not zero, since zeros are
   * mostly room that is not used; if there are several segments, not in the latest.
   *
   * @return what was done
   */
  static String early(Path log, RandomGenerator random) throws IOException {
    List<Path> segments;
    try (Stream<Path> files = Files.list(log)) {
      segments =
          files
              .filter(f -> f.toString().endsWith(".cq4") || f.toString().endsWith(".sealed"))
              .sorted()
              .toList();
    }
    if (segments.isEmpty()) {
      return "nothing: no segment is there";
    }
    Path segment = segments.get(random.nextInt(Math.max(1, segments.size() - 1)));
    try {
      byte[] content = Files.readAllBytes(segment);
      int used = 0;
      for (byte each : content) {
        used += each == 0 ? 0 : 1;
      }
      if (used < 2) {
        return "nothing: " + segment.getFileName() + " is empty";
      }
      int place = used(content, random.nextInt(used / 2));
      flip(segment, place, 1 << random.nextInt(8));
      return "a bit flipped in " + segment.getFileName() + " at " + place;
    } catch (NoSuchFileException e) {
      return "nothing: " + segment.getFileName() + " has just gone";
    }
  }

  /** Where the byte is that is not zero and has so many such ones before it. */
  private static int used(byte[] content, int before) {
    int left = before;
    int at = 0;
    while (content[at] == 0 || left-- > 0) {
      at++;
    }
    return at;
  }

  private static void flip(Path file, long place, int bits) throws IOException {
    FileTime time = Files.getLastModifiedTime(file);
    // Not made if it has just gone.
    try (FileChannel open =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      open.read(one, place);
      one.put(0, (byte) (one.get(0) ^ bits)).flip();
      open.write(one, place);
    }
    Files.setLastModifiedTime(file, time);
  }
}
