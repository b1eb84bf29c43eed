package dev.balsa.fsm;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A state of a cluster's databases that somebody has seen, to be given to a session anywhere in the
 * cluster: that session then sees this state or a later one. Opaque; {@link #toString} and {@link
 * #parse} carry it through whatever carries text. Immutable.
 *
 * <p>It holds an index of the log and the cluster's id, and its text a checksum: a text that was
 * cut or mistyped must not be taken for an older state, nor one of another cluster for any.
 */
public final class Bookmark {
  /** The state before anything was written: every node has it. */
  public static final Bookmark NONE = new Bookmark(null, 0);

  private static final String PREFIX = "balsa1:";
  private static final Pattern TEXT =
      Pattern.compile(
          PREFIX
              + "(-|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
              + ":(0|[1-9][0-9]{0,18}):([0-9a-f]{8})");

  private final @Nullable UUID cluster;
  private final long index;

  private Bookmark(@Nullable UUID cluster, long index) {
    this.cluster = cluster;
    this.index = index;
  }

  /**
   * The state after an entry of the log.
   *
   * @param index from 1; 0 gives {@link #NONE}
   */
  static Bookmark of(UUID cluster, long index) {
    return index == 0 ? NONE : new Bookmark(cluster, index);
  }

  /**
   * Reads the text of a bookmark.
   *
   * @throws IllegalArgumentException with one sentence, if it is none
   */
  public static Bookmark parse(String text) {
    if (!text.startsWith(PREFIX)) {
      throw refused("it does not begin with '" + PREFIX + "'");
    }
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw refused("it is not of the form " + PREFIX + "CLUSTER:INDEX:CHECKSUM");
    }
    String body = text.substring(0, parts.start(3));
    if (!parts.group(3).equals(checksum(body))) {
      throw refused("its checksum is wrong, so that it was cut or changed on its way");
    }
    long index;
    try {
      index = Long.parseLong(parts.group(2));
    } catch (NumberFormatException e) {
      throw refused("its index is larger than any");
    }
    boolean none = parts.group(1).equals("-");
    if (none != (index == 0)) {
      throw refused("it names a state without a cluster, or a cluster without a state");
    }
    return none ? NONE : of(UUID.fromString(parts.group(1)), index);
  }

  private static IllegalArgumentException refused(String why) {
    return new IllegalArgumentException("not a bookmark: " + why);
  }

  private static String checksum(String body) {
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    return "%08x".formatted(crc.getValue());
  }

  /** The cluster whose log it is a place in; null for {@link #NONE}. */
  @Nullable UUID cluster() {
    return cluster;
  }

  /** The index of the log's entry. */
  long index() {
    return index;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Bookmark that
        && index == that.index
        && Objects.equals(cluster, that.cluster);
  }

  @Override
  public int hashCode() {
    return Objects.hash(cluster, index);
  }

  /** The text that {@link #parse} reads: ASCII, no spaces, at most 73 characters. */
  @Override
  public String toString() {
    String body = PREFIX + (cluster == null ? "-" : cluster) + ":" + index + ":";
    return body + checksum(body);
  }
}
