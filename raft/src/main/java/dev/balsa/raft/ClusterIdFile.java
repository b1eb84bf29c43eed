package dev.balsa.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the cluster's id in a file of one line of text, {@code balsa-cluster UUID}. The file is
 * written beside its place, forced, and renamed there: it is whole, or not there.
 */
public final class ClusterIdFile implements ClusterIdStore {
  private static final String PREFIX = "balsa-cluster ";
  private static final int BYTES = PREFIX.length() + 36 + 1;

  private final Path file;

  /** Keeps it in that file, whose folder exists. */
  public ClusterIdFile(Path file) {
    this.file = file.toAbsolutePath();
  }

  @Override
  public @Nullable UUID read() {
    byte[] bytes;
    try {
      if (Files.size(file) != BYTES) {
        throw damaged(null);
      }
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new LogStoreException("the cluster's id cannot be read: " + e, e);
    }
    String text = new String(bytes, StandardCharsets.US_ASCII);
    try {
      UUID id = UUID.fromString(text.substring(PREFIX.length(), BYTES - 1));
      if (!text.equals(line(id))) {
        throw damaged(null);
      }
      return id;
    } catch (IllegalArgumentException e) {
      throw damaged(e);
    }
  }

  @Override
  public void keep(UUID id) {
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    try {
      try (FileChannel out =
          FileChannel.open(
              beside,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        ByteBuffer bytes = ByteBuffer.wrap(line(id).getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel folder = FileChannel.open(Objects.requireNonNull(file.getParent()))) {
        folder.force(true);
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private LogStoreException failure(IOException e) {
    String message = "the cluster's id cannot be written to " + file + ": " + e.getMessage();
    String reason = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    // The JDK has no type for it: it passes on the operating system's words.
    return reason.contains("no space left") || reason.contains("disk quota exceeded")
        ? new LogFullException(message, e)
        : new LogStoreException(message, e);
  }

  private LogStoreException damaged(@Nullable Throwable cause) {
    String message =
        file
            + " does not hold a cluster's id; restore it from another node of the cluster, where"
            + " it is the same";
    return cause == null ? new LogStoreException(message) : new LogStoreException(message, cause);
  }

  private static String line(UUID id) {
    return PREFIX + id + "\n";
  }
}
