package dev.balsa.jepsen.disk;

import dev.balsa.jepsen.cluster.Ending;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * File systems of their own for the nodes: ext4 in image files, mounted by loop devices.
 *
 * <p>They are unmounted whatever becomes of this process. A guardian, a shell that waits for the
 * end of its standard input and then unmounts, outlives it in any case; the system frees a loop
 * device with its mount.
 */
public final class LoopDisks implements AutoCloseable {
  private static final Duration COMMAND_MAX = Duration.ofSeconds(60);
  private static final String GUARDIAN =
      "trap '' INT TERM HUP; cat >/dev/null; for m in \"$@\"; do umount -l \"$m\" 2>/dev/null; done";

  private final List<Path> images;
  private final List<Path> mounts;
  private final Process guardian;

  private LoopDisks(List<Path> images, List<Path> mounts, Process guardian) {
    this.images = images;
    this.mounts = mounts;
    this.guardian = guardian;
  }

  /**
   * Makes and mounts disks.
   *
   * @param folder for the images and the mount points
   * @param count how many
   * @param bytes size of each; the images are sparse
   * @throws DiskException if this machine cannot do it; nothing is left mounted
   */
  public static LoopDisks create(Path folder, int count, long bytes) throws IOException {
    List<Path> images = new ArrayList<>();
    List<Path> mounts = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      images.add(folder.resolve("disk" + i + ".img"));
      mounts.add(Files.createDirectories(folder.resolve("disk" + i)));
    }
    List<String> watch = new ArrayList<>(List.of("/bin/sh", "-c", GUARDIAN, "balsa-unmounts"));
    mounts.forEach(mount -> watch.add(mount.toString()));
    Process guardian =
        new ProcessBuilder(watch)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    LoopDisks disks = new LoopDisks(images, mounts, guardian);
    try {
      for (Path image : images) {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
          file.setLength(bytes);
        }
        run("mkfs.ext4", "-q", "-F", image.toString());
      }
      disks.mountAll();
      return disks;
    } catch (IOException | RuntimeException e) {
      disks.close();
      throw e;
    }
  }

  /**
   * Whether this machine can do all this.
   *
   * @return why not
   */
  public static Optional<String> missing() {
    try {
      Path folder = Files.createTempDirectory("balsa-disk");
      try (LoopDisks disks = create(folder, 1, 8 << 20)) {
        PowerSwitch.cut(disks.mounts);
        return Optional.empty();
      } finally {
        Files.deleteIfExists(folder.resolve("disk1.img"));
        Files.deleteIfExists(folder.resolve("disk1"));
        Files.deleteIfExists(folder);
      }
    } catch (IOException | DiskException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Where the disks are mounted, in order. */
  public List<Path> mounts() {
    return List.copyOf(mounts);
  }

  /** Cuts the power of all disks at the same moment. Whoever uses them gets errors from now on. */
  public void cutPower() {
    PowerSwitch.cut(mounts);
  }

  /** Mounts them again, as after a power failure. Nobody may use them any more. */
  public void powerUp() throws IOException {
    for (Path mount : mounts) {
      run("umount", mount.toString());
    }
    mountAll();
  }

  private void mountAll() throws IOException {
    for (int i = 0; i < mounts.size(); i++) {
      run("mount", "-o", "loop", images.get(i).toString(), mounts.get(i).toString());
    }
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!Ending.of(process, COMMAND_MAX)) {
      process.destroyForcibly();
      throw new DiskException(String.join(" ", command) + " does not end", null);
    }
    if (process.exitValue() != 0) {
      throw new DiskException(String.join(" ", command) + ": " + said.strip(), null);
    }
  }

  /** Unmounts everything. The images stay. */
  @Override
  public void close() throws IOException {
    guardian.getOutputStream().close();
    if (!Ending.of(guardian, COMMAND_MAX)) {
      throw new DiskException("the guardian of " + mounts + " does not end", null);
    }
  }
}
