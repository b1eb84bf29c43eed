package dev.balsa.bench;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.log.ChronicleLogStore;
import dev.balsa.raft.log.LogStoreConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A batch of entries into the log, durably; and the same bytes into a plain file. The difference is
 * what the log costs.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 2)
@Fork(1)
@State(Scope.Benchmark)
public class LogBenchmark {
  /** Entries that are made durable together. */
  @Param({"1", "16", "256"})
  public int entries;

  /** Payload of each. */
  @Param({"100", "4096"})
  public int bytes;

  private byte[] payload;
  private BenchFolder folder;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // JMH calls the set-up first
  public LogBenchmark() {}

  /** The log, new for each iteration: it only grows. */
  @State(Scope.Benchmark)
  public static class Log {
    private static final HardState STATE = new HardState(1, 1, 0);

    private ChronicleLogStore store;
    private long next;

    /** Called by JMH. */
    @SuppressWarnings("NullAway.Init") // JMH calls the set-up first
    public Log() {}

    /** Opens a log. */
    @Setup(Level.Iteration)
    public void open(LogBenchmark benchmark) {
      store = ChronicleLogStore.open(benchmark.folder.path().resolve("log"), LogStoreConfig.of(1));
      next = 1;
    }

    /** Closes it. */
    @TearDown(Level.Iteration)
    public void close() {
      store.close();
    }
  }

  /** The yardstick. */
  @State(Scope.Benchmark)
  public static class Plain {
    private PlainFile file;
    private ByteBuffer batch;

    /** Called by JMH. */
    @SuppressWarnings("NullAway.Init") // JMH calls the set-up first
    public Plain() {}

    /** Makes the file. */
    @Setup(Level.Iteration)
    public void open(LogBenchmark benchmark) throws IOException {
      file = PlainFile.create(benchmark.folder.path().resolve("plain"));
      batch = ByteBuffer.allocateDirect(benchmark.entries * benchmark.bytes);
    }

    /** Closes it. */
    @TearDown(Level.Iteration)
    public void close() throws IOException {
      file.close();
    }
  }

  /** Makes a folder and a payload. */
  @Setup(Level.Iteration)
  public void prepare() throws IOException {
    folder = BenchFolder.make();
    payload = new byte[bytes];
    new SplittableRandom(1).nextBytes(payload);
  }

  /** Removes the folder. */
  @TearDown(Level.Iteration)
  public void cleanUp() throws IOException {
    folder.close();
  }

  /** Appends and forces a batch. */
  @Benchmark
  public void appendAndForce(Log log) {
    List<Entry> batch = new ArrayList<>(entries);
    for (int i = 0; i < entries; i++) {
      batch.add(new Entry(log.next++, 1, EntryType.COMMAND, payload));
    }
    log.store.append(Log.STATE, batch);
    log.store.force();
  }

  /** Writes and forces as many bytes. */
  @Benchmark
  public void plainAppendAndForce(Plain plain) throws IOException {
    ByteBuffer batch = plain.batch.clear();
    for (int i = 0; i < entries; i++) {
      batch.put(payload);
    }
    plain.file.append(batch.flip());
    plain.file.force();
  }
}
