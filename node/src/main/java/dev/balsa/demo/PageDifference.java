package dev.balsa.demo;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Compares two checkpointed database files page by page. The page size is in the header,
 * https://sqlite.org/fileformat2.html#the_database_header
 */
final class PageDifference {
  private static final int HEADER_BYTES = 100;
  private static final int PAGE_SIZE_OFFSET = 16;

  private PageDifference() {}

  /**
   * What differs, in words.
   *
   * @param examples how many page numbers are told
   * @return empty if the files are the same
   */
  static List<String> between(Path one, Path other, int examples) throws IOException {
    List<String> differences = new ArrayList<>();
    int pageSize = pageSize(one);
    if (pageSize != pageSize(other)) {
      differences.add("page sizes " + pageSize + " and " + pageSize(other));
      return differences;
    }
    long bytes = Files.size(one);
    long otherBytes = Files.size(other);
    if (bytes != otherBytes) {
      differences.add(bytes / pageSize + " and " + otherBytes / pageSize + " pages");
    }
    long differing = 0;
    List<Long> numbers = new ArrayList<>();
    try (InputStream a = Files.newInputStream(one);
        InputStream b = Files.newInputStream(other)) {
      long pages = Math.min(bytes, otherBytes) / pageSize;
      for (long page = 1; page <= pages; page++) {
        if (!Arrays.equals(a.readNBytes(pageSize), b.readNBytes(pageSize))) {
          differing++;
          if (numbers.size() < examples) {
            numbers.add(page);
          }
        }
      }
    }
    if (differing > 0) {
      differences.add(differing + " pages, such as page numbers " + numbers);
    }
    return differences;
  }

  private static int pageSize(Path file) throws IOException {
    if (Files.size(file) < HEADER_BYTES) {
      return 1;
    }
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      in.skipNBytes(PAGE_SIZE_OFFSET);
      int stored = in.readUnsignedShort();
      return stored == 1 ? 65_536 : stored;
    }
  }
}
