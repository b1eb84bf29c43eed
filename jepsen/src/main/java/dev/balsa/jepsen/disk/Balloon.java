package dev.balsa.jepsen.disk;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that takes all the room of its disk until it is closed. */
public final class Balloon implements AutoCloseable {
  private static final int STEP_BYTES = 1 << 20;

  private final Path file;

  private Balloon(Path file) {
    this.file = file;
  }

  /**
   * Fills a disk to the last block.
   *
   * @param folder on that disk
   * @throws IOException if the file cannot even be made
   */
  public static Balloon fill(Path folder) throws IOException {
    Balloon balloon = new Balloon(folder.resolve("balloon"));
    try (OutputStream out = Files.newOutputStream(balloon.file)) {
      for (int step = STEP_BYTES; step >= 512; step /= 2) {
        blow(out, new byte[step]);
      }
    }
    return balloon;
  }

  private static void blow(OutputStream out, byte[] step) {
    try {
      while (true) {
        out.write(step);
      }
    } catch (IOException e) {
      // That is the point: no room for a step of that size.
    }
  }

  /** Gives the room back. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
