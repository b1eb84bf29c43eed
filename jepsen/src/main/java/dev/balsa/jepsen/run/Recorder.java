package dev.balsa.jepsen.run;

import dev.balsa.jepsen.history.HistoryWriter;
import dev.balsa.jepsen.history.Op;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Writes the history of a run, and counts. Thread-safe. */
final class Recorder implements Closeable {
  private final long started = System.nanoTime();
  private final HistoryWriter writer;
  private final Map<Op.Type, AtomicLong> counts = new EnumMap<>(Op.Type.class);
  private final AtomicLong lastProcess = new AtomicLong(-1);

  private Recorder(HistoryWriter writer) {
    this.writer = writer;
    for (Op.Type type : Op.Type.values()) {
      counts.put(type, new AtomicLong());
    }
  }

  static Recorder create(Path file) throws IOException {
    return new Recorder(HistoryWriter.create(file));
  }

  /** A process that nobody has been. */
  long newProcess() {
    return lastProcess.incrementAndGet();
  }

  Op invoke(long process, String f, @Nullable Object value, long node) throws IOException {
    counter(Op.Type.INVOKE).incrementAndGet();
    return writer.invoke(process, f, value, node);
  }

  void complete(Op invoke, Completion completion) throws IOException {
    writer.complete(invoke, completion.type(), completion.value(), completion.error());
    counter(completion.type()).incrementAndGet();
  }

  /** Something is about to be done to the cluster, or has been, such as {@code start-kill}. */
  void nemesis(String f, @Nullable String what) throws IOException {
    writer.nemesis(f, what);
  }

  /** How many operations have been called, or have ended so. */
  long count(Op.Type type) {
    return counter(type).get();
  }

  private AtomicLong counter(Op.Type type) {
    return Objects.requireNonNull(counts.get(type));
  }

  /** Nanoseconds since the run began, as in the history. */
  long nanos() {
    return System.nanoTime() - started;
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
