package dev.balsa.sqlite.crash;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Goes through the images of a trace: the power fails after each operation, with each damage. */
public final class CrashPoints {
  /** What is to be done with an image. */
  public interface Check<E extends Exception> {
    /**
     * Looks at what may be found.
     *
     * @param operations how many had been done when the power failed
     */
    void check(int operations, Damage damage, CrashImage image) throws E;
  }

  private CrashPoints() {}

  /**
   * Shows each image, also that of before the first operation. Of those of one point that are the
   * same, only the first is shown.
   *
   * @param seed of all that is random; a failure's message says damage, point and seed
   * @return how many images were shown
   */
  public static <E extends Exception> int forEach(
      DiskTrace trace, Set<Damage> damages, long seed, Check<E> check) throws E {
    Disk disk = Disk.before(trace);
    int shown = 0;
    int done = 0;
    List<Operation> operations = trace.operations();
    while (true) {
      List<CrashImage> seen = new ArrayList<>();
      for (Damage damage : EnumSet.copyOf(damages)) {
        CrashImage image = CrashImage.of(disk, damage, imageSeed(seed, done));
        if (seen.stream().noneMatch(image::sameAs)) {
          seen.add(image);
          show(check, done, damage, image, seed);
          shown++;
        }
      }
      if (done == operations.size()) {
        return shown;
      }
      disk.apply(operations.get(done));
      done++;
    }
  }

  private static <E extends Exception> void show(
      Check<E> check, int done, Damage damage, CrashImage image, long seed) throws E {
    try {
      check.check(done, damage, image);
    } catch (AssertionError e) {
      throw new AssertionError(
          "power failed after operation " + done + ", " + damage + ", seed " + seed, e);
    }
  }

  /** The seed of the images of one point. */
  public static long imageSeed(long seed, int operations) {
    return seed * 1_000_003 + operations;
  }
}
