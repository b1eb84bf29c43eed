package dev.balsa.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How often a second a disk takes 4 KiB and makes them durable, without anything of ours. */
public final class DiskYardstick implements AutoCloseable {
  /** About what the commit of one small row writes: one page. */
  private static final int WRITE_BYTES = 4096;

  private final List<PlainFile> files;

  private DiskYardstick(List<PlainFile> files) {
    this.files = files;
  }

  /** Prepares as many files as can be measured at once. */
  public static DiskYardstick prepare(Path folder, int filesMax) throws IOException {
    List<PlainFile> files = new ArrayList<>();
    for (int i = 0; i < filesMax; i++) {
      files.add(PlainFile.create(folder.resolve("yardstick" + i)));
    }
    return new DiskYardstick(files);
  }

  /**
   * Measures.
   *
   * @param writers files written at the same time, by a thread each
   * @return {@code fdatasync} a second, of each file
   */
  public double forcesPerSecond(int writers, long nanos) throws IOException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    try {
      List<Callable<Double>> tasks = new ArrayList<>();
      for (PlainFile file : files.subList(0, writers)) {
        tasks.add(() -> forcesPerSecond(file, nanos));
      }
      double sum = 0;
      for (Future<Double> rate : threads.invokeAll(tasks)) {
        sum += rate.get();
      }
      return sum / writers;
    } catch (ExecutionException e) {
      throw new IOException("the disk could not be measured: " + e.getMessage(), e);
    } finally {
      threads.shutdown();
    }
  }

  private static double forcesPerSecond(PlainFile file, long nanos) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(WRITE_BYTES);
    long started = System.nanoTime();
    long forces = 0;
    long taken;
    do {
      file.append(bytes.clear());
      file.force();
      forces++;
      taken = System.nanoTime() - started;
    } while (taken < nanos);
    return forces * 1e9 / taken;
  }

  @Override
  public void close() throws IOException {
    for (PlainFile file : files) {
      file.close();
    }
  }
}
