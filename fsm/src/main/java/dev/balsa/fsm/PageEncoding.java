package dev.balsa.fsm;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * One page's content in an entry. A b-tree page has a hole between its cells' pointers, which grow
 * from its head, and their content, which grows from its end; SQLite leaves zeros there. The
 * longest run of zeros is left out where that pays. Big-endian.
 *
 * <pre>
 *   encoding 0, raw:   content
 *   encoding 1, hole:  u16 offset of the run | u16 its length - 1 | the content without the run
 * </pre>
 *
 * <p>The same content always gives the same bytes.
 */
final class PageEncoding {
  /** A page with a hole is copied when it is decoded, a raw one is not: so few bytes don't pay. */
  static final int HOLE_BYTES_MIN = 64;

  private static final int RAW = 0;
  private static final int HOLE = 1;

  /** On a grid of this many bytes, a run that is long enough covers a whole word somewhere. */
  private static final int STEP = HOLE_BYTES_MIN / 2;

  private PageEncoding() {}

  /** Bytes that a page takes at most, beside its number. */
  static int bytesMax(int pageSize) {
    return 1 + pageSize;
  }

  /** Appends a page's encoding and content; {@code content} is left as it is. */
  static void put(ByteBuffer out, ByteBuffer content) {
    int from = content.position();
    long hole = longestRun(content);
    int start = (int) (hole >>> 32);
    int length = (int) hole;
    if (length < HOLE_BYTES_MIN) {
      out.put((byte) RAW).put(content.duplicate());
      return;
    }
    out.put((byte) HOLE).putShort((short) start).putShort((short) (length - 1));
    int end = start + length;
    out.put(content.slice(from, start)).put(content.slice(from + end, content.remaining() - end));
  }

  /**
   * Takes a page's encoding and content. What is raw shares the bytes of {@code in}.
   *
   * @param pageNumber for messages
   * @throws UnreadableEntryException if it is malformed
   * @throws BufferUnderflowException if it is cut short
   */
  static ByteBuffer get(ByteBuffer in, int pageNumber, int pageSize) {
    int encoding = in.get() & 0xff;
    return switch (encoding) {
      case RAW -> slice(in, pageSize);
      case HOLE -> withHole(in, pageNumber, pageSize);
      default ->
          throw new UnreadableEntryException("page " + pageNumber + " in encoding " + encoding);
    };
  }

  private static ByteBuffer withHole(ByteBuffer in, int pageNumber, int pageSize) {
    int start = in.getShort() & 0xffff;
    int length = (in.getShort() & 0xffff) + 1;
    int end = start + length;
    if (end > pageSize) {
      throw new UnreadableEntryException(
          "page " + pageNumber + " has a hole of " + length + " bytes at " + start);
    }
    ByteBuffer head = slice(in, start);
    ByteBuffer tail = slice(in, pageSize - end);
    return ByteBuffer.allocate(pageSize).put(0, head, 0, start).put(end, tail, 0, pageSize - end);
  }

  private static ByteBuffer slice(ByteBuffer in, int bytes) {
    if (bytes > in.remaining()) {
      throw new BufferUnderflowException();
    }
    ByteBuffer slice = in.slice(in.position(), bytes);
    in.position(in.position() + bytes);
    return slice;
  }

  /**
   * The longest run of zeros that is long enough to pay, the first of several: its start in the
   * upper half, its length in the lower one. Looks only at every {@value #STEP}th word, since every
   * such run covers one of them.
   */
  private static long longestRun(ByteBuffer content) {
    int from = content.position();
    int to = content.limit();
    int bestStart = 0;
    int bestLength = 0;
    int probe = from;
    while (probe + Long.BYTES <= to) {
      if (content.getLong(probe) != 0) {
        probe += STEP;
        continue;
      }
      int start = probe;
      while (start > from && content.get(start - 1) == 0) {
        start--;
      }
      int end = probe + Long.BYTES;
      while (end + Long.BYTES <= to && content.getLong(end) == 0) {
        end += Long.BYTES;
      }
      while (end < to && content.get(end) == 0) {
        end++;
      }
      if (end - start > bestLength) {
        bestStart = start - from;
        bestLength = end - start;
      }
      probe += (end - probe + STEP - 1) / STEP * STEP;
    }
    return (long) bestStart << 32 | bestLength;
  }
}
